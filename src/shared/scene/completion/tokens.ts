/** A word or a mark of a prompt. Offsets in UTF-16 units. */
export interface Token {
  readonly text: string;
  /** In small letters, a curly apostrophe made straight. */
  readonly low: string;
  readonly start: number;
  readonly end: number;
}

export function tokensOf(prompt: string): Token[] {
  return [...prompt.matchAll(/\p{L}[\p{L}\p{M}]*|\p{N}+|[^\s\p{L}\p{N}]/gu)].map(({ 0: text, index }) => ({
    text,
    low: text.toLowerCase().replaceAll('’', "'"),
    start: index,
    end: index + text.length,
  }));
}

/** What someone says, and what is asked: neither shows who or what is there. A single quoted word may be a name. */
const quoted = /"[^"\n]*"|“[^“”\n]*”|«[^«»\n]*»/g;
const sentences = /[^.!?\n]+[.!?\n]?/g;

/** The prompt with spaces in place of speech and questions: offsets stay. */
export function withoutAsides(prompt: string): string {
  const blank = (text: string): string => ' '.repeat(text.length);
  return prompt
    .replace(quoted, (text) => (/[\s.!?,]/.test(text) ? blank(text) : text))
    .replace(sentences, (text) => (text.endsWith('?') ? blank(text) : text));
}

export const isMark = (token: Token | undefined): boolean => token !== undefined && !/^[\p{L}\p{N}]/u.test(token.low);

/** Where a sentence begins or ends. */
export const endsSentence = (token: Token | undefined): boolean => token === undefined || /^[.!?]$/.test(token.low);
