import { copyFileSync, cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
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
