import { expect, test } from 'vitest';
import { fakeInfo } from '../../../tests/fakes/fake-engine.ts';
import type { Job } from '../../shared/api/types.ts';
import { emptyDocument } from '../../shared/project/apply-command.ts';
import type { ProjectDocument, ProjectShot } from '../../shared/project/document.ts';
import { planProject } from '../../shared/project/plan.ts';
import { shotsById } from '../../shared/project/tree.ts';
import { type StatusInputs, statusesOf } from './statuses.ts';

const shot = (id: string, parent: string | null): ProjectShot => ({
  ...{ id, parent, name: '', prompt: `prompt of ${id}`, chunks: 2, seed: 1, seedLocked: false },
  ...{ transition: 'continue', memory: {}, held: null },
});
const document: ProjectDocument = { ...emptyDocument('Two'), shots: [shot('one', null), shot('two', 'one')] };
const plan = planProject(document, fakeInfo);
const keysOf = (id: string): string[] => plan.chunksOf(id).map(({ key }) => key);
const [first, second] = keysOf('one') as [string, string];

const start: StatusInputs = {
  shots: document.shots,
  byId: shotsById(document),
  plan,
  chunks: new Map([[first, null]]),
  takesOf: new Map(),
  queue: { paused: false, jobs: [] },
};
const job: Job = {
  ...{ id: 'job', title: '', shotIds: ['one', 'two'], state: 'running', chunksDone: 0, chunksTotal: 4, now: null },
  ...{ secondsLeft: 9, error: null },
};
const at = (step: number): Job => ({
  ...job,
  secondsLeft: 9 - step,
  now: { shotId: 'one', chunkKey: second, indexInShot: 1, phase: { phase: 'denoising', step, of: 4 } },
});
const queue = (...jobs: Job[]) => ({ paused: false, jobs });

test('a chunk that comes changes its shot and no other', () => {
  const before = statusesOf(start, null);
  const after = statusesOf({ ...start, chunks: new Map([...start.chunks, [second, null]]) }, before);
  expect(after.of.get('one')?.state).toBe('fresh');
  expect(after.of.get('one')?.chunks[0]).toBe(before.of.get('one')?.chunks[0]);
  expect(after.of.get('one')?.chunks[1]).not.toBe(before.of.get('one')?.chunks[1]);
  expect(after.of.get('two')).toBe(before.of.get('two'));
});

test('a step of the work is news only for the shot it is done on, and not for its chunks', () => {
  const one = statusesOf({ ...start, queue: queue(at(1)) }, statusesOf(start, null));
  const two = statusesOf({ ...start, queue: queue(at(2)) }, one);
  expect(two.of.get('one')?.job?.now?.phase).toMatchObject({ step: 2 });
  expect(two.of.get('one')?.chunks).toBe(one.of.get('one')?.chunks);
  expect(two.of.get('two')).toBe(one.of.get('two'));
  expect(two.of.get('two')?.state).toBe('queued');
});

test('where nothing changed it is the same map', () => {
  const before = statusesOf({ ...start, queue: queue(at(1)) }, null);
  const again = statusesOf({ ...start, queue: queue(at(1)), chunks: new Map(start.chunks) }, before);
  expect(again.of).toBe(before.of);
});

test('what is kept is what would be computed: an edit, a take, a shot that goes', () => {
  let known = statusesOf(start, null);
  const edit = { ...document, shots: [shot('one', null), { ...shot('two', 'one'), prompt: 'prompt of one' }] };
  const take = { id: 't', shotId: 'one', prompt: 'prompt of one', seed: 1, keys: ['a', 'b', 'c'], createdAt: '' };
  const inputs: StatusInputs[] = [
    { ...start, shots: edit.shots, byId: shotsById(edit) },
    { ...start, shots: edit.shots, byId: shotsById(edit), plan: planProject(edit, fakeInfo) },
    {
      ...start,
      shots: edit.shots,
      byId: shotsById(edit),
      takesOf: new Map([['one', [take]]]),
      chunks: new Map([['c', null]]),
    },
    { ...start, shots: edit.shots.slice(0, 1), byId: shotsById(edit) },
    { ...start, plan: null },
  ];
  for (const next of inputs) {
    known = statusesOf(next, known);
    expect([...known.of]).toEqual([...statusesOf(next, null).of]);
  }
});
