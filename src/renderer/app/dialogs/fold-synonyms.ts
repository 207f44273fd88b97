import type { KnownWord } from '../../../shared/word-help.ts';

/** Words that a model draws alike, under the plainest of them. */
export interface Meaning {
  readonly head: KnownWord;
  /** The others, forms of the same verb left out. */
  readonly others: readonly string[];
}

/** A vocabulary with its synonyms folded: the first word of each meaning stands for all. */
export function foldSynonyms(words: readonly KnownWord[]): Meaning[] {
  const known = new Set(words.map(({ word }) => word));
  const folded = new Set<string>();
  const meanings: Meaning[] = [];
  for (const head of words) {
    if (folded.has(head.word)) continue;
    const alike = head.synonyms.filter((word) => known.has(word));
    for (const word of [head.word, ...alike]) folded.add(word);
    meanings.push({ head, others: oneOfEachVerb(alike, head.word) });
  }
  return meanings;
}

/** Of `walk`, `walks` and `walking` only the first, and none that is a form of `head`. */
function oneOfEachVerb(words: readonly string[], head: string): string[] {
  const stems = new Set([stemOf(head)]);
  return words.filter((word) => {
    const stem = stemOf(word);
    return !stems.has(stem) && stems.add(stem);
  });
}

function stemOf(word: string): string {
  return word.length < 5 ? word.replace(/s$/, '') : word.replace(/(ing|es|s|e)$/, '').replace(/([gnptz])\1$/, '$1');
}

/** Those whose words begin with what is sought; all where nothing is. */
export function meaningsMatching(meanings: readonly Meaning[], sought: string): readonly Meaning[] {
  const beginning = sought.trim().toLowerCase();
  if (beginning === '') return meanings;
  return meanings.filter(({ head }) => [head.word, ...head.synonyms].some((word) => word.startsWith(beginning)));
}
