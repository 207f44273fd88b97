import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeEngine, greyOf } from '../../../../tests/fakes/fake-engine.ts';
import { CancelledError } from '../../../shared/errors.ts';
import {
  bestRows,
  comparisonCsv,
  comparisonSchema,
  comparisonTable,
  measureColumns,
} from '../../../shared/lab/index.ts';
import { planStory } from '../../../shared/recipes.ts';
import { storySchema } from '../../../shared/story.ts';
import { EngineWorker, lent, type RunWorker } from '../../farm/index.ts';
import { ChunkStore } from '../../persistence/index.ts';
import { compareStory } from './compare-story.ts';

const story = storySchema.parse({
  format: 'throughline-story',
  version: 1,
  seed: 5,
  shots: [
    { prompt: 'a cat in the meadow', chunks: 2 },
    { prompt: 'a robot in the city', chunks: 1 },
    { prompt: 'the cat in the meadow', chunks: 1 },
  ],
});

let folder: string;
let store: ChunkStore;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'throughline-lab-'));
  store = await ChunkStore.open(join(folder, 'chunks.sqlite'));
});
afterEach(() => {
  store.dispose();
  rmSync(folder, { recursive: true });
});

test('makes a film under each memory and seed, and measures it on its own frames', async () => {
  const engine = new FakeEngine();
  const comparison = await compareStory({ story, engine, store, memories: ['window', 'nam+sma'], seeds: [5, 6] });
  expect(comparisonSchema.parse(JSON.parse(JSON.stringify(comparison)))).toEqual(comparison);
  expect(comparison.returns).toEqual([{ place: 'meadow', shot: 0, back: 2 }]);
  expect(comparison.films.map(({ memory, seed }) => `${memory} ${seed}`)).toEqual([
    'window 5',
    'window 6',
    'nam+sma 5',
    'nam+sma 6',
  ]);
  for (const { policy, seed, keys, measures, framesReachable, stateBytes } of comparison.films) {
    expect(keys).toEqual(planStory(story, engine.info, { policy, seed }).map(({ key }) => key));
    // Chunks are flat grey: the error of a return is that of two greys.
    const [end, back] = [greyOf(keys[1] as string), greyOf(keys[3] as string)];
    const psnr = -10 * Math.log10(((end - back) / 255) ** 2 + 1e-12);
    expect(measures.returns[0]?.psnrDb).toBeCloseTo(psnr, 4);
    // The fake's last chunk, the fourth: sink 0, window 3..8, bank and candidate 0.
    expect([framesReachable, stateBytes]).toEqual([7, 7000]);
  }
});

test('a comparison that was stopped goes on with the chunks that are there', async () => {
  const first = new FakeEngine();
  const controller = new AbortController();
  const stopped = compareStory({
    ...{ story, engine: first, store, memories: ['window', 'nam'], seeds: [1], signal: controller.signal },
    onChunk: (memory, _seed, { plan }) => {
      if (memory === 'nam' && plan.recipe.chunkIndex === 1) controller.abort();
    },
  });
  await expect(stopped).rejects.toThrow(CancelledError);
  const second = new FakeEngine();
  const whole = await compareStory({ story, engine: second, store, memories: ['window', 'nam'], seeds: [1] });
  expect(second.made.map(({ recipe }) => [recipe.memory.policy, recipe.chunkIndex])).toEqual([
    ['nam', 2],
    ['nam', 3],
  ]);
  expect(whole.films).toHaveLength(2);
  // Times are of what this run made: nothing of `window`, two chunks of `nam`.
  expect(whole.films.map(({ secondsPerChunk }) => secondsPerChunk === null)).toEqual([true, false]);
});

test('a farm makes all films side by side: none waits for another, and what is there is not asked for', async () => {
  const here = new FakeEngine();
  await compareStory({ story, engine: here, store, memories: ['nam'], seeds: [1] });
  const engine = new FakeEngine();
  const elsewhere = new FakeEngine();
  let going = 0;
  let most = 0;
  const begun = Promise.withResolvers<void>();
  const worker: RunWorker = {
    atOnce: 64,
    makeRun: async (run, call) => {
      most = Math.max(most, ++going);
      if (going === 3) begun.resolve();
      await begun.promise; // the first of each film that is missing
      await new EngineWorker(lent(elsewhere)).makeRun(run, call);
      going--;
    },
  };
  const farm = { worker, identity: { model: engine.info, deviceClass: 'other-x64' } };
  const missing: number[] = [];
  const asked = { story, store, memories: ['window', 'nam'], seeds: [1, 2] };
  const { films } = await compareStory({ ...asked, engine, farm, onFarm: (count) => void missing.push(count) });
  expect([missing, most, engine.made.length, elsewhere.made.length]).toEqual([[12], 3, 0, 12]);
  expect(films.map(({ secondsPerChunk }) => secondsPerChunk)).toEqual([null, null, null, null]);
  const again = await compareStory({ ...asked, engine });
  expect(engine.made).toEqual([]);
  expect(again.films.map((film) => ({ ...film, secondsPerChunk: null }))).toEqual(films);
});

test('a memory that the model does not have is refused before any work, naming those it has', async () => {
  const engine = new FakeEngine();
  await expect(compareStory({ story, engine, store, memories: ['window', 'mag'], seeds: [1] })).rejects.toMatchObject({
    code: 'bad-input',
    hint: 'It has: window, sink, nam, nam+sma.',
  });
  expect(engine.made).toEqual([]);
});

test('a person says which shots should look alike', async () => {
  const engine = new FakeEngine();
  const asked = { story, engine, store, memories: ['window'], seeds: [1] };
  const { returns, films } = await compareStory({
    ...asked,
    returns: [
      { shot: 0, back: 2 },
      { shot: 0, back: 1 },
    ],
  });
  expect(returns).toEqual([
    { place: 'meadow', shot: 0, back: 2 },
    { place: 'shot 1', shot: 0, back: 1 },
  ]);
  expect(films[0]?.measures.returns).toHaveLength(2);
  await expect(compareStory({ ...asked, returns: [{ shot: 1, back: 3 }] })).rejects.toThrow('the story has 3 shots');
});

test('the best of a column is marked where there are several, and they differ', () => {
  const column = (id: string) => measureColumns.find((one) => one.id === id) as (typeof measureColumns)[0];
  const cells = (...means: (number | null)[]) =>
    means.map((mean) => (mean === null ? null : { mean, count: 1, interval: null }));
  expect(bestRows(cells(17.2, 31.2, null), column('return-psnr'))).toEqual([false, true, false]);
  expect(bestRows(cells(0.2, 0.1, 0.1), column('return-gradients'))).toEqual([false, true, true]);
  expect(bestRows(cells(0.7, 1.2), column('flicker'))).toEqual([false, true]);
  expect(bestRows(cells(5, null), column('seconds'))).toEqual([false, false]);
  expect(bestRows(cells(1.001, 1.002), column('sharpness-drift'))).toEqual([false, false]);
  expect(bestRows(cells(3, 5), column('frames'))).toEqual([false, false]);
});

test('the table has a row for each memory over its seeds, the CSV a line for each film', async () => {
  const seeds = [1, 2, 3, 4];
  const { films } = await compareStory({ story, engine: new FakeEngine(), store, memories: ['sink', 'nam'], seeds });
  const table = comparisonTable(films);
  expect(table.map(({ name }) => name)).toEqual(['Sink', 'NAM']);
  const values = films.slice(0, 4).map(({ measures }) => measures.returns[0]?.psnrDb as number);
  const cell = table[0]?.cells[0];
  expect(cell?.count).toBe(4);
  expect(cell?.mean).toBeCloseTo(values.reduce((sum, value) => sum + value, 0) / 4, 9);
  expect(cell?.interval?.low).toBeGreaterThanOrEqual(Math.min(...values));
  expect(cell?.interval?.high).toBeLessThanOrEqual(Math.max(...values));
  const lines = comparisonCsv(films).trim().split('\r\n');
  expect(lines).toHaveLength(9);
  expect(lines[0]?.split(',')).toHaveLength(2 + measureColumns.length);
  expect(lines[1]).toMatch(/^sink,1,/);
});

test('films that begin with footage are held against the rest of it', async () => {
  const engine = new FakeEngine();
  (engine.info as { encoder?: string }).encoder = 'e'.repeat(64);
  const { width, height } = engine.info.video;
  const clip = ['a', 'b'].map((digit) => digit.repeat(64));
  /** Frames in one grey; the clip ends with the third chunk's second frame. */
  const framesOf = async (chunk: number) =>
    chunk > 2 ? null : new Uint8Array((chunk === 2 ? 2 : chunk === 0 ? 9 : 12) * width * height * 3).fill(100);
  const footage = { assets: clip, framesOf };
  const comparison = await compareStory({ story, engine, store, memories: ['window'], seeds: [5], footage });
  expect(comparisonSchema.parse(JSON.parse(JSON.stringify(comparison)))).toEqual(comparison);
  const [film] = comparison.films;
  const greys = film?.keys.map(greyOf) as number[];
  const psnrTo = (grey: number) => -10 * Math.log10(((grey - 100) / 255) ** 2 + 1e-12);
  expect(film?.measures.given?.map(({ psnrDb }) => psnrDb)).toEqual(
    greys.slice(0, 2).map((grey) => expect.closeTo(psnrTo(grey), 4)),
  );
  expect(film?.measures.truth?.map(({ psnrDb }) => psnrDb)).toEqual([expect.closeTo(psnrTo(greys[2] as number), 4)]);
  expect(comparisonCsv(comparison.films).split('\r\n')[0]).toContain('truth-psnr (dB),truth-ssim,truth-gradients');
  expect(engine.made.map(({ recipe }) => recipe.footage?.asset)).toEqual([...clip, undefined, undefined]);
  // Without footage they are other chunks, and there are no such columns.
  const plain = await compareStory({ story, engine, store, memories: ['window'], seeds: [5] });
  expect(plain.films[0]?.keys[0]).not.toBe(film?.keys[0]);
  expect(comparisonCsv(plain.films)).not.toContain('truth');
});
