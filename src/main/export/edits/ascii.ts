import anyAscii from 'any-ascii';

/** Text in printable ASCII: other scripts transliterated, what has no transliteration left out, white space folded. */
export function asciiOf(text: string): string {
  return anyAscii(text.normalize('NFC'))
    .replace(/\s+/g, ' ')
    .replace(/[^\x20-\x7e]/g, '')
    .trim();
}
