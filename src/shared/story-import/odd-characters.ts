/** Line ends as `\n`, whatever they were (CRLF, CR), and no byte order mark. */
export function withPlainLineEnds(text: string): string {
  return text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
}

/** And the rarer ones that text, but not JSON, is broken at: form feeds, U+0085, U+2028, U+2029. */
export function withEveryLineEnd(text: string): string {
  return text.replace(/[\v\f\u0085\u2028\u2029]/g, '\n');
}

/** Characters that no prompt or field may hold: controls but for tab and line end, halves of pairs, non-characters. */
const odd = new RegExp(
  [
    '[\\u0000-\\u0008\\u000B-\\u001F\\u007F-\\u009F\\uFEFF\\uFFFE\\uFFFF]',
    '[\\uD800-\\uDBFF](?![\\uDC00-\\uDFFF])',
    '(?<![\\uD800-\\uDBFF])[\\uDC00-\\uDFFF]',
  ].join('|'),
  'g',
);

/** The text without such characters, and which they were (`U+0000`), each once. */
export function withoutOddCharacters(text: string): { text: string; removed: string[] } {
  const removed = new Set<string>();
  const clean = text.replace(odd, (character) => {
    removed.add(`U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`);
    return '';
  });
  return { text: clean, removed: [...removed] };
}
