import { expect, test } from 'vitest';
import {
  firstPixelFrame,
  latentFrameToSec,
  nearestChunkBoundary,
  pixelFramesOfChunk,
  pixelFramesOfChunks,
  timeCode,
} from './timing.ts';

test('chunks tile the film: 9 frames, then 12 each', () => {
  expect([0, 1, 2].map((chunk) => pixelFramesOfChunk(chunk, 3))).toEqual([9, 12, 12]);
  expect([0, 1, 2, 3].map((count) => pixelFramesOfChunks(count, 3))).toEqual([0, 9, 21, 33]);
});

test('latent frame t >= 1 covers pixel frames 4t-3 to 4t', () => {
  expect([0, 1, 2, 3].map(firstPixelFrame)).toEqual([0, 1, 5, 9]);
  expect(latentFrameToSec(3, 8)).toBe(9 / 8);
});

test('the nearest boundary', () => {
  // at 8 frames a second chunks end at 1.125 s, 2.625 s, 4.125 s, ...
  expect([0, 0.5, 0.6, 1.1, 2.6, 4.2, 5.2].map((time) => nearestChunkBoundary(time, 8, 3))).toEqual([
    0, 1, 1, 1, 2, 3, 4,
  ]);
});

test('time codes', () => {
  expect([0, 7.5, 59.99, 60, 3600].map(timeCode)).toEqual(['0:00.0', '0:07.5', '0:59.9', '1:00.0', '60:00.0']);
});
