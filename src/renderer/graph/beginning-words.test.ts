import { expect, it } from 'vitest';
import { beginningSentence, beginningWords } from './beginning-words.ts';

it('a card says what was chosen, and the sentence says who chose it and why', () => {
  const cut = { transition: 'cut', reason: 'another place: kitchen after beach' } as const;
  expect(beginningWords(cut)).toBe('cut: kitchen after beach');
  expect(beginningSentence(cut)).toBe('Begins with a cut (automatic: another place: kitchen after beach).');
  const byHand = { transition: 'cut', reason: null } as const;
  expect([beginningWords(byHand), beginningSentence(byHand)]).toEqual(['cut', 'Begins with a cut, as set by hand.']);
  const on = { transition: 'continue', reason: 'the same place: meadow' } as const;
  expect(beginningWords(on)).toBe('continues');
  expect(beginningSentence(on)).toBe('Continues the shot before (automatic: the same place: meadow).');
});
