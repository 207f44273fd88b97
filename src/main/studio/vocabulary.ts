import { join } from 'node:path';
import { z } from 'zod';
import type { PromptCheck, UnknownWord } from '../../shared/api/types.ts';
import { readJson } from './json-file.ts';

const vocabularySchema = z.object({
  words: z.array(
    z.object({ word: z.string(), part: z.string(), group: z.string(), synonyms: z.array(z.string()).default([]) }),
  ),
});
/** Of a model's config.json, what says how much of a prompt fits (docs/model-format.md). */
const capacitySchema = z.object({
  text: z.object({ textLength: z.int().positive(), maxTokens: z.int().positive().optional() }),
});
type Word = z.infer<typeof vocabularySchema>['words'][number];

const mostSuggestions = 4;
/** Longer words may be further off. */
const lettersPerError = 3;

/** The words a model knows, where it says so; of other models every word counts as known. */
export class Vocabulary {
  readonly words: readonly Word[];
  readonly #known: ReadonlySet<string>;
  readonly #capacity: number;

  /** @param capacity tokens that the model reads of a prompt, the end token not counted */
  constructor(words: readonly Word[], capacity = Number.POSITIVE_INFINITY) {
    this.words = words;
    this.#capacity = capacity;
    this.#known = new Set(words.map(({ word }) => word));
  }

  static open(modelFolder: string): Vocabulary {
    const parsed = vocabularySchema.safeParse(readJson(join(modelFolder, 'vocabulary.json')));
    const config = capacitySchema.safeParse(readJson(join(modelFolder, 'config.json')));
    const text = config.data?.text;
    return new Vocabulary(parsed.data?.words ?? [], text && (text.maxTokens ?? text.textLength) - 1);
  }

  /** The words that the model does not know, and where it stops reading; of a model that lists no words, nothing is said. */
  check(prompt: string): PromptCheck {
    const unknown: UnknownWord[] = [];
    if (this.#known.size === 0) return { unknown, unreadFrom: null };
    // As the tokenizer splits, a token each: runs of letters, digits and underscores, and runs of other signs.
    const tokens = [...prompt.matchAll(/[\p{L}\p{N}_]+|[^\p{L}\p{N}_\s]+/gu)];
    for (const match of tokens.slice(0, this.#capacity)) {
      const word = match[0].toLowerCase();
      if (this.#known.has(word) || !/[\p{L}\p{N}_]/u.test(word)) continue;
      unknown.push({
        start: match.index,
        end: match.index + match[0].length,
        word: match[0],
        suggestions: this.#suggest(word),
      });
    }
    return { unknown, unreadFrom: tokens[this.#capacity]?.index ?? null };
  }

  /** Words that list it as a synonym, then other forms of it, then those written much alike. */
  #suggest(word: string): string[] {
    const meant = this.words.filter(({ synonyms }) => synonyms.includes(word)).map((known) => known.word);
    const stem = stemOf(word);
    const forms =
      stem.length < 3 ? [] : this.words.filter((known) => stemOf(known.word) === stem).map((known) => known.word);
    const most = Math.max(1, Math.floor(word.length / lettersPerError));
    const alike = this.words
      .map((known) => ({ word: known.word, distance: editDistance(word, known.word, most) }))
      .filter(({ distance }) => distance <= most)
      .sort((a, b) => a.distance - b.distance)
      .map((known) => known.word);
    return [...new Set([...meant, ...forms, ...alike])].slice(0, mostSuggestions);
  }
}

/** Without the endings that English verbs and plurals take. */
function stemOf(word: string): string {
  return word.replace(/(ing|ed|es|s|e)$/, '');
}

/** Insertions, deletions, changes and swaps of neighbours between two words; gives up above `most`. */
export function editDistance(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return most + 1;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (last[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let cost = Math.min(change, (last[j] as number) + 1, (row[j - 1] as number) + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, (before[j - 2] as number) + 1);
      row.push(cost);
    }
    if (Math.min(...row) > most) return most + 1;
    before = last;
    last = row;
  }
  return last[b.length] as number;
}
