import { expect, test } from 'vitest';
import type { SoundClip } from '../../shared/sound/sound-clip.ts';
import { shortestSamples, snapped, trimEnd, trimStart, withFades } from './edit-clip.ts';

const clip: SoundClip = {
  ...{ id: 'sound-1', asset: 'a', name: 'rain.wav', row: 0, offsetSamples: 0, inSamples: 5000, lengthSamples: 20_000 },
  ...{ gainDb: 0, fadeInSamples: 1000, fadeOutSamples: 2000, muted: false },
};

test('its beginning goes as far back as the recording has something, and never past its end', () => {
  expect(trimStart(clip, 3000)).toMatchObject({ moved: 3000, clip: { inSamples: 8000, lengthSamples: 17_000 } });
  expect(trimStart(clip, -9000)).toMatchObject({ moved: -5000, clip: { inSamples: 0, lengthSamples: 25_000 } });
  expect(trimStart(clip, 99_000).clip).toMatchObject({
    lengthSamples: shortestSamples,
    fadeInSamples: shortestSamples,
    fadeOutSamples: 0,
  });
});

test('its end goes as far as the recording does', () => {
  expect(trimEnd(clip, 99_000, 40_000)).toMatchObject({ inSamples: 5000, lengthSamples: 35_000 });
  expect(trimEnd(clip, -99_000, 40_000)).toMatchObject({
    lengthSamples: shortestSamples,
    fadeOutSamples: shortestSamples,
    fadeInSamples: 0,
  });
  // A recording that is gone, or shorter than was known, does not make it shorter.
  expect(trimEnd(clip, 10, 0).lengthSamples).toBe(20_000);
});

test('fades never meet', () => {
  expect(withFades(clip, 15_000, 15_000)).toMatchObject({ fadeInSamples: 15_000, fadeOutSamples: 5000 });
  expect(withFades(clip, -5, 1e9)).toMatchObject({ fadeInSamples: 0, fadeOutSamples: 20_000 });
});

test('a drag snaps to the nearest place within reach', () => {
  expect(snapped(100, [90, 105, 300], 20)).toBe(105);
  expect(snapped(100, [90, 300], 10)).toBe(100);
});
