import { expect, it } from 'vitest';
import { framesHeld, type LongMemoryTold, longMemoryOf, originsBesideFrames, percent } from './origins.ts';

const told: LongMemoryTold = {
  of: 'memorypack',
  tokens: 180,
  kept: 0.4,
  words: [
    { text: 'red', share: 0.1 },
    { text: 'cat', share: 0.2 },
  ],
  picture: 0.05,
  frames: [
    { frame: 0, share: 0.3 },
    { frame: 1, share: 0.05 },
    { frame: 2, share: 0.2 },
  ],
  rest: 0.1,
};

it('tells words as they were said, then the picture and the rest', () => {
  expect(originsBesideFrames(told).map(({ name }) => name)).toEqual([
    'red',
    'cat',
    'the given picture',
    'everything else',
  ]);
  expect(originsBesideFrames({ ...told, picture: null, rest: 0 }).map(({ name }) => name)).toEqual(['red', 'cat']);
});

it('shows the frames it holds most of, in the story’s order', () => {
  expect(framesHeld(told, 2).map(({ frame }) => frame)).toEqual([0, 2]);
  expect(longMemoryOf({ told })).toBe(told);
  expect(longMemoryOf({})).toBeNull();
});

it('says 0 % only of nothing', () => {
  expect([0, 0.0004, 0.012, 0.34].map(percent)).toEqual(['0 %', 'under 0.1 %', '1.2 %', '34 %']);
});
