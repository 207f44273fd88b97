import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fakeInfo } from '../../../tests/fakes/fake-engine.ts';
import { fakeMemory } from '../../../tests/fakes/memory-settings.ts';
import { chunkKey } from '../../shared/keys.ts';
import { chunksInRun, deviceClassOf, type MakerIdentity, planRuns, runId, type TreeChunk } from './runs.ts';
import { Schedule } from './schedule.ts';

const identity: MakerIdentity = { model: fakeInfo, deviceClass: 'cpu-x64' };

/** A tree by the parent of each chunk: -1 for a root, else the index of one before it. */
function treeOf(parents: readonly number[]): TreeChunk[] {
  const tree: TreeChunk[] = [];
  for (const [i, parent] of parents.entries()) {
    const before = tree[parent];
    const recipe = {
      chunkIndex: before ? before.recipe.chunkIndex + 1 : 0,
      prompt: `chunk ${i}`,
      seed: i,
      transition: 'continue' as const,
      sampler: fakeInfo.sampler,
      memory: fakeMemory,
    };
    const parentKey = before?.key ?? null;
    tree.push({ key: chunkKey({ parentKey, model: fakeInfo, recipe }), parentKey, recipe });
  }
  return tree;
}

const line = (length: number): TreeChunk[] => treeOf(Array.from({ length }, (_, i) => i - 1));

/** Each run as the places of its chunks in the tree. */
function cut(tree: readonly TreeChunk[], there: readonly number[], chunksAtMost: number): number[][] {
  const keys = new Set(there.map((i) => tree[i]?.key));
  const runs = planRuns(tree, (key) => keys.has(key), { identity, chunksAtMost });
  return runs.map(({ chunks }) => chunks.map(({ key }) => tree.findIndex((chunk) => chunk.key === key)));
}

describe('cutting a tree into runs', () => {
  test('a path is cut where the length divides a place, whatever is there already', () => {
    expect(cut(line(7), [], 4)).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6],
    ]);
    expect(cut(line(7), [0], 4)).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(cut(line(7), [0, 1, 2, 3, 4, 5, 6], 4)).toEqual([]);
  });

  test('a path is cut at a chunk that is there in its middle', () => {
    expect(cut(line(6), [3], 8)).toEqual([
      [0, 1, 2],
      [4, 5],
    ]);
  });

  test('a branch point ends a run, and both branches wait for it', () => {
    //           0 - 1 - 2 - 3
    //                \- 4 - 5
    const tree = treeOf([-1, 0, 1, 2, 1, 4]);
    expect(cut(tree, [], 8)).toEqual([
      [0, 1],
      [2, 3],
      [4, 5],
    ]);
    const [prefix, first, second] = planRuns(tree, () => false, { identity, chunksAtMost: 8 });
    expect(prefix?.waitsFor).toBe(null);
    expect([first?.waitsFor, second?.waitsFor]).toEqual([prefix?.id, prefix?.id]);
    // The other branch being there does not rename this one.
    const there = new Set([tree[2]?.key, tree[3]?.key]);
    expect(planRuns(tree, (key) => there.has(key), { identity, chunksAtMost: 8 }).map(({ id }) => id)).toEqual([
      prefix?.id,
      second?.id,
    ]);
  });

  test('what comes after a chunk that is there waits for what is missing before that', () => {
    const tree = line(3);
    const runs = planRuns(tree, (key) => key === tree[1]?.key, { identity, chunksAtMost: 8 });
    expect(runs.map(({ waitsFor }) => waitsFor)).toEqual([null, runs[0]?.id]);
  });

  test('a parent that is not in the tree is there; a child before its parent is a mistake', () => {
    const tree = line(4);
    expect(planRuns(tree.slice(2), () => false, { identity, chunksAtMost: 8 })).toMatchObject([
      { parentKey: tree[1]?.key, waitsFor: null },
    ]);
    expect(() => planRuns([...tree].reverse(), () => false, { identity, chunksAtMost: 8 })).toThrow('after its child');
  });

  test('the name of a run: exact, and another for another device, model or numerics', () => {
    const run = { parentKey: null, chunks: [{ key: 'a'.repeat(64) }] } as unknown as Parameters<typeof runId>[0];
    const model = { ...fakeInfo, digest: 'f'.repeat(64) };
    const name = (change: Partial<MakerIdentity>): string => runId(run, { model, deviceClass: 'cpu-x64', ...change });
    expect(name({})).toBe('b1acfb4a36ca8c59005969e527dabf774946d19ff8037415547b57c62d112eb7');
    const names = [
      name({}),
      name({ deviceClass: 'webgpu-x64' }),
      name({ model: { ...model, digest: '0'.repeat(64) } }),
      name({ model: { ...model, numericsVersion: 9 } }),
      runId({ ...run, parentKey: 'b'.repeat(64) }, { model, deviceClass: 'cpu-x64' }),
    ];
    expect(new Set(names).size).toBe(names.length);
  });

  test('length of a run by what was measured', () => {
    expect([null, 40, 30, 10, 7, 0.1, 0].map((seconds) => chunksInRun(seconds, 30))).toEqual([4, 1, 1, 2, 4, 64, 64]);
  });

  test('a class of devices is a plain name', () => {
    expect(deviceClassOf('cpu', 'x64')).toBe('cpu-x64');
    expect(deviceClassOf('WebGPU (NVIDIA H100)', 'x64')).toBe('webgpu-nvidia-h100-x64');
  });
});

const trees = fc
  .array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 9 })), { minLength: 1, maxLength: 60 })
  .map((dice) => treeOf(dice.map(([die, kind], i) => (i === 0 || kind === 0 ? -1 : kind < 7 ? i - 1 : die % i))));

test('whatever the tree: each missing chunk in one run, runs along paths, prefixes first, names by content', () => {
  fc.assert(
    fc.property(trees, fc.array(fc.nat(59)), fc.constantFrom(1, 2, 4, 8), (tree, dice, chunksAtMost) => {
      const there = new Set(dice.map((die) => tree[die]?.key));
      const options = { identity, chunksAtMost };
      const runs = planRuns(tree, (key) => there.has(key), options);
      const made = runs.flatMap(({ chunks }) => chunks.map(({ key }) => key));
      expect([...made].sort()).toEqual(
        tree
          .map(({ key }) => key)
          .filter((key) => !there.has(key))
          .sort(),
      );
      const parents = new Map(tree.map(({ key, parentKey }) => [key, parentKey]));
      for (const { chunks, parentKey } of runs) {
        expect(chunks.length).toBeLessThanOrEqual(chunksAtMost);
        expect(chunks.map(({ key }) => parents.get(key))).toEqual(
          [parentKey, ...chunks.map(({ key }) => key)].slice(0, -1),
        );
      }
      // Carried out by a schedule, in the worst order, everything before a chunk is there when it is made.
      const schedule = new Schedule(runs);
      const known = new Set(there);
      const given: (typeof runs)[number][] = [];
      while (!schedule.isDone) {
        for (let run = schedule.give(); run; run = schedule.give()) given.push(run);
        const run = given.pop();
        if (!run) throw new Error('nothing is ready, and not everything is done');
        for (const { key } of run.chunks) {
          for (let at = parents.get(key) ?? null; at !== null; at = parents.get(at) ?? null)
            expect(known).toContain(at);
          known.add(key);
        }
        schedule.done(run.id);
      }
      expect(planRuns(tree, (key) => there.has(key), options).map(({ id }) => id)).toEqual(runs.map(({ id }) => id));
      expect(new Set(runs.map(({ id }) => id)).size).toBe(runs.length);
      expect(planRuns(tree, (key) => known.has(key), options)).toEqual([]);
    }),
  );
});

test('a schedule: what is ready is given once, the first result wins, a strange result changes nothing', () => {
  const runs = planRuns(treeOf([-1, 0, 0]), () => false, { identity, chunksAtMost: 4 });
  const [prefix, ...branches] = runs;
  const schedule = new Schedule(runs);
  expect(schedule.counts).toEqual({ waiting: 2, ready: 1, given: 0, done: 0 });
  expect(schedule.give()).toBe(prefix);
  expect(schedule.give()).toBe(null);
  schedule.done('of another story');
  schedule.done(prefix?.id ?? '');
  schedule.done(prefix?.id ?? '');
  expect(schedule.counts).toEqual({ waiting: 0, ready: 2, given: 0, done: 1 });
  expect([schedule.give(), schedule.give(), schedule.give()]).toEqual([...branches, null]);
  expect(schedule.isDone).toBe(false);
  for (const { id } of branches) schedule.done(id);
  expect(schedule.isDone).toBe(true);
});
