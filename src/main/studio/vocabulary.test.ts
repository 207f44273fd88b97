import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseModelConfig } from '../engine/model/config.ts';
import { PromptTokenizer } from '../engine/model/tokenizer.ts';
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

test('the built-in model: what is read is what its tokenizer keeps', () => {
  const folder = join(import.meta.dirname, '../../../resources/models/animatic');
  const prompt = `${'a red cat, '.repeat(7)}and a robot waves, in the meadow at sunset.`;
  const { unreadFrom } = Vocabulary.open(folder).check(prompt);
  const { text } = parseModelConfig(readFileSync(join(folder, 'config.json'), 'utf8'), folder);
  const tokenizer = PromptTokenizer.open(join(folder, 'tokenizer.json'), text.textLength, text.maxTokens);
  const { ids, words } = tokenizer.encode(prompt);
  expect(unreadFrom).not.toBeNull();
  expect(tokenizer.encode(prompt.slice(0, unreadFrom ?? 0)).ids).toEqual(ids);
  expect(words.map((word) => word.text).join('')).toBe(prompt.slice(0, unreadFrom ?? 0).replaceAll(' ', ''));
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
