import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import type { EngineClient } from '../../src/main/engine/client.ts';
import type { Ancestor } from '../../src/main/engine/protocol.ts';
import type { PolicyName } from '../../src/shared/memory-settings.ts';
import { planStory } from '../../src/shared/recipes.ts';
import type { Story } from '../../src/shared/story.ts';
import { essence, TestStudio, temporaryFolder } from './engine-story.ts';

/** A tiny model with a random adapter for FramePack. */
const packedModel = fileURLToPath(new URL('../fixtures/reference-packed', import.meta.url));

const story: Story = {
  seed: 3,
  shots: [
    { prompt: 'A red cat walks in the meadow.', chunks: 5, transition: 'cut' },
    { prompt: 'A blue robot stands in the city at night', chunks: 2, transition: 'cut' },
    { prompt: 'the robot waves in the city', chunks: 2, transition: 'continue' },
  ],
} as unknown as Story;

/** The story as it is planned under a memory, its first chunks under another. */
function planned(
  { info }: EngineClient,
  policy: PolicyName,
  before?: { policy: PolicyName; chunks: number },
): Ancestor[] {
  const line = planStory(story, info, { policy });
  if (!before) return line.map(({ key, recipe }) => ({ key, recipe }));
  const first = planStory(story, info, { policy: before.policy }).slice(0, before.chunks);
  return [
    ...first,
    ...line.slice(before.chunks).map((chunk) => ({ ...chunk, key: `${before.policy} ${chunk.key}` })),
  ].map(({ key, recipe }) => ({ key, recipe }));
}

it('from scratch, restored and replayed are bit-equal, and the record tells what is at which rate', async () => {
  const cacheFile = join(temporaryFolder(), 'states.kv');
  const scratch = new TestStudio({ modelFolder: packedModel, cacheFile });
  const line = planned(await scratch.engine(), 'framepack');
  const results = await scratch.render(line);
  expect(results[0]?.record.packs).toEqual([]);
  // A cut after fifteen frames: the last three are hidden, and of the sixteen before them three packs have begun.
  expect(results[5]?.record.packs).toEqual(
    [
      { rate: 4, frames: [0], tokens: 4 },
      { rate: 4, frames: [0, 1, 2, 3], tokens: 4 },
      { rate: 4, frames: [4, 5, 6, 7], tokens: 4 },
      { rate: 4, frames: [8, 9, 10, 11], tokens: 4 },
      { rate: 1, frames: [0], tokens: 25 },
    ].slice(1),
  );
  expect(results[8]?.record.packs?.map(({ rate }) => rate)).toEqual([4, 4, 4, 4, 2, 1, 1]);
  expect(results[8]?.record).toMatchObject({ sink: [], window: [], candidates: [], prototype: null, evicted: [] });
  await scratch.close();

  const restored = new TestStudio({ modelFolder: packedModel, cacheFile });
  for (const [key, latents] of scratch.latents) restored.latents.set(key, latents);
  expect(await (await restored.engine()).moveTo(line.slice(0, 6), 'restore')).toMatchObject({ restored: true });
  expect((await restored.render(line, 6)).map(essence)).toEqual(results.slice(6).map(essence));
  expect(restored.notices).toEqual([]);

  const replayed = new TestStudio({ modelFolder: packedModel });
  for (const [key, latents] of scratch.latents) replayed.latents.set(key, latents);
  expect(await (await replayed.engine()).moveTo(line.slice(0, 6), 'replay')).toMatchObject({ replayed: 6 });
  expect((await replayed.render(line, 6)).map(essence)).toEqual(results.slice(6).map(essence));
});

it('goes on from another memory and is gone on from: the state is made of the clean latents', async () => {
  const one = new TestStudio({ modelFolder: packedModel, cacheFile: join(temporaryFolder(), 'states.kv') });
  const engine = await one.engine();
  const [there, back] = [
    planned(engine, 'framepack', { policy: 'nam+sma', chunks: 4 }),
    planned(engine, 'nam+sma', { policy: 'framepack', chunks: 4 }),
  ];
  const made = [await one.render(there), await one.render(back)];
  expect(made[0]?.[4]?.record.packs?.length).toBeGreaterThan(0);
  expect(made[1]?.[4]?.record.packs).toBeUndefined();
  expect(made[1]?.[4]?.record.window).toEqual([6, 7, 8, 9, 10, 11]);
  for (const [i, line] of [there, back].entries()) {
    const other = new TestStudio({ modelFolder: packedModel });
    for (const [key, latents] of one.latents) other.latents.set(key, latents);
    expect((await other.render(line, 4)).map(essence)).toEqual(made[i]?.slice(4).map(essence));
  }
});

it('is part of the keys of its own chunks alone, and a model without the adapter says what is missing', async () => {
  const folder = join(temporaryFolder(), 'model');
  cpSync(packedModel, folder, { recursive: true });
  rmSync(join(folder, 'adapters'), { recursive: true });
  const [withIt, without] = [new TestStudio({ modelFolder: packedModel }), new TestStudio({ modelFolder: folder })];
  const [has, lacks] = [await withIt.engine(), await without.engine()];
  expect(has.info.digest).toBe(lacks.info.digest);
  expect(lacks.info.adapters).toBeUndefined();
  expect(planned(has, 'nam+sma')).toEqual(planned(lacks, 'nam+sma'));
  const [adapter] = has.info.adapters ?? [];
  expect(planned(has, 'framepack')[0]?.recipe.memory).toMatchObject({ mode: 'framepack', adapter: adapter?.digest });

  const missing =
    'The model Random reference has no adapter for FramePack (adapters/framepack.safetensors in its folder).';
  expect(() => planned(lacks, 'framepack')).toThrow(missing);
  await expect(without.render(planned(has, 'framepack'))).rejects.toMatchObject({
    code: 'model-missing',
    message: missing,
  });
  const [first] = planned(has, 'framepack') as [Ancestor];
  const memory = { ...first.recipe.memory, adapter: '0'.repeat(64) };
  await expect(withIt.render([{ ...first, recipe: { ...first.recipe, memory } }])).rejects.toMatchObject({
    code: 'model-missing',
    message: expect.stringMatching(/planned with another adapter for FramePack/),
  });
});
