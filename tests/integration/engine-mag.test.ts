import { copyFileSync, cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { type MemorySettings, memoryChoice, toldBy } from '../../src/shared/memories/index.ts';
import { memoryRecordSchema } from '../../src/shared/memory-record.ts';
import { planStory } from '../../src/shared/recipes.ts';
import type { Story } from '../../src/shared/story.ts';
import { essence, linePlan, TestStudio, temporaryFolder, tinyModel } from './engine-story.ts';

/** The tiny model with a second DiT that remembers. */
function magModel(withMemory = true): string {
  const folder = join(temporaryFolder(), 'model');
  cpSync(tinyModel, folder, { recursive: true, filter: (file) => !/t(ensors\.safetensors|race\.json)$/.test(file) });
  if (withMemory) copyFileSync(join(folder, 'dit.safetensors'), join(folder, 'memory_dit.safetensors'));
  const config = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'));
  config.sampler.steps = [1000, 500];
  const memory = { mode: 'mag', policy: 'nam', sinkFrames: 2, capacity: 3, positions: { kind: 'absolute' } };
  config.memory = { ...config.memory, ...memory };
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  return folder;
}

it('MAG: from scratch, restored and replayed are bit-equal, the state does not grow, its record tells the entries', async () => {
  const modelFolder = magModel();
  const cacheFile = join(temporaryFolder(), 'states.kv');
  const shots = [
    { prompt: 'a red cat walks in the meadow', chunks: 5 },
    { prompt: 'the cat waves', chunks: 3 },
  ];
  const scratch = new TestStudio({ modelFolder, cacheFile });
  const engine = await scratch.engine();
  const line = linePlan(engine, shots);
  const results = await scratch.render(line);
  const made = results.map(essence);
  expect(results.map(({ record }) => record.bank[0])).toEqual([
    [],
    [2],
    [2, 5],
    [2, 5, 8],
    [5, 8, 11],
    [8, 11, 14],
    [11, 14, 17],
    [14, 17, 20],
  ]);
  const told = results.map(({ record }) => toldBy('mag', memoryRecordSchema.parse(record)));
  expect(told.map((one) => one?.frames)).toEqual([
    [],
    [0, 1, 2],
    [0, 1, 2, 5],
    [0, 1, 2, 5, 8],
    [0, 1, 5, 8, 11],
    [0, 1, 8, 11, 14],
    [0, 1, 11, 14, 17],
    [0, 1, 14, 17, 20],
  ]);
  for (const one of told.slice(1)) {
    expect(one?.shares).toHaveLength(2); // layers
    for (const row of one?.shares ?? []) {
      // Less than all: the chunk attends to itself too.
      expect(row.reduce((sum, share) => sum + share, 0)).toBeLessThan(1);
      expect(Math.min(...row)).toBeGreaterThan(0);
    }
  }
  expect(results[6]?.record).toMatchObject({ sink: [0, 1], window: [], prototype: 20, evicted: [11], recached: false });
  await scratch.close();

  const restored = new TestStudio({ modelFolder, cacheFile });
  for (const [key, latents] of scratch.latents) restored.latents.set(key, latents);
  expect(await (await restored.engine()).moveTo(line.slice(0, 6), 'restore')).toMatchObject({ restored: true });
  expect((await restored.render(line, 6)).map(essence)).toEqual(made.slice(6));

  const replayed = new TestStudio({ modelFolder });
  for (const [key, latents] of scratch.latents) replayed.latents.set(key, latents);
  await (await replayed.engine()).moveTo(line.slice(0, 6), 'replay');
  expect((await replayed.render(line, 6)).map(essence)).toEqual(made.slice(6));
});

it('MAG: what it cannot follow, and a model without its second half, are refused in a sentence', async () => {
  const studio = new TestStudio({ modelFolder: magModel() });
  const line = linePlan(await studio.engine(), [{ prompt: 'a cat', chunks: 1, memory: { policy: 'window' } }]);
  await expect(studio.render(line)).rejects.toMatchObject({
    code: 'bad-input',
    message: 'MAG remembers every chunk, and the policy "window" asks for something else.',
  });
  await expect(new TestStudio({ modelFolder: magModel(false) }).engine()).rejects.toMatchObject({
    code: 'model-missing',
    message: expect.stringContaining('memory_dit.safetensors cannot be opened'),
  });
});

/** A tiny model with random adapters for MAG: one for what draws, one for what remembers. */
const adaptedModel = fileURLToPath(new URL('../fixtures/reference-mag', import.meta.url));

const leaveAndReturn = {
  seed: 3,
  shots: [
    { prompt: 'A red cat walks in the meadow.', chunks: 3, transition: 'cut' },
    { prompt: 'A blue robot stands in the city at night', chunks: 2, transition: 'cut' },
    { prompt: 'the robot waves in the city', chunks: 2, transition: 'continue' },
  ],
} as unknown as Story;

it('MAG by adapters: from scratch, restored and replayed are bit-equal; the newest entry is the frame just before, but after a cut', async () => {
  const cacheFile = join(temporaryFolder(), 'states.kv');
  const scratch = new TestStudio({ modelFolder: adaptedModel, cacheFile });
  const { info } = await scratch.engine();
  const plan = planStory(leaveAndReturn, info, { policy: 'mag', capacity: 4 });
  const line = plan.map(({ key, recipe }) => ({ key, recipe }));
  // Recipes hold MAG as they always did, and of what it does not heed the least.
  expect(line[0]?.recipe.memory).toMatchObject({
    ...{ mode: 'mag', policy: 'nam', bankFrames: 0, capacity: 4, adapter: info.adapters?.[0]?.digest },
  });
  expect(memoryChoice(line[0]?.recipe.memory as MemorySettings).name).toBe('MAG');
  const results = await scratch.render(line);
  expect(results.map(({ record }) => [...(record.bank[0] ?? []), ...record.window])).toEqual([
    [],
    [2],
    [2, 5],
    [2, 5, 8],
    [2, 5, 8, 11],
    [5, 8, 11, 14],
    [8, 11, 14, 17],
  ]);
  expect(results.map(({ record }) => record.window)).toEqual([[], [2], [5], [], [11], [14], [17]]);
  // Sink, bank and window lie in another order in the context than in the record.
  expect(toldBy('mag', results[5]?.record ?? {})?.frames).toEqual([0, 1, 5, 8, 11, 14]);
  await scratch.close();

  const restored = new TestStudio({ modelFolder: adaptedModel, cacheFile });
  for (const [key, latents] of scratch.latents) restored.latents.set(key, latents);
  expect(await (await restored.engine()).moveTo(line.slice(0, 4), 'restore')).toMatchObject({ restored: true });
  expect((await restored.render(line, 4)).map(essence)).toEqual(results.slice(4).map(essence));
  expect(restored.notices).toEqual([]);

  const replayed = new TestStudio({ modelFolder: adaptedModel });
  for (const [key, latents] of scratch.latents) replayed.latents.set(key, latents);
  expect(await (await replayed.engine()).moveTo(line.slice(0, 4), 'replay')).toMatchObject({ replayed: 4 });
  expect((await replayed.render(line, 4)).map(essence)).toEqual(results.slice(4).map(essence));
});

it('MAG by adapters: one of the two is not enough, and is said', async () => {
  const folder = join(temporaryFolder(), 'model');
  cpSync(adaptedModel, folder, { recursive: true });
  rmSync(join(folder, 'adapters/mag-memory.safetensors'));
  const { info } = await new TestStudio({ modelFolder: folder }).engine();
  expect(info.adapters).toBeUndefined();
  expect(() => planStory(leaveAndReturn, info, { policy: 'mag' })).toThrow(
    'has no adapter for MAG (adapters/mag.safetensors and adapters/mag-memory.safetensors in its folder)',
  );
});
