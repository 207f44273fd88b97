import { expect, test } from 'vitest';
import { editDistance, Vocabulary } from './vocabulary.ts';

const word = (text: string, ...synonyms: string[]) => ({ word: text, part: 'noun', group: 'test', synonyms });
const vocabulary = new Vocabulary([
  word('cat', 'kitten'),
  word('walks', 'strolls'),
  word('meadow', 'field', 'grass'),
  word('red'),
  word('a'),
  word('in'),
  word('the'),
]);

test('names each unknown word with its place, whatever its case', () => {
  const prompt = 'A Red cta walking in the FIELD!';
  const { unknown, unreadFrom } = vocabulary.check(prompt);
  expect(unknown.map(({ word: text, suggestions }) => [text, suggestions[0]])).toEqual([
    ['cta', 'cat'],
    ['walking', 'walks'],
    ['FIELD', 'meadow'],
  ]);
  for (const { start, end, word: text } of unknown) expect(prompt.slice(start, end)).toBe(text);
  expect(unreadFrom).toBeNull();
});

test('a model that lists no words knows them all', () => {
  expect(new Vocabulary([], 2).check('anything at all')).toEqual({ unknown: [], unreadFrom: null });
});

test('says where a prompt is too long, signs counted, and of what is not read nothing else', () => {
  const short = new Vocabulary(vocabulary.words, 4);
  const prompt = 'A cta, red in the dinosaur field';
  expect(prompt.slice(short.check(prompt).unreadFrom ?? 0)).toBe('in the dinosaur field');
  expect(short.check(prompt).unknown.map(({ word: text }) => text)).toEqual(['cta']);
  expect(short.check('A cat, red').unreadFrom).toBeNull();
});

test.each([
  ['cat', 'cat', 0],
  ['cta', 'cat', 1],
  ['meadwo', 'meadow', 1],
  ['kitten', 'sitting', 3],
  ['abc', '', 3],
])('%s and %s are %i apart', (a, b, distance) => {
  expect(editDistance(a, b, 5)).toBe(distance);
});
