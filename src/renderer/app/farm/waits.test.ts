import { expect, test } from 'vitest';
import type { Job, MakingNow } from '../../../shared/api/types.ts';
import type { ProjectShot } from '../../../shared/project/document.ts';
import type { ChunkStatus, ShotStatus } from '../../../shared/project/status.ts';
import { waitsOf } from './waits.ts';

const shot = (id: string, parent: string | null): [string, ProjectShot] => [id, { id, parent } as ProjectShot];
const status = (id: string, ...states: ChunkStatus['state'][]): [string, ShotStatus] => [
  id,
  { state: 'queued', job: null, chunks: states.map((state, i) => ({ key: `${id}${i}`, shown: null, state })) },
];
const making = (shotId: string, i: number): MakingNow => ({
  ...{ shotId, chunkKey: `${shotId}${i}`, indexInShot: i, phase: { phase: 'retrieving' } },
});
const byId = new Map([shot('a', null), shot('b', 'a'), shot('c', 'a'), shot('d', 'b'), shot('e', 'd')]);
const job = (now: MakingNow | null, besides: MakingNow[] = []): Job =>
  ({ shotIds: ['a', 'b', 'c', 'd', 'e'], now, besides }) as unknown as Job;

test('branches wait for the shot before them, and those that could be made for a worker', () => {
  const first = new Map([
    status('a', 'generating', 'missing'),
    ...['b', 'c', 'd', 'e'].map((id) => status(id, 'missing')),
  ]);
  const waits = waitsOf(job(making('a', 0)), byId, first);
  expect([...waits.forShots]).toEqual([
    ['a', 2],
    ['b', 1],
    ['d', 1],
  ]);
  expect(waits.forWorkers).toBe(0);

  const later = new Map([
    status('a', 'fresh', 'fresh'),
    status('b', 'generating'),
    ...['c', 'd', 'e'].map((id) => status(id, 'missing')),
  ]);
  expect(waitsOf(job(making('b', 0)), byId, later).forWorkers).toBe(1);
  const both = new Map([...later, status('c', 'generating')]);
  expect(waitsOf(job(making('b', 0), [making('c', 0)]), byId, both)).toEqual({
    forShots: new Map([
      ['b', 1],
      ['d', 1],
    ]),
    forWorkers: 0,
  });
});

test('a shot waits past those that are whole or kept', () => {
  const statuses = new Map([
    status('a', 'missing'),
    status('b', 'held'),
    status('d', 'fresh'),
    status('e', 'missing'),
    status('c', 'fresh'),
  ]);
  expect(waitsOf(job(null), byId, statuses)).toEqual({ forShots: new Map([['a', 1]]), forWorkers: 1 });
});
