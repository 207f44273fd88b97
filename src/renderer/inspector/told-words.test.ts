import { expect, test } from 'vitest';
import { toldParts } from './told-words.ts';

const marked = (prompt: string, told: string) =>
  toldParts(prompt, told)
    .map(({ text, added }) => (added ? `[${text}]` : text))
    .join('');

test.each([
  ['She dances.', 'The orange cat dances in the living room.', '[The orange cat] dances [in the living room].'],
  ['The robot walks.', 'The blue robot walks in the city.', 'The [blue] robot walks [in the city].'],
  ['The cat waves.', 'The cat waves.', 'The cat waves.'],
  ['Mia’s cat waves', 'An orange cat waves', '[An orange] cat waves'],
  ['It waves. It waves.', 'The fox waves. The fox waves.', '[The fox] waves. [The fox] waves.'],
  ['', 'A cat', '[A cat]'],
])('of "%s" told as "%s" the added words are set apart', (prompt, told, expected) => {
  expect(marked(prompt, told)).toBe(expected);
  expect(
    toldParts(prompt, told)
      .map(({ text }) => text)
      .join(''),
  ).toBe(told);
});
