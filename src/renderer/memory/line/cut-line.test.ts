import { expect, test } from 'vitest';
import type { Job } from '../../../shared/api/types.ts';
import type { ProjectShot } from '../../../shared/project/document.ts';
import type { ChunkStatus, ShotStatus } from '../../../shared/project/status.ts';
import { cutLine } from './cut-line.ts';

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

test('what is missing is coming while a job is at work on its shot, and else missing', () => {
  const chunks = [chunk('fresh', 'a'), chunk('generating', null), chunk('missing', null)];
  expect(availability(chunks, job)).toEqual(['fresh', 'coming', 'coming']);
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
