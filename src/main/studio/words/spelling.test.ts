import { expect, test } from 'vitest';
import { editDistance, typingErrorFor } from './spelling.ts';

test.each([
  ['cat', 'cat', 0],
  ['cta', 'cat', 1],
  ['meadwo', 'meadow', 1],
  ['kitten', 'sitting', 3],
  ['abc', '', 3],
])('%s and %s are %i apart', (a, b, distance) => {
  expect(editDistance(a, b, 5)).toBe(distance);
});

test('English words and words far from all are no typing errors', () => {
  const known = ['cat', 'meadow', 'bunny', 'to', 'centre'];
  expect(typingErrorFor('medow', known)).toEqual(['meadow']);
  expect(typingErrorFor('sunny', known)).toEqual([]);
  expect(typingErrorFor('two', known)).toEqual([]);
  expect(typingErrorFor('zzyzx', known)).toEqual([]);
});
