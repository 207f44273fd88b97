/** How the bytes of a text were read. `windows-1252` is what most files called Latin-1 are, and reads those too. */
export const textEncodings = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1252', 'mixed'] as const;
export type TextEncoding = (typeof textEncodings)[number];

export interface DecodedText {
  /** Without a byte order mark; line ends as they are. */
  readonly text: string;
  readonly encoding: TextEncoding;
}

/**
 * Reads the bytes of a text file: by its byte order mark, else as UTF-16 where every other byte is zero, else as UTF-8,
 * else as Windows-1252. A UTF-8 text with a few stray bytes is `mixed`: those bytes alone are read as Windows-1252.
 * Never gives a replacement character for what is there. Linear.
 */
export function decodeText(bytes: Uint8Array): DecodedText {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return utf16(bytes.subarray(2), 'utf-16le');
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return utf16(bytes.subarray(2), 'utf-16be');
  const unmarked = zeroEveryOther(bytes);
  if (unmarked) return utf16(bytes, unmarked);
  const rest = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(rest), encoding: 'utf-8' };
  } catch {
    const { sequences, strays } = countSequences(rest);
    return sequences > strays
      ? { text: decodeMixed(rest), encoding: 'mixed' }
      : { text: decodeWindows1252(rest), encoding: 'windows-1252' };
  }
}

/** What to tell a person of the way a text was read, or null where it is UTF-8 as it should be. */
export function encodingNote(encoding: TextEncoding): string | null {
  switch (encoding) {
    case 'utf-8':
      return null;
    case 'utf-16le':
    case 'utf-16be':
      return 'the text is UTF-16 and was read as such.';
    case 'windows-1252':
      return 'the text is not UTF-8; it was read as Latin-1 (Windows-1252). Check accents and quotes.';
    case 'mixed':
      return 'a few characters are not UTF-8; they were read as Latin-1 (Windows-1252). Check accents and quotes.';
  }
}

function utf16(bytes: Uint8Array, encoding: 'utf-16le' | 'utf-16be'): DecodedText {
  // By hand: a decoder would turn a lone surrogate into a replacement character, and we say of it what it is.
  const [high, low] = encoding === 'utf-16le' ? [1, 0] : [0, 1];
  const parts: string[] = [];
  const unitsAPart = 8192;
  const count = bytes.length >> 1;
  for (let from = 0; from < count; from += unitsAPart) {
    const units = new Uint16Array(Math.min(unitsAPart, count - from));
    for (let i = 0; i < units.length; i++) {
      const at = (from + i) * 2;
      units[i] = ((bytes[at + high] ?? 0) << 8) | (bytes[at + low] ?? 0);
    }
    parts.push(String.fromCharCode(...units));
  }
  return { text: parts.join(''), encoding };
}

/** Bytes looked at to recognise UTF-16 without a mark. */
const sampleBytes = 4096;

function zeroEveryOther(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | null {
  if (bytes.length < 4 || bytes.length % 2 !== 0) return null;
  const sample = bytes.subarray(0, sampleBytes);
  let even = 0;
  let odd = 0;
  for (let i = 0; i < sample.length; i++) {
    if (sample[i] === 0) {
      if (i % 2 === 0) even += 1;
      else odd += 1;
    }
  }
  const half = sample.length / 2;
  if (odd > half * 0.5 && even < half * 0.05) return 'utf-16le';
  if (even > half * 0.5 && odd < half * 0.05) return 'utf-16be';
  return null;
}

/** Length in bytes of the UTF-8 sequence of several bytes at `at`; 0 where there is none. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  const length = first >= 0xf0 && first <= 0xf4 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;
  if (length === 0 || first > 0xf4 || at + length > bytes.length) return 0;
  for (let i = 1; i < length; i++) if (((bytes[at + i] ?? 0) & 0xc0) !== 0x80) return 0;
  const second = bytes[at + 1] ?? 0;
  const wrong =
    (first === 0xe0 && second < 0xa0) || // longer than need be
    (first === 0xed && second > 0x9f) || // a surrogate
    (first === 0xf0 && second < 0x90) ||
    (first === 0xf4 && second > 0x8f); // past the last character
  return wrong ? 0 : length;
}

function countSequences(bytes: Uint8Array): { sequences: number; strays: number } {
  let sequences = 0;
  let strays = 0;
  for (let i = 0; i < bytes.length; i++) {
    if ((bytes[i] ?? 0) < 0x80) continue;
    const length = sequenceLength(bytes, i);
    if (length > 0) {
      sequences += 1;
      i += length - 1;
    } else {
      strays += 1;
    }
  }
  return { sequences, strays };
}

function decodeMixed(bytes: Uint8Array): string {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const parts: string[] = [];
  let from = 0;
  for (let i = 0; i < bytes.length; i++) {
    if ((bytes[i] ?? 0) < 0x80) continue;
    const length = sequenceLength(bytes, i);
    if (length > 0) {
      i += length - 1;
      continue;
    }
    parts.push(decoder.decode(bytes.subarray(from, i)), decodeWindows1252(bytes.subarray(i, i + 1)));
    from = i + 1;
  }
  parts.push(decoder.decode(bytes.subarray(from)));
  return parts.join('');
}

/** Windows-1252 from 0x80 to 0x9f; 0 where it has no character, which then stays the control character of Latin-1. */
const windows1252 = [
  0x20ac, 0, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017d, 0, 0,
  0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0, 0x017e, 0x0178,
];

/** By hand: not every runtime's `TextDecoder` agrees on 0x80 to 0x9f. */
function decodeWindows1252(bytes: Uint8Array): string {
  const parts: string[] = [];
  const bytesAPart = 8192;
  for (let from = 0; from < bytes.length; from += bytesAPart) {
    const units = Array.from(bytes.subarray(from, from + bytesAPart), (byte) =>
      byte >= 0x80 && byte < 0xa0 ? windows1252[byte - 0x80] || byte : byte,
    );
    parts.push(String.fromCharCode(...units));
  }
  return parts.join('');
}
