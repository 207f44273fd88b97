import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { essence, linePlan, TestStudio, temporaryFolder, tinyModel } from './engine-story.ts';

/** The tiny model with other settings of memory and chunk length. */
function modelWith(memory: Record<string, unknown>, chunkFrames: number): string {
  const folder = join(temporaryFolder(), 'model');
  cpSync(tinyModel, folder, { recursive: true, filter: (file) => !/t(ensors\.safetensors|race\.json)$/.test(file) });
  const config = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'));
  config.sampler.chunkFrames = chunkFrames;
  config.sampler.steps = [1000, 500];
  config.memory = { ...config.memory, ...memory };
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  return folder;
}

// The recache at the prompt switch reaches further back than the chunks kept at hand.
it.each([
  { name: 'chunks of one frame, released', chunkFrames: 1, chunks: 14, memory: { mode: 'released', windowFrames: 8 } },
  { name: 'a window of 30, released', chunkFrames: 3, chunks: 12, memory: { mode: 'released', windowFrames: 30 } },
  { name: 'a window of 30, paper', chunkFrames: 3, chunks: 11, memory: { mode: 'paper', windowFrames: 30 } },
])('switches prompts with $name, the same when replayed', async ({ chunkFrames, chunks, memory }) => {
  const modelFolder = modelWith({ ...memory, positions: { kind: 'absolute' } }, chunkFrames);
  const studio = new TestStudio({ modelFolder });
  const line = linePlan(await studio.engine(), [
    { prompt: 'a red cat walks in the meadow', chunks },
    { prompt: 'the cat waves', chunks: 2 },
  ]);
  const made = (await studio.render(line)).map(essence);
  expect(made).toHaveLength(chunks + 2);

  const replayed = new TestStudio({ modelFolder });
  for (const [key, latents] of studio.latents) if (key !== line.at(-1)?.key) replayed.latents.set(key, latents);
  expect((await replayed.render(line, chunks + 1)).map(essence)).toEqual(made.slice(chunks + 1));
});
