import type { UnknownWord } from '../../shared/api/types.ts';

/** A piece of a prompt, known or not. */
export interface PromptPart {
  readonly start: number;
  readonly text: string;
  readonly unknown: boolean;
}

/** A prompt in pieces, the unknown words apart. Offsets that do not fit the text are left out. */
export function markWords(prompt: string, words: readonly UnknownWord[]): PromptPart[] {
  const parts: PromptPart[] = [];
  let at = 0;
  for (const { start, end } of [...words].sort((a, b) => a.start - b.start)) {
    if (start < at || end > prompt.length) continue;
    if (start > at) parts.push({ start: at, text: prompt.slice(at, start), unknown: false });
    parts.push({ start, text: prompt.slice(start, end), unknown: true });
    at = end;
  }
  if (at < prompt.length) parts.push({ start: at, text: prompt.slice(at), unknown: false });
  return parts;
}

/** The prompt with one word replaced; a capital stays a capital. */
export function replaceWord(prompt: string, { start, end }: UnknownWord, replacement: string): string {
  const capital = /^\p{Lu}/u.test(prompt.slice(start, end));
  const text = capital ? (replacement[0] ?? '').toUpperCase() + replacement.slice(1) : replacement;
  return prompt.slice(0, start) + text + prompt.slice(end);
}
