import { expect, it } from 'vitest';
import { median, medianInterval } from '../../bench/figures.ts';

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

// Ranks of the distribution-free 95 % interval of a median, as tables of it give them.
it.each([
  [6, 1, 6],
  [10, 2, 9],
  [16, 4, 13],
  [32, 10, 23],
  [50, 18, 33],
])('of %i values it goes from the %i. to the %i.', (n, low, high) => {
  expect(medianInterval(upTo(n).reverse())).toEqual({ low, high });
});

it('is the whole range where the values are too few to say more', () => {
  expect(medianInterval([3, 1, 2])).toEqual({ low: 1, high: 3 });
  expect(median([3, 1, 2])).toBe(2);
});
