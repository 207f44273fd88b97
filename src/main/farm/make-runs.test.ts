import { expect, test } from 'vitest';
import { FakeEngine, fakeInfo } from '../../../tests/fakes/fake-engine.ts';
import { planStory } from '../../shared/recipes.ts';
import { storySchema } from '../../shared/story.ts';
import { latentsDigest } from '../persistence/index.ts';
import { EngineWorker, lent } from './engine-worker.ts';
import { makeRuns } from './make-runs.ts';
import type { RunWorker } from './run-worker.ts';
import { type PlannedRun, pathAsTree, planRuns } from './runs.ts';

const plan = planStory(
  storySchema.parse({
    format: 'throughline-story',
    version: 1,
    shots: [
      { prompt: 'a cat', chunks: 3 },
      { prompt: 'a dog', chunks: 2 },
    ],
  }),
  fakeInfo,
);
const runs = planRuns(pathAsTree(plan), () => false, {
  identity: { model: fakeInfo, deviceClass: 'cpu-x64' },
  chunksAtMost: 2,
});
const ancestorsOf = ({ chunks }: PlannedRun) => plan.slice(0, chunks[0]?.recipe.chunkIndex);

test('an engine as a worker makes a story in order, each chunk after all before it', async () => {
  const engine = new FakeEngine();
  const digests = new Map<string, string>();
  await makeRuns({
    runs,
    worker: new EngineWorker(lent(engine)),
    callFor: (run) => ({
      ancestors: () => ancestorsOf(run),
      digestOf: (key) => digests.get(key) ?? null,
      onChunk: async ({ artifact, pictures }) => {
        expect(artifact.parentLatentsDigest).toBe(digests.get(artifact.parentKey ?? '') ?? null);
        expect(pictures?.frameCount).toBe(artifact.recipe.chunkIndex === 0 ? 9 : 12);
        digests.set(artifact.key, latentsDigest(artifact.latents));
      },
    }),
  });
  expect([...digests.keys()]).toEqual(plan.map(({ key }) => key));
  expect(engine.made.map(({ ancestors }) => ancestors.map(({ key }) => key))).toEqual(
    plan.map((_, i) => plan.slice(0, i).map(({ key }) => key)),
  );
});

test('what is there of a run is passed over', async () => {
  const engine = new FakeEngine();
  const there = new Set([plan[0]?.key]);
  await new EngineWorker(lent(engine)).makeRun(runs[0] as PlannedRun, {
    ancestors: () => [],
    digestOf: (key) => (there.has(key) ? 'a'.repeat(64) : null),
    onChunk: async ({ artifact }) => void there.add(artifact.key),
  });
  expect(engine.made.map(({ key }) => key)).toEqual([plan[1]?.key]);
});

test('a failure ends the others, is thrown once they have ended, and nothing after it is begun', async () => {
  const branches = [0, 1, 2].map((seed): PlannedRun => ({ ...(runs[0] as PlannedRun), id: `${seed}`, waitsFor: null }));
  const after: PlannedRun = { ...(runs[1] as PlannedRun), waitsFor: '0' };
  const ended: string[] = [];
  const worker: RunWorker = {
    atOnce: 2,
    makeRun: async ({ id }, { signal }) => {
      if (id === '0') throw new Error('no power');
      await new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve()));
      ended.push(id);
      throw new Error('ended');
    },
  };
  const callFor = () => ({ ancestors: () => [], digestOf: () => null, onChunk: async () => {} });
  await expect(makeRuns({ runs: [...branches, after], worker, callFor })).rejects.toThrow('no power');
  expect(ended).toEqual(['1']);
});
