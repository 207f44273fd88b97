import { expect, test } from 'vitest';
import type { Job } from '../../../shared/api/types.ts';
import type { ProjectShot } from '../../../shared/project/document.ts';
import type { ChunkStatus, ShotStatus } from '../../../shared/project/status.ts';
import { cutLine } from './cut-line.ts';
import {
  chunkAtPixelFrame,
  chunkSpan,
  type LineChunk,
  labelFrame,
  lineFrameCount,
  lineShots,
  placeInChunk,
} from './line.ts';

const shot = (id: string, chunks: number): ProjectShot => ({
  id,
  parent: null,
  name: '',
  prompt: `Shot ${id}`,
  chunks,
  seed: 1,
  seedLocked: false,
  transition: 'continue',
  memory: {},
  held: null,
});

const model = { chunkFrames: 3, video: { fps: 8 } };
const job = { state: 'running' } as Job;
const chunk = (state: ChunkStatus['state'], shown: string | null): ChunkStatus => ({ key: 'own', shown, state });

function availability(chunks: readonly ChunkStatus[], work: Job | null): string[] {
  const status: ShotStatus = { state: 'partial', chunks, job: work };
  return cutLine([shot('one', chunks.length)], new Map([['one', status]]), model).chunks.map((c) => c.availability);
}

test('what is missing is coming while it is made, queued while a job is at work on its shot, and else missing', () => {
  const chunks = [chunk('fresh', 'a'), chunk('generating', null), chunk('missing', null)];
  expect(availability(chunks, job)).toEqual(['fresh', 'coming', 'queued']);
  expect(availability([chunk('missing', null)], null)).toEqual(['missing']);
  expect(availability([chunk('missing', null)], { ...job, state: 'failed' })).toEqual(['missing']);
});

test('older results play although the shot is queued; a pinned result that was deleted is missing', () => {
  expect(availability([chunk('stale', 'old'), chunk('held', 'kept'), chunk('held', null)], null)).toEqual([
    'stale',
    'held',
    'missing',
  ]);
  expect(availability([chunk('stale', 'old')], job)).toEqual(['stale']);
});

test('chunks are numbered along the whole cut; without a model the built-in one’s scale is taken', () => {
  const line = cutLine([shot('one', 2), shot('two', 1)], new Map(), null);
  expect(line.chunks.map(({ chunkIndex, shotIndex, indexInShot }) => [chunkIndex, shotIndex, indexInShot])).toEqual([
    [0, 0, 0],
    [1, 0, 1],
    [2, 1, 0],
  ]);
  expect(line).toMatchObject({ chunkFrames: 3, fps: 8 });
});

test('a trimmed shot takes the room of what is shown of it, and its frames are found in the chunks that hold them', () => {
  const trimmed = { ...shot('two', 2), trim: { head: 14, tail: 3 } };
  const line = cutLine([shot('one', 1), trimmed, shot('three', 1)], new Map(), model);
  // 9 frames, then 7 of 24, then 12. All of the second shot's first chunk is trimmed off.
  expect(line.chunks.map(({ chunkIndex }) => chunkSpan(line, chunkIndex))).toEqual([
    { first: 0, count: 9 },
    { first: 9, count: 0 },
    { first: 9, count: 7 },
    { first: 16, count: 12 },
  ]);
  expect(lineFrameCount(line)).toBe(28);
  const placeAt = (frame: number) => {
    const at = chunkAtPixelFrame(line, frame) as LineChunk;
    return [at.chunkIndex, placeInChunk(line, at, frame).index];
  };
  expect([8, 9, 15, 16, 27].map(placeAt)).toEqual([
    [0, 8],
    [2, 2],
    [2, 8],
    [3, 0],
    [3, 11],
  ]);
  expect(lineShots(line).map(({ part }) => part)).toEqual([
    { head: 0, shown: 9, tail: 0 },
    { head: 14, shown: 7, tail: 3 },
    { head: 0, shown: 12, tail: 0 },
  ]);
  // Latent frame 9 begins the third shot, whatever was trimmed before it.
  expect(labelFrame(line, 9).timeSec).toBe(16 / 8);
  expect(cutLine([shot('one', 1), { ...trimmed }, shot('three', 1)], new Map(), model, line)).toBe(line);
  const longer = cutLine(
    [shot('one', 1), { ...trimmed, trim: { head: 13, tail: 3 } }, shot('three', 1)],
    new Map(),
    model,
    line,
  );
  expect(longer.chunks.map((made, i) => made === line.chunks[i])).toEqual([true, false, false, true]);
});

test('a cut whose end is trimmed ends with what is shown', () => {
  const line = cutLine([{ ...shot('one', 2), trim: { head: 0, tail: 15 } }], new Map(), model);
  expect(lineFrameCount(line)).toBe(6);
  expect([5, 6, 40].map((frame) => chunkAtPixelFrame(line, frame)?.chunkIndex)).toEqual([0, 0, 0]);
});
