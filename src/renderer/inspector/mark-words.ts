import type { PromptCheck, UnknownWord, WordReason } from '../../shared/word-help.ts';

/** A piece of a prompt, and how the model takes it. */
export interface PromptPart {
  readonly start: number;
  readonly text: string;
  readonly taken: 'read' | 'unknown' | 'unread';
}

/** A prompt in pieces: the unknown words apart, and what is not read. Offsets that do not fit the text are left out. */
export function markWords(prompt: string, { unknown, unreadFrom }: PromptCheck): PromptPart[] {
  const parts: PromptPart[] = [];
  let at = 0;
  const add = (end: number, taken: PromptPart['taken']) => {
    if (end > at) parts.push({ start: at, text: prompt.slice(at, end), taken });
    at = Math.max(at, end);
  };
  const readTo = Math.min(unreadFrom ?? prompt.length, prompt.length);
  for (const { start, end } of [...unknown].sort((a, b) => a.start - b.start)) {
    if (start < at || end > readTo) continue;
    add(start, 'read');
    add(end, 'unknown');
  }
  add(readTo, 'read');
  add(prompt.length, 'unread');
  return parts;
}

/** Why a word may be replaced without a look at each: what is taken instead is the same word, or means the same. */
const sureReasons: ReadonlySet<WordReason> = new Set(['plural', 'form', 'meaning', 'symbol']);

/** The words that one press may replace, each by its nearest. */
export function replaceable(unknown: readonly UnknownWord[]): { word: UnknownWord; replacement: string }[] {
  return unknown.flatMap((word) => {
    const [replacement] = word.suggestions;
    return replacement !== undefined && sureReasons.has(word.reason) ? [{ word, replacement }] : [];
  });
}

/** The prompt with several words replaced. */
export function replaceWords(prompt: string, words: ReturnType<typeof replaceable>): string {
  return words
    .toSorted((a, b) => b.word.start - a.word.start)
    .reduce((text, { word, replacement }) => replaceWord(text, word, replacement), prompt);
}

/** The prompt with one word replaced; a capital stays a capital. */
export function replaceWord(
  prompt: string,
  { start, end }: Pick<UnknownWord, 'start' | 'end'>,
  replacement: string,
): string {
  const capital = /^\p{Lu}/u.test(prompt.slice(start, end));
  const text = capital ? (replacement[0] ?? '').toUpperCase() + replacement.slice(1) : replacement;
  return prompt.slice(0, start) + text + prompt.slice(end);
}
