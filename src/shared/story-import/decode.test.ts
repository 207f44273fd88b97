import { describe, expect, test } from 'vitest';
import { decodeText } from './decode.ts';

const bytesOf = (...values: (number | string)[]) =>
  Uint8Array.from(values.flatMap((value) => (typeof value === 'number' ? [value] : [...Buffer.from(value, 'utf8')])));

describe('the bytes of a text', () => {
  test('UTF-8, with and without a mark', () => {
    expect(decodeText(bytesOf('café 🦊'))).toEqual({ text: 'café 🦊', encoding: 'utf-8' });
    expect(decodeText(bytesOf(0xef, 0xbb, 0xbf, 'café'))).toEqual({ text: 'café', encoding: 'utf-8' });
    expect(decodeText(bytesOf())).toEqual({ text: '', encoding: 'utf-8' });
  });

  test('UTF-16 by its mark or by its zeros; half a pair stays what it is', () => {
    const little = Buffer.from('A café 🦊', 'utf16le');
    const big = Buffer.from(little).swap16();
    expect(decodeText(bytesOf(0xff, 0xfe, ...little))).toEqual({ text: 'A café 🦊', encoding: 'utf-16le' });
    expect(decodeText(bytesOf(0xfe, 0xff, ...big))).toEqual({ text: 'A café 🦊', encoding: 'utf-16be' });
    expect(decodeText(new Uint8Array(little))).toEqual({ text: 'A café 🦊', encoding: 'utf-16le' });
    expect(decodeText(new Uint8Array(big))).toEqual({ text: 'A café 🦊', encoding: 'utf-16be' });
    expect(decodeText(bytesOf(0xff, 0xfe, 0x41, 0, 0, 0xd8, 0x42, 0)).text).toBe('A\uD800B');
  });

  test('Windows-1252, its quotes and its dash', () => {
    expect(decodeText(bytesOf('caf', 0xe9, ' ', 0x93, 'x', 0x94, ' ', 0x97, ' ', 0x80))).toEqual({
      text: 'café “x” — €',
      encoding: 'windows-1252',
    });
  });

  test('a stray byte does not spoil a UTF-8 text', () => {
    expect(decodeText(bytesOf('é à ü ', 0xe9, ' ñ'))).toEqual({ text: 'é à ü é ñ', encoding: 'mixed' });
  });

  test('what looks like UTF-8 and is not: surrogates, longer than need be, past the end, cut off', () => {
    for (const bytes of [
      [0xed, 0xa0, 0x80],
      [0xe0, 0x80, 0x80],
      [0xf4, 0x90, 0x80, 0x80],
      [0xf8, 0x88, 0x80, 0x80],
      [0xe2, 0x82],
    ]) {
      const { text, encoding } = decodeText(bytesOf('x', ...bytes));
      expect(encoding).toBe('windows-1252');
      expect(text).toHaveLength(bytes.length + 1);
      expect(text).not.toContain('\uFFFD');
    }
  });
});
