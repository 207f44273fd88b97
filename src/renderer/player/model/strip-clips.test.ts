import { expect, test } from 'vitest';
import { lineShots } from '../../memory/line/line.ts';
import { sampleLine } from '../../memory/records/sample-record.ts';
import { marksOf, picturesOf, sameClip, stripClips } from './strip-clips.ts';

const thousand = sampleLine(Array.from({ length: 1000 }, () => 5));

test('however long the film, there are no more pieces than can be told apart, and none of it is left out', () => {
  const shots = lineShots(thousand);
  const frames = 9 + 4999 * 12;
  const clips = stripClips(shots, 800 / frames);
  expect(clips.length).toBeLessThanOrEqual(100);
  expect(clips.flatMap((clip) => clip.shots)).toEqual(shots);
  expect(clips.reduce((sum, { count }) => sum + count, 0)).toBe(frames);
  expect(clips[1]?.first).toBe(clips[0]?.count);
});

test('shots with room are pieces of their own', () => {
  const shots = lineShots(sampleLine([2, 1, 3]));
  expect(stripClips(shots, 1).map((clip) => clip.shots)).toEqual(shots.map((shot) => [shot]));
});

test('chunks in a row that are marked alike make one mark', () => {
  const kinds = ['stale', 'stale', 'fresh', 'stale', 'held', 'missing'] as const;
  const line = sampleLine([3, 3], ({ chunkIndex }) => ({ availability: kinds[chunkIndex] ?? 'fresh' }));
  const [clip] = stripClips(lineShots(line), 0.01);
  if (!clip) throw new Error('no piece');
  expect(marksOf(line, clip)).toEqual([
    { kind: 'stale', first: 0, count: 9 + 12 },
    { kind: 'stale', first: 33, count: 12 },
    { kind: 'held', first: 45, count: 12 },
    { kind: 'missing', first: 57, count: 12 },
  ]);
});

test('pictures are spread over the piece', () => {
  const line = sampleLine([4]);
  const [clip] = stripClips(lineShots(line), 10);
  if (!clip) throw new Error('no piece');
  expect(picturesOf(line, clip, 4)).toEqual(['k0', 'k1', 'k2', 'k3']);
  expect(picturesOf(line, clip, 1)).toEqual(['k2']);
});

test('a piece is the same as long as its chunks are', () => {
  const line = sampleLine([2, 2]);
  const [one, two] = stripClips(lineShots(line), 10);
  const [other] = stripClips(lineShots({ ...line, chunks: line.chunks.map((chunk) => ({ ...chunk })) }), 10);
  const [again] = stripClips(lineShots({ ...line, chunks: [...line.chunks] }), 10);
  if (!one || !two || !other || !again) throw new Error('no piece');
  expect([sameClip(one, again), sameClip(one, other), sameClip(one, two)]).toEqual([true, false, false]);
});
