import { join } from 'node:path';
import { z } from 'zod';
import type { KnownWord, PromptCheck, UnknownWord } from '../../../shared/word-help.ts';
import { readJson } from '../json-file.ts';
import { adviceFor, baseForms, kindOf, wordsLike } from './related-words.ts';
import { typingErrorFor } from './spelling.ts';

const vocabularySchema = z.object({
  words: z.array(
    z.object({ word: z.string(), part: z.string(), group: z.string(), synonyms: z.array(z.string()).default([]) }),
  ),
});
/** Of a model's config.json, what says how much of a prompt fits (docs/model-format.md). */
const capacitySchema = z.object({
  text: z.object({ textLength: z.int().positive(), maxTokens: z.int().positive().optional() }),
});

const mostSuggestions = 4;
/** A kind of thing is shown by more of its words than a single meaning. */
const mostOfAKind = 8;
const mostTypingErrors = 2;
/** Signs that a sentence is written with: a model that does not know them loses nothing. */
const sentenceSigns = /[.,;:!?'"()[\]{}\-–—…‘’“”«»¿¡/]/gu;

type Help = Pick<UnknownWord, 'reason' | 'suggestions' | 'group' | 'advice'>;

function help(reason: Help['reason'], suggestions: readonly string[], most = mostSuggestions): Help {
  return { reason, suggestions: suggestions.slice(0, most), group: null, advice: null };
}

/** The words a model knows, where it says so; of other models every word counts as known. */
export class Vocabulary {
  readonly words: readonly KnownWord[];
  readonly #known: ReadonlyMap<string, KnownWord>;
  /** Words by what they may be a form of; each is among its own. */
  readonly #byForm: ReadonlyMap<string, readonly string[]>;
  readonly #byStem: ReadonlyMap<string, readonly string[]>;
  readonly #capacity: number;

  /** @param capacity tokens that the model reads of a prompt, the end token not counted */
  constructor(words: readonly KnownWord[], capacity = Number.POSITIVE_INFINITY) {
    this.words = words;
    this.#capacity = capacity;
    this.#known = new Map(words.map((known) => [known.word, known]));
    this.#byForm = groupedBy(words, baseForms);
    this.#byStem = groupedBy(words, (word) => [stemOf(word)]);
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
    const unreadFrom = tokens[this.#capacity]?.index ?? null;
    // As a person reads: what an apostrophe joins is one word.
    for (const match of prompt.matchAll(/[\p{L}\p{N}_]+(?:['’][\p{L}\p{N}_]+)*|[^\p{L}\p{N}_\s]+/gu)) {
      const start = match.index;
      const end = start + match[0].length;
      if (unreadFrom !== null && end > unreadFrom) break;
      if (!/[\p{L}\p{N}_]/u.test(match[0])) unknown.push(...this.#signs(match[0], start));
      else if (!this.#knows(match[0].toLowerCase())) {
        const beginsSentence = /(^|[.!?])\s*["'“‘(]*$/u.test(prompt.slice(0, start));
        unknown.push({ start, end, word: match[0], ...this.#help(match[0], beginsSentence) });
      }
    }
    return { unknown, unreadFrom };
  }

  #knows(word: string): boolean {
    return this.#known.has(word) || this.#known.has(withoutPossessive(word));
  }

  /** Emoji and other signs, neighbours together. */
  #signs(token: string, offset: number): UnknownWord[] {
    const rest = token.replaceAll(sentenceSigns, (sign) => ' '.repeat(sign.length));
    return (
      [...rest.matchAll(/\S+/g)]
        // Marks of writing direction and the like are seen by nobody, and so no words.
        .filter(([sign]) => !this.#known.has(sign) && !/^\p{Cf}+$/u.test(sign))
        .map((match) => {
          const start = offset + match.index;
          const suggestions = [...new Intl.Segmenter().segment(match[0])]
            .map(({ segment }) => this.#knownAmong(wordsLike(segment))[0] ?? null)
            .filter((word) => word !== null);
          const words = suggestions.length > 0 ? [[...new Set(suggestions)].join(' ')] : [];
          return { start, end: start + match[0].length, word: match[0], ...help('symbol', words) };
        })
    );
  }

  /** Words to take instead: of the same meaning, other forms, of the same kind; and last what may be a typing error. */
  #help(written: string, beginsSentence: boolean): Help {
    const word = withoutPossessive(written.toLowerCase());
    const forms = baseForms(word);
    const singular = forms.find((form) => form !== word && this.#known.get(form)?.part === 'noun');
    if (singular !== undefined) return help('plural', [singular]);
    const same = forms.flatMap((form) => this.#byForm.get(form) ?? []);
    if (same.length > 0) return help('form', this.#inFormOf(word, same));
    const meant = this.words.filter(({ synonyms }) => forms.some((form) => synonyms.includes(form)));
    if (meant.length > 0) {
      return help(
        'meaning',
        this.#inFormOf(
          word,
          meant.map((known) => known.word),
        ),
      );
    }
    for (const form of forms) {
      const like = this.#knownAmong(wordsLike(form));
      if (like.length > 0) return help('meaning', this.#inFormOf(word, like));
    }
    for (const form of forms) {
      const kind = kindOf(form);
      const ofKind = kind && this.#ofKind(kind.group, kind.prefer);
      if (kind && ofKind && ofKind.length > 0) {
        return { ...help('kind', this.#inFormOf(word, ofKind), mostOfAKind), group: kind.group };
      }
    }
    const advice = forms.map(adviceFor).find((text) => text !== null) ?? null;
    if (advice !== null) return { ...help('none', []), advice };
    if (!beginsSentence && /^\p{Lu}\p{Ll}+/u.test(written)) {
      const names = this.#ofKind('name', []);
      if (names.length > 0) return { ...help('kind', names, mostOfAKind), group: 'name' };
    }
    const meantToType = typingErrorFor(word, [...this.#known.keys()]);
    return meantToType.length > 0 ? help('spelling', meantToType, mostTypingErrors) : help('none', []);
  }

  #knownAmong(words: readonly string[]): string[] {
    return words.filter((word) => this.#known.has(word));
  }

  /** Words of a group: those preferred, or where few of them are known one of each meaning. */
  #ofKind(group: string, prefer: readonly string[]): string[] {
    const preferred = this.#knownAmong(prefer);
    if (preferred.length > 1) return preferred;
    const seen = new Set<string>();
    return this.words
      .filter((known) => known.group === group)
      .filter(({ word, synonyms }) => {
        const isNew = !seen.has(stemOf(word));
        for (const other of [word, ...synonyms]) seen.add(stemOf(other));
        return isNew;
      })
      .map(({ word }) => word);
  }

  /** Each stem once, in the form that ends as `like` does where the model knows that form. */
  #inFormOf(like: string, words: readonly string[]): string[] {
    const ending = endingOf(like);
    const best = words.map((word) => {
      const forms = this.#byStem.get(stemOf(word)) ?? [word];
      return forms.find((form) => endingOf(form) === ending) ?? word;
    });
    const stems = new Set<string>();
    return best.filter((word) => {
      const stem = stemOf(word);
      return !stems.has(stem) && stems.add(stem);
    });
  }
}

function groupedBy(words: readonly KnownWord[], keysOf: (word: string) => readonly string[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const { word } of words) for (const key of keysOf(word)) groups.set(key, [...(groups.get(key) ?? []), word]);
  return groups;
}

function withoutPossessive(word: string): string {
  return word.replace(/['’]s?$/u, '');
}

function endingOf(word: string): string {
  return /(ing|s)$/.exec(word)?.[0] ?? '';
}

/** Without the endings that English verbs and plurals take, and without the letter they double. */
function stemOf(word: string): string {
  const stem = word.replace(/(ing|ed|es|s|e)$/, '');
  return stem.length < 3 ? word : stem.replace(/([bdgmnprt])\1$/, '$1');
}
