import { expect, test } from 'vitest';
import { formatScore, scaleOf, shade } from './value-scale.ts';

test('scales run from the least to the largest score, but do not draw noise as contrast', () => {
  expect(scaleOf([[-2, 1]])).toEqual({ low: -2, high: 1 });
  expect(scaleOf([[0.2, 0.15], [0.18]])).toEqual({ low: 0.15, high: 0.2 });
  expect(scaleOf([[0.1669, 0.1667, 0.1664]])).toEqual({ low: 0, high: 0.1669 });
  expect(scaleOf([[]])).toEqual({ low: 0, high: 0 });
  expect(shade({ low: -2, high: 2 }, 0)).toBe(0.5);
  expect(shade({ low: 0, high: 0 }, 0)).toBe(0);
  expect([0, 0.614, 0.0734, 0.00021, 0.00001].map(formatScore)).toEqual(['0', '0.61', '0.073', '0.0002', '1.0e-5']);
});
