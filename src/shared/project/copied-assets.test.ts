import { expect, test } from 'vitest';
import { assetsOfShots, withoutAssets } from './copying.ts';
import type { ProjectShot } from './document.ts';

const [rain, mia, begin, walk] = ['a', 'b', 'c', 'd'].map((digit) => digit.repeat(64)) as [
  string,
  string,
  string,
  string,
];

const shot = {
  ...{ id: 'shot-1', parent: null, name: '', prompt: 'a', chunks: 1, seed: 0, seedLocked: false, held: null },
  transition: 'automatic',
  memory: { bankFrames: 2, pictures: [{ asset: mia, name: 'Mia' }] },
  sounds: [
    {
      ...{ id: 'sound-1', asset: rain, name: 'rain', row: 0, offsetSamples: 0, inSamples: 0, lengthSamples: 9 },
      ...{ gainDb: 0, fadeInSamples: 0, fadeOutSamples: 0, muted: false },
    },
  ],
  firstFrame: { asset: begin },
  footage: { asset: walk, name: 'walk.mp4', chunks: ['e'.repeat(64)], given: 1 },
} satisfies ProjectShot;

test('copied shots name the sounds and pictures that they need, each once', () => {
  expect(assetsOfShots([shot, { ...shot, id: 'shot-2' }])).toEqual([
    { asset: rain, name: 'rain' },
    { asset: mia, name: 'Mia' },
    { asset: begin, name: 'the first frame' },
    { asset: walk, name: 'walk.mp4' },
  ]);
});

test('what cannot be had is left off them, and nothing else', () => {
  expect(withoutAssets([shot], new Set())).toEqual([shot]);
  const { sounds: _sounds, firstFrame: _first, footage: _footage, ...others } = shot;
  expect(withoutAssets([shot], new Set([rain, mia, begin, walk]))).toEqual([{ ...others, memory: { bankFrames: 2 } }]);
});
