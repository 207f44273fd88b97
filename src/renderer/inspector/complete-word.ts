import type { KnownWord } from '../../shared/word-help.ts';

/** The beginning of a word, up to where a person types. Offsets in UTF-16 units. */
export interface BegunWord {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Letters before anything is offered. */
const leastLetters = 2;
const mostOffered = 6;
/** Groups that are no help to be reminded of. */
const smallWords = 'grammar';

/** The word that ends at the caret; null within a word, and where there are too few letters. */
export function begunWord(prompt: string, caret: number): BegunWord | null {
  if (/^[\p{L}\p{N}_]/u.test(prompt.slice(caret))) return null;
  const text = /[\p{L}\p{N}_]*$/u.exec(prompt.slice(0, caret))?.[0] ?? '';
  return text.length < leastLetters ? null : { start: caret - text.length, end: caret, text };
}

/** Words that begin so, in the order of the vocabulary, which has the plainest first. None for a word that is whole. */
export function completions(words: readonly KnownWord[], begun: string): KnownWord[] {
  const beginning = begun.toLowerCase();
  const found = words.filter(({ word, group }) => word.startsWith(beginning) && group !== smallWords);
  return found.some(({ word }) => word === beginning) ? [] : found.slice(0, mostOffered);
}
