import { join } from 'node:path';
import { expect, test } from 'vitest';
import { explainWord, storyWords } from '../../../shared/word-help.ts';
import { Vocabulary } from './vocabulary.ts';

const word = (text: string, ...synonyms: string[]) => ({ word: text, part: 'noun', group: 'test', synonyms });
const vocabulary = new Vocabulary([
  word('cat', 'kitten'),
  { ...word('walks', 'strolls'), part: 'verb' },
  word('meadow', 'field', 'grass'),
  word('red'),
  word('a'),
  word('in'),
  word('the'),
  word(','),
]);
const shipped = Vocabulary.open(join(import.meta.dirname, '../../../../resources/models/animatic'));

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

/** What is said of the one unknown word of a prompt. */
function only(prompt: string) {
  const { unknown } = shipped.check(prompt);
  expect(unknown).toHaveLength(1);
  return unknown[0] as (typeof unknown)[number];
}

test.each([
  ['a cat in the bright meadow', 'bright', 'meaning', 'day'],
  ['a cat in the stormy meadow', 'stormy', 'meaning', 'rain'],
  ['a fox at the lake', 'lake', 'meaning', 'beach'],
  ['a dog climbing in the snow', 'climbing', 'meaning', 'walking'],
  ['a cat walked in the meadow', 'walked', 'form', 'walk'],
  ['the farms are in the forest', 'farms', 'plural', 'farm'],
  ['the kitties are in the forest', 'kitties', 'plural', 'kitty'],
  ['a penguin in the snow', 'penguin', 'meaning', 'duck'],
  ['an elephant in the snow', 'elephant', 'kind', 'cat'],
  ['a cat in the castle', 'castle', 'kind', 'meadow'],
  ['a cat in the medow', 'medow', 'spelling', 'meadow'],
  ['a cat wlaks in the meadow', 'wlaks', 'spelling', 'walks'],
])('%s: %s, by %s, is near %s', (prompt, text, reason, nearest) => {
  const found = only(prompt);
  expect(found).toMatchObject({ word: text, reason });
  expect(found.suggestions[0]).toBe(nearest);
});

test.each(['gentle', 'funny', 'coat', 'three', 'castle', 'wall', 'not'])(
  '%s is English, so it is no typing error',
  (text) => {
    expect(only(`a cat in the ${text} meadow`).reason).not.toBe('spelling');
  },
);

test('says what to write instead of a number, a mood or a no', () => {
  expect(only('three cats in the meadow').advice).toContain('Name each one');
  expect(only('a gentle cat in the meadow').advice).toContain('no moods');
  expect(only('a cat in the meadow, no dog').advice).toContain('Say only what is there');
  expect(explainWord(only('three cats in the meadow')).after).toBe(
    ' and leaves it out. The model cannot count. Name each one: “a red cat and a blue cat”.',
  );
});

test('an emoji is not read, and its word is named; signs of a sentence pass', () => {
  const prompt = 'A 🐱 "waves", in the meadow – again! 🐱☔ (at night…)';
  const { unknown } = shipped.check(prompt);
  expect(unknown.map(({ word: text, reason, suggestions }) => [text, reason, suggestions])).toEqual([
    ['🐱', 'symbol', ['cat']],
    ['🐱☔', 'symbol', ['cat rain']],
  ]);
  for (const { start, end, word: text } of unknown) expect(prompt.slice(start, end)).toBe(text);
  expect(only('a cat % in the meadow')).toMatchObject({ word: '%', reason: 'symbol', suggestions: [] });
});

test('marks of writing direction are no words: nobody would see which', () => {
  expect(shipped.check('A \u202Ecat\u202C waves').unknown).toEqual([]);
});

test('possessives are known; what an apostrophe joins is one word', () => {
  expect(shipped.check("the cat's red hat").unknown).toEqual([]);
  expect(only("the cat doesn't sleep").word).toBe("doesn't");
});

test('a name in mid-sentence is answered with names', () => {
  expect(only('the cat Quentin waves')).toMatchObject({ reason: 'kind', group: 'name' });
});

test('the words of a story: each once, with its shots; prompts that are too long', () => {
  const prompts = ['A bright cat', 'A cat', `Bright and gentle ${'a cat '.repeat(20)}`];
  const { unknown, tooLong } = storyWords(
    prompts,
    prompts.map((prompt) => shipped.check(prompt)),
  );
  expect(unknown.map(({ word: text, shots }) => [text, shots])).toEqual([
    ['bright', [0, 2]],
    ['gentle', [2]],
  ]);
  expect(tooLong).toEqual([{ shot: 2, unread: 'cat a cat' }]);
});
