import { expect, test } from 'vitest';
import { emptyDocument } from '../../shared/project/apply-command.ts';
import type { ProjectShot } from '../../shared/project/document.ts';
import type { SoundClip } from '../../shared/sound/sound-clip.ts';
import { cutLine } from '../memory/line/cut-line.ts';
import { anchorAt, findSound, freeRow, placeSounds, shotOfSound } from './placed-sounds.ts';

const shot = (id: string, own: Partial<ProjectShot> = {}): ProjectShot => ({
  ...{ id, parent: null, name: '', prompt: id, chunks: 1, seed: 1, seedLocked: false },
  ...{ transition: 'continue', memory: {}, held: null, ...own },
});
const clip = (id: string, own: Partial<SoundClip> = {}): SoundClip => ({
  ...{ id, asset: 'a', name: id, row: 0, offsetSamples: 0, inSamples: 0, lengthSamples: 48_000, gainDb: 0 },
  ...{ fadeInSamples: 0, fadeOutSamples: 0, muted: false, ...own },
});
const model = { chunkFrames: 3, video: { fps: 12 } };
/** Nine, twelve and twelve frames. */
const line = cutLine([shot('shot-1'), shot('shot-2'), shot('shot-3')], new Map(), model);

test('a sound stands where its shot begins, and what is dropped there hangs on that shot', () => {
  const placed = placeSounds(line, (id) => (id === 'shot-2' ? [clip('a', { offsetSamples: 500 })] : []));
  expect(placed).toMatchObject([{ shotId: 'shot-2', startSample: 9 * 4000 + 500 }]);
  expect(anchorAt(line, 9 * 4000 + 500)).toEqual({ shotId: 'shot-2', offsetSamples: 500 });
  expect(anchorAt(line, 9 * 4000 - 1)).toEqual({ shotId: 'shot-1', offsetSamples: 9 * 4000 - 1 });
  expect(anchorAt(line, -7)).toEqual({ shotId: 'shot-1', offsetSamples: 0 });
  // Beyond the film it hangs on the last shot.
  expect(anchorAt(line, 100 * 4000)).toEqual({ shotId: 'shot-3', offsetSamples: 79 * 4000 });
  expect(anchorAt(cutLine([], new Map(), model), 0)).toBeNull();
});

test('of a trimmed shot, sound and picture stay together', () => {
  const trimmed = cutLine([shot('shot-1'), shot('shot-2', { trim: { head: 4, tail: 0 } })], new Map(), model);
  const [placed] = placeSounds(trimmed, (id) => (id === 'shot-2' ? [clip('a', { offsetSamples: 4 * 4000 })] : []));
  expect(placed?.startSample).toBe(9 * 4000);
  expect(anchorAt(trimmed, 9 * 4000)).toEqual({ shotId: 'shot-2', offsetSamples: 4 * 4000 });
});

test('a new sound takes the first row in which nothing else is heard then', () => {
  const sounds = [
    { shotId: 'shot-1', clip: clip('a'), startSample: 0 },
    { shotId: 'shot-1', clip: clip('b', { row: 1 }), startSample: 24_000 },
  ];
  expect(freeRow(sounds, 0, 10_000)).toBe(1);
  expect(freeRow(sounds, 30_000, 40_000)).toBe(2);
  expect(freeRow(sounds, 48_000, 50_000)).toBe(0);
});

test('a sound that an undo brought to another shot is still the one that was named', () => {
  const shots = [shot('shot-1'), shot('shot-2', { sounds: [clip('sound-a')] })];
  const document = { ...emptyDocument('Story'), shots };
  expect(shotOfSound(document, { shotId: 'shot-1', soundId: 'sound-a' })).toBe('shot-2');
  expect(findSound(document, { shotId: 'shot-1', soundId: 'sound-a' })).toEqual(clip('sound-a'));
  expect(findSound(document, { shotId: 'shot-1', soundId: 'sound-b' })).toBeNull();
  expect(findSound(document, null)).toBeNull();
});
