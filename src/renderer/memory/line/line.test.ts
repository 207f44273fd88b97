import { expect, test } from 'vitest';
import { sampleLine } from '../records/sample-record.ts';
import {
  chunkAtPixelFrame,
  chunkSpan,
  describeFrame,
  labelFrame,
  lineFrameCount,
  lineShots,
  shortName,
} from './line.ts';

test('a latent frame is named by its shot and time, and has the picture of its place in the chunk', () => {
  const label = labelFrame(sampleLine([2, 1]), 7);
  // latent frame 7 begins at pixel frame 4*7-3 = 25; 25 / 8 = 3.125 s; it is the second of chunk 2
  expect(label).toMatchObject({ chunkIndex: 2, timeSec: 3.125, timeCode: '0:03.1', shot: '2 Scene 2' });
  expect(label.picture).toBe('/media/frame/k2/1.webp');
  expect(describeFrame(label)).toBe('shot 2 Scene 2, 0:03.1');
});

test('a frame beyond the cut, or of a chunk not made, has no picture', () => {
  expect(labelFrame(sampleLine([1]), 30)).toMatchObject({ chunk: null, picture: null, shot: 'frame 30' });
  const line = sampleLine([1], () => ({ key: null, availability: 'missing' }));
  expect(labelFrame(line, 1).picture).toBeNull();
});

test('the first chunk is three pixel frames shorter', () => {
  const line = sampleLine([2, 1]);
  expect([0, 1, 2].map((i) => chunkSpan(line, i))).toEqual([
    { first: 0, count: 9 },
    { first: 9, count: 12 },
    { first: 21, count: 12 },
  ]);
  expect(lineFrameCount(line)).toBe(33);
  const chunkAt = (frame: number) => chunkAtPixelFrame(line, frame)?.chunkIndex;
  expect([0, 8, 9, 20, 21, 32, 99].map(chunkAt)).toEqual([0, 0, 1, 1, 2, 2, 2]);
});

test('chunks of one shot make one run of true length', () => {
  expect(lineShots(sampleLine([2, 1])).map(({ shotId, first, count }) => ({ shotId, first, count }))).toEqual([
    { shotId: 'shot-0', first: 0, count: 21 },
    { shotId: 'shot-1', first: 21, count: 12 },
  ]);
});

test('short names lose leading articles and what does not fit', () => {
  expect(shortName('A red cat wearing a blue hat')).toBe('Red cat wearing a…');
  expect(shortName('Back in the meadow, the cat dances.')).toBe('Meadow, the cat…');
  expect(shortName('The')).toBe('The');
});
