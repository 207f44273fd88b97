import { expect, test } from 'vitest';
import { frameOfSample, rationalRate, sampleOfFrame } from './frame-samples.ts';
import { soundRate } from './sound-clip.ts';

test('rates as they are written are the fractions that are meant', () => {
  expect(rationalRate(24)).toEqual({ frames: 24, seconds: 1 });
  expect(rationalRate(23.976)).toEqual({ frames: 24_000, seconds: 1001 });
  expect(rationalRate(24_000 / 1001)).toEqual({ frames: 24_000, seconds: 1001 });
  expect(rationalRate(29.97)).toEqual({ frames: 30_000, seconds: 1001 });
  expect(rationalRate(59.94)).toEqual({ frames: 60_000, seconds: 1001 });
  expect(rationalRate(12.5)).toEqual({ frames: 12_500, seconds: 1000 });
});

test.each([
  [8, 1n],
  [12, 1n],
  [24, 1n],
  [25, 1n],
  [23.976, 1001n],
] as const)('over ten minutes at %d frames a second no frame is more than half a sample off', (fps, seconds) => {
  const frames = BigInt(seconds === 1n ? fps : Math.round((fps * 1001) / 1000) * 1000);
  for (let frame = 0; frame <= 600 * fps; frame++) {
    // Twice the exact sample, as a whole number over `frames`: |sample - exact| <= 1/2.
    const twiceOff = 2n * BigInt(sampleOfFrame(frame, fps)) * frames - 2n * BigInt(frame * soundRate) * seconds;
    expect(twiceOff <= frames && twiceOff >= -frames, `frame ${frame}`).toBe(true);
    expect(frameOfSample(sampleOfFrame(frame, fps), fps)).toBe(frame);
    if (frame > 0) expect(frameOfSample(sampleOfFrame(frame, fps) - 1, fps)).toBe(frame - 1);
  }
});

test('what lies before the film has its place too', () => {
  expect(sampleOfFrame(-24, 24)).toBe(-48_000);
  expect(frameOfSample(-1, 24)).toBe(-1);
});
