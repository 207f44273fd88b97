import { expect, test } from 'vitest';
import type { SoundClip } from './sound-clip.ts';
import { envelopeAt, planSounds, soundsBetween } from './sound-plan.ts';

const clip = (change: Partial<SoundClip> = {}): SoundClip => ({
  ...{ id: 'sound-1', asset: 'a', name: 'rain.wav', row: 0, offsetSamples: 480, inSamples: 0, lengthSamples: 4800 },
  ...{ gainDb: 0, fadeInSamples: 0, fadeOutSamples: 0, muted: false, ...change },
});
const known = () => 48_000;

test('a sound is heard from its shot on, wherever that is in the film', () => {
  const shots = [
    { firstFrame: 0, sounds: [clip()] },
    { firstFrame: 24, sounds: [clip({ id: 'sound-2' })] },
    { firstFrame: 48 },
  ];
  expect(planSounds(shots, 24, known).map(({ clip: { id }, startSample }) => [id, startSample])).toEqual([
    ['sound-1', 480],
    ['sound-2', 48_480],
  ]);
});

test('muted sounds and those whose recording is gone are not heard; none is longer than its recording', () => {
  const heard = (change: Partial<SoundClip>, length: number | null = 48_000) =>
    planSounds([{ firstFrame: 0, sounds: [clip(change)] }], 24, () => length).map(({ lengthSamples }) => lengthSamples);
  expect(heard({})).toEqual([4800]);
  expect(heard({ muted: true })).toEqual([]);
  expect(heard({}, null)).toEqual([]);
  expect(heard({ inSamples: 47_000 })).toEqual([1000]);
  expect(heard({ inSamples: 48_000 })).toEqual([]);
});

test('a part of a film has what is heard in it, also what began before', () => {
  const sounds = planSounds([{ firstFrame: 0, sounds: [clip()] }], 24, known); // 480 to 5280
  expect(soundsBetween(sounds, 0, 480)).toEqual([]);
  expect(soundsBetween(sounds, 5280, 9999)).toEqual([]);
  expect(soundsBetween(sounds, 1000, 2000).map(({ startSample }) => startSample)).toEqual([-520]);
});

test('the envelope has the gain in the middle and rises and falls evenly at the ends', () => {
  const faded = clip({ gainDb: -20, fadeInSamples: 100, fadeOutSamples: 200, lengthSamples: 1000 });
  const at = (sample: number) => Number(envelopeAt(faded, sample).toFixed(6));
  expect([0, 50, 100, 500, 800, 900, 1000].map(at)).toEqual([0, 0.05, 0.1, 0.1, 0.1, 0.05, 0]);
});
