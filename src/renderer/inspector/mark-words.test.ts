import { expect, it } from 'vitest';
import { markWords, replaceWord } from './mark-words.ts';

const dinosaur = { start: 4, end: 12, word: 'dinosaur', suggestions: ['duck'] };

it('takes a prompt apart at its unknown words', () => {
  expect(markWords('The dinosaur sits.', [dinosaur])).toEqual([
    { start: 0, text: 'The ', unknown: false },
    { start: 4, text: 'dinosaur', unknown: true },
    { start: 12, text: ' sits.', unknown: false },
  ]);
});

it('leaves out words that lie beyond the text or over one another', () => {
  const beyond = { ...dinosaur, start: 30, end: 38 };
  const over = { ...dinosaur, start: 6, end: 14 };
  const parts = markWords('The dinosaur sits.', [dinosaur, beyond, over]);
  expect(parts.map(({ text }) => text).join('')).toBe('The dinosaur sits.');
  expect(parts.filter(({ unknown }) => unknown)).toHaveLength(1);
});

it('replaces a word and keeps its capital', () => {
  expect(replaceWord('The dinosaur sits.', dinosaur, 'duck')).toBe('The duck sits.');
  expect(replaceWord('Dinosaur', { ...dinosaur, start: 0, end: 8 }, 'duck')).toBe('Duck');
});
