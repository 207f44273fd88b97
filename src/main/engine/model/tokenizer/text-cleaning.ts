import { decodeHTML } from 'entities';

/** `whitespace`: white space collapsed (the built-in model). `published`: as Wan's own code cleans prompts. */
export type TextCleaning = 'whitespace' | 'published';

export function cleanPrompt(prompt: string, cleaning: TextCleaning): string {
  const text = cleaning === 'published' ? decodeHTML(decodeHTML(fixText(prompt))) : prompt;
  return text.replaceAll(/\s+/gu, ' ').trim();
}

/** Typographic quotes become straight ones. */
const quotes: readonly (readonly [RegExp, string])[] = [
  [/[\u2018\u2019\u201a\u201b\u02bc]/g, "'"],
  [/[\u201c\u201d\u201e\u201f]/g, '"'],
];
const ligatures: Readonly<Record<string, string>> = {
  '\ufb00': 'ff',
  '\ufb01': 'fi',
  '\ufb02': 'fl',
  '\ufb03': 'ffi',
  '\ufb04': 'ffl',
  '\ufb05': '\u017ft',
  '\ufb06': 'st',
  '\u0132': 'IJ',
  '\u0133': 'ij',
  '\u0149': '\u02bcn',
  '\u01f1': 'DZ',
  '\u01f2': 'Dz',
  '\u01f3': 'dz',
  '\u01c4': 'D\u017d',
  '\u01c5': 'D\u017e',
  '\u01c6': 'd\u017e',
  '\u01c7': 'LJ',
  '\u01c8': 'Lj',
  '\u01c9': 'lj',
  '\u01ca': 'NJ',
  '\u01cb': 'Nj',
  '\u01cc': 'nj',
};

/**
 * What ftfy does to text that is almost right: UTF-8 that was read as Windows-1252 or Latin-1, terminal escapes, ligatures,
 * full-width letters, curled quotes, line ends, halves of surrogate pairs, control characters; then NFC.
 */
function fixText(text: string): string {
  let fixed = unmisread(text);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: terminal escapes are made of them
  fixed = fixed.replaceAll(/\u001b\[[0-9;]{0,32}[A-Za-z]/g, '');
  fixed = fixed.replaceAll(/[\ufb00-\ufb06\u0132\u0133\u0149\u01c4-\u01cc\u01f1-\u01f3]/g, (c) => ligatures[c] ?? c);
  fixed = fixed.replaceAll(/[\uff01-\uffef\u3000]/g, (c) => (c === '\u3000' ? ' ' : c.normalize('NFKC')));
  for (const [curled, straight] of quotes) fixed = fixed.replaceAll(curled, straight);
  fixed = fixed.replaceAll(/\r\n|[\r\u0085\u2028\u2029]/g, '\n').toWellFormed();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is removed
  fixed = fixed.replaceAll(/[\u0000-\u0008\u000b\u000e-\u001f\u007f\u206a-\u206f\ufeff\ufff9-\ufffc]/g, '');
  return fixed.normalize('NFC');
}

/** Windows-1252's own characters at 0x80 to 0x9f. */
const windows1252 = new TextDecoder('windows-1252');
const byteOf = new Map(Array.from({ length: 256 }, (_, byte) => [windows1252.decode(Uint8Array.of(byte)), byte]));
const utf8 = new TextDecoder('utf-8', { fatal: true });
/** A first and a following byte of UTF-8, each read as a character of its own. */
const misread =
  /[\u00c2-\u00f4][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u2026\u2030\u2039\u203a\u20ac\u2122]/;
/** Text may have been misread more than once. */
const mostMisreadings = 3;

/** "CafÃ©" is "Café" in UTF-8, read as Windows-1252. Only where the whole text gives proper UTF-8 back. */
function unmisread(text: string): string {
  let result = text;
  for (let i = 0; i < mostMisreadings && misread.test(result); i++) {
    const bytes = Array.from(result, (c) => byteOf.get(c) ?? (c.charCodeAt(0) < 256 ? c.charCodeAt(0) : -1));
    if (bytes.includes(-1)) break;
    try {
      result = utf8.decode(Uint8Array.from(bytes));
    } catch {
      break;
    }
  }
  return result;
}
