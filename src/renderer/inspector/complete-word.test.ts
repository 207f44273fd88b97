import { expect, test } from 'vitest';
import { begunWord, completions } from './complete-word.ts';

const words = ['meadow', 'the', 'mea', 'crimson', 'crown'].map((word) => ({
  word,
  part: 'noun',
  group: word === 'the' ? 'grammar' : 'test',
  synonyms: [],
}));

test('the word begun is the one that ends at the caret', () => {
  expect(begunWord('A red cat', 5)).toEqual({ start: 2, end: 5, text: 'red' });
  expect(begunWord('A red cat', 9)).toEqual({ start: 6, end: 9, text: 'cat' });
  expect(begunWord('A red cat', 4)).toBeNull(); // within a word
  expect(begunWord('A red cat', 1)).toBeNull(); // one letter
  expect(begunWord('A red ', 6)).toBeNull();
});

test('words that begin so, small words left out; none for a whole word', () => {
  expect(completions(words, 'CR').map(({ word }) => word)).toEqual(['crimson', 'crown']);
  expect(completions(words, 'th')).toEqual([]);
  expect(completions(words, 'mea')).toEqual([]);
  expect(completions(words, 'mead').map(({ word }) => word)).toEqual(['meadow']);
});
