import { expect, test } from 'vitest';
import { maskedArea, safeShares, shrunk } from './areas.ts';

test('a wider mask takes from above and below, a narrower one from the sides', () => {
  // 5:3 behind 2.5:1 keeps (5/3)/2.5 = 2/3 of the height; behind 1:1 it keeps 3/5 of the width.
  expect(maskedArea(5 / 3, 2.5)).toEqual({ x: 0, width: 1, y: expect.closeTo(1 / 6), height: expect.closeTo(2 / 3) });
  expect(maskedArea(5 / 3, 1)).toEqual({ y: 0, height: 1, x: expect.closeTo(0.2), width: expect.closeTo(0.6) });
  expect(maskedArea(16 / 9, 16 / 9)).toEqual({ x: 0, y: 0, width: 1, height: 1 });
});

test('safe areas are 93 and 90 per cent of the width and height of what is seen', () => {
  const seen = { x: 0, y: 0.25, width: 1, height: 0.5 };
  expect(shrunk(seen, safeShares.action)).toEqual({
    x: expect.closeTo(0.035),
    y: expect.closeTo(0.2675),
    width: expect.closeTo(0.93),
    height: expect.closeTo(0.465),
  });
  expect(shrunk(seen, safeShares.title).width).toBeCloseTo(0.9);
});
