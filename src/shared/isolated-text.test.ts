import { expect, test } from 'vitest';
import { isolatedText, withoutDirectionMarks } from './isolated-text.ts';
import { shotTitle } from './project/tree.ts';

test('a text that turns the direction of writing ends its effect with itself', () => {
  expect(isolatedText('A cat')).toBe('A cat');
  expect(isolatedText('قطة حمراء')).toBe('قطة حمراء');
  expect(isolatedText('A \u202Efox')).toBe('\u2068A \u202Efox\u2069');
  expect(isolatedText('\u2069\u202Efox')).toBe('\u2068\u202Efox\u2069');
  expect(isolatedText('\u2067fox')).toBe('\u2068\u2067fox\u2069\u2069');
  expect(withoutDirectionMarks('A \u202Efox\u202C')).toBe('A fox');
});

test('a title that is cut short in the middle of it does so too', () => {
  const prompt = `\u202E${'fox '.repeat(20)}\u202C`;
  expect(shotTitle({ name: '', prompt })).toMatch(/^\u2068\u202Efox.*…\u2069$/);
  expect(shotTitle({ name: '', prompt: 'A cat' })).toBe('A cat');
});
