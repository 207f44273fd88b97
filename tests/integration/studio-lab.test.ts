import { expect, test } from 'vitest';
import { adoptMemory } from '../../src/shared/lab/index.ts';
import { cutsOf } from '../../src/shared/project/tree.ts';
import { FakeStudioEngine } from '../fakes/fake-studio-engine.ts';
import { studioOptions, TestWindow, testFolder } from './studio-fixtures.ts';

/** Of every chunk that was made: how its recipe remembers, and its place in the story. */
async function open() {
  const made: string[] = [];
  const window = new TestWindow({
    ...studioOptions(testFolder()),
    startEngine: async (options) => {
      const engine = new FakeStudioEngine(options);
      const { renderChunk } = engine;
      engine.renderChunk = (request, run) => {
        made.push(`${request.recipe.memory.policy} ${request.recipe.chunkIndex}`);
        return renderChunk.call(engine, request, run);
      };
      return engine;
    },
  });
  const { api } = window;
  await api.projects.create({});
  const first = await window.add(null, 'a cat in the meadow', 2);
  const second = await window.add(first, 'a robot in the city', 1);
  const back = await window.add(second, 'the cat in the meadow', 1);
  const shotIds = [first, second, back];
  const make = async (policy?: 'window' | 'nam') => {
    const { jobId } = await api.queue.generate({ shotIds, ...(policy ? { policy } : {}) });
    await window.until(() => jobId === null || window.job(jobId)?.state === 'done');
    return jobId;
  };
  return { window, api, made, shotIds, make };
}

test('a cut is made under other memories beside what its shots say, measured, and adopted without making anything', async () => {
  const { window, api, made, shotIds, make } = await open();
  const [, , leaf = ''] = shotIds;
  await make();
  await make('window');
  expect(made).toEqual([0, 1, 2, 3].map((i) => `nam+sma ${i}`).concat([0, 1, 2, 3].map((i) => `window ${i}`)));
  expect(await make('window')).toBeNull();

  const measured = await api.lab.measure({ leaf, policies: ['window', 'sink', 'nam+sma'] });
  expect(measured.returns).toEqual([{ place: 'meadow', shot: 0, back: 2 }]);
  // Nothing was made under `sink`.
  expect(measured.films.map(({ memory, keys }) => [memory, keys.length])).toEqual([
    ['window', 4],
    ['nam+sma', 4],
  ]);
  expect(measured.films[0]?.measures.returns[0]?.psnrDb).toBeGreaterThan(0);
  expect(measured.films.map(({ secondsPerChunk }) => typeof secondsPerChunk)).toEqual(['number', 'number']);

  const [cut] = cutsOf(window.project?.document as never);
  await api.document.apply({ commands: adoptMemory(cut?.shots ?? [], 'window'), gesture: null });
  expect(await make()).toBeNull();
  expect(made).toHaveLength(8);
});

test('results under another memory are takes of their shots; a job says what it makes', async () => {
  const { window, api, shotIds, make } = await open();
  await make();
  const { jobId } = await api.queue.generate({ shotIds, policy: 'nam' });
  expect(window.job(jobId)).toMatchObject({ policy: 'nam', title: 'NAM: 3 shots' });
  await window.until(() => window.job(jobId)?.state === 'done');
  const takes = window.takes.filter(({ shotId }) => shotId === shotIds[2]);
  expect(takes).toHaveLength(2);
});

test('what was made before the project was opened has no time: it was made on another day', async () => {
  const { api, window, shotIds, make } = await open();
  const [, , leaf = ''] = shotIds;
  await make();
  const { file = '' } = window.project ?? {};
  await new Promise((resolve) => setTimeout(resolve, 2)); // a chunk and an opening within one millisecond are of one day
  await api.projects.create({});
  await api.projects.open({ file });
  await make('window');
  const { films } = await api.lab.measure({ leaf, policies: ['window', 'nam+sma'] });
  expect(films.map(({ memory, secondsPerChunk }) => [memory, secondsPerChunk === null])).toEqual([
    ['window', false],
    ['nam+sma', true],
  ]);
});

test('a cut that is gone is not measured', async () => {
  const { api } = await open();
  await expect(api.lab.measure({ leaf: 'nowhere', policies: ['nam'] })).rejects.toThrow('no longer in the story');
});
