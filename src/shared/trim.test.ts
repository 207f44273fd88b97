import { expect, test } from 'vitest';
import { framesOfShots } from './edit/film-frames.ts';
import { isTrimmed, shownPart } from './trim.ts';

test('what is shown lies between what is trimmed off', () => {
  expect(shownPart(undefined, 24)).toEqual({ head: 0, shown: 24, tail: 0 });
  expect(shownPart({ head: 5, tail: 3 }, 24)).toEqual({ head: 5, shown: 16, tail: 3 });
});

test('of a shot that became shorter than its trim, one frame is shown', () => {
  expect(shownPart({ head: 5, tail: 10 }, 12)).toEqual({ head: 5, shown: 1, tail: 6 });
  expect(shownPart({ head: 30, tail: 10 }, 12)).toEqual({ head: 11, shown: 1, tail: 0 });
});

test('a trim of nothing is none', () => {
  expect([undefined, { head: 0, tail: 0 }, { head: 0, tail: 1 }].map(isTrimmed)).toEqual([false, false, true]);
});

test('of stretches of a shot that are there, what lies in the shown part is shown', () => {
  const runs = [
    { first: 0, count: 12 },
    { first: 24, count: 12 },
  ];
  // Frames 4 to 30 of 36 are shown; 12 to 24 are not there.
  expect(framesOfShots([{ frames: 36, trim: { head: 4, tail: 6 }, runs }], null)).toEqual([
    { head: 4, shown: 14, tail: 6 },
  ]);
});
