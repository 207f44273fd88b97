import { expect, it } from 'vitest';
import { proposedCastName } from './cast-name.ts';

const word = (text: string, part: string, group: string) => ({ word: text, part, group, synonyms: [] });
const vocabulary = [
  word('robot', 'noun', 'character'),
  word('cat', 'noun', 'character'),
  word('blue', 'adjective', 'colour'),
  word('red', 'adjective', 'colour'),
  word('city', 'noun', 'place'),
];

it('proposes whoever the prompt names', () => {
  expect(proposedCastName('A blue robot stands in the city at night.', vocabulary)).toBe('blue robot');
  expect(proposedCastName('The red cat and the blue robot wave.', vocabulary)).toBe('red cat, blue robot');
});

it('proposes the first words where nobody is named, or the model lists no words', () => {
  expect(proposedCastName('The city at night.', vocabulary)).toBe('City at night');
  expect(proposedCastName('A lighthouse stands on the cliffs above a stormy sea.', [])).toBe(
    'Lighthouse stands on the',
  );
  expect(proposedCastName('', vocabulary)).toBe('');
});
