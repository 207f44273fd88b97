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

export const isMark = (token: Token | undefined): boolean => token !== undefined && !/^[\p{L}\p{N}]/u.test(token.low);

/** Where a sentence begins or ends. */
export const endsSentence = (token: Token | undefined): boolean => token === undefined || /^[.!?]$/.test(token.low);
