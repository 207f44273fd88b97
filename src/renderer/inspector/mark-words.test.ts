import { expect, it } from 'vitest';
import type { UnknownWord } from '../../shared/word-help.ts';
import { markWords, replaceable, replaceWord, replaceWords } from './mark-words.ts';

const dinosaur: UnknownWord = {
  start: 4,
  end: 12,
  word: 'dinosaur',
  reason: 'kind',
  suggestions: ['duck'],
  group: 'character',
  advice: null,
};

it('takes a prompt apart at its unknown words', () => {
  expect(markWords('The dinosaur sits.', { unknown: [dinosaur], unreadFrom: null })).toEqual([
    { start: 0, text: 'The ', taken: 'read' },
    { start: 4, text: 'dinosaur', taken: 'unknown' },
    { start: 12, text: ' sits.', taken: 'read' },
  ]);
});

it('leaves out words that lie beyond the text or over one another', () => {
  const beyond = { ...dinosaur, start: 30, end: 38 };
  const over = { ...dinosaur, start: 6, end: 14 };
  const parts = markWords('The dinosaur sits.', { unknown: [dinosaur, beyond, over], unreadFrom: null });
  expect(parts.map(({ text }) => text).join('')).toBe('The dinosaur sits.');
  expect(parts.filter(({ taken }) => taken === 'unknown')).toHaveLength(1);
});

it('sets what is not read apart, to the end', () => {
  expect(markWords('The dinosaur sits.', { unknown: [dinosaur], unreadFrom: 13 })).toEqual([
    { start: 0, text: 'The ', taken: 'read' },
    { start: 4, text: 'dinosaur', taken: 'unknown' },
    { start: 12, text: ' ', taken: 'read' },
    { start: 13, text: 'sits.', taken: 'unread' },
  ]);
});

it('reads all of a text that has become shorter since', () => {
  expect(markWords('The cat', { unknown: [dinosaur], unreadFrom: 13 })).toEqual([
    { start: 0, text: 'The cat', taken: 'read' },
  ]);
});

it('replaces a word and keeps its capital', () => {
  expect(replaceWord('The dinosaur sits.', dinosaur, 'duck')).toBe('The duck sits.');
  expect(replaceWord('Dinosaur', { ...dinosaur, start: 0, end: 8 }, 'duck')).toBe('Duck');
});

it('replaces every word that is sure at one press, plurals among them, and leaves typing errors to the person', () => {
  const word = (text: string, start: number, reason: UnknownWord['reason'], suggestions: string[]): UnknownWord => ({
    ...{ word: text, start, end: start + text.length, reason, suggestions },
    ...{ group: null, advice: null },
  });
  const prompt = 'Dogs and foxes walks on a bech.';
  const words = replaceable([
    word('Dogs', 0, 'plural', ['dog']),
    word('foxes', 9, 'plural', ['fox']),
    word('walks', 15, 'form', ['walk', 'run']),
    word('bech', 26, 'spelling', ['beach']),
  ]);
  expect(words.map(({ replacement }) => replacement)).toEqual(['dog', 'fox', 'walk']);
  expect(replaceWords(prompt, words)).toBe('Dog and fox walk on a bech.');
});
