import { expect, test } from 'vitest';
import { cutText, graphemes, textWithin } from './text.ts';

const family = '👩‍👩‍👧';
const flag = '🇩🇪';
const accent = 'é';

test('signs are what a person sees', () => {
  expect(graphemes(`a${family}${flag}${accent}`)).toEqual(['a', family, flag, accent]);
});

test.each([
  ['short', 10, 'short'],
  ['exactly', 7, 'exactly'],
  ['too long', 4, 'too…'],
  ['too long', 5, 'too…'],
  [`${family}${family}`, 2, `${family}${family}`],
  [`${family}${family}${family}`, 2, `${family}…`],
  [`ab${flag}cd`, 3, 'ab…'],
  ['abc', 0, '…'],
])('%j in %d signs is %j', (text, most, cut) => {
  expect(cutText(text, most)).toBe(cut);
});

test.each([
  ['abc', 2, 'ab'],
  [`a${family}`, 10, 'a'],
  [`a${family}`, 19, `a${family}`],
  [`x${accent}`, 2, 'x'],
  ['日本語', 7, '日本'],
])('%j in %d bytes is %j', (text, bytes, kept) => {
  expect(textWithin(text, bytes)).toBe(kept);
});

test('a long text is not read to its end', () => {
  const long = 'a'.repeat(20_000_000);
  expect(cutText(long, 5)).toBe('aaaa…');
  expect(textWithin(long, 5)).toBe('aaaaa');
});
