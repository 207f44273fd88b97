import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { gaussianNoise } from '../../src/main/engine/model/noise.ts';
import { type MemorySettings, memoryChoice, toldBy } from '../../src/shared/memories/index.ts';
import { memoryRecordSchema } from '../../src/shared/memory-record.ts';
import { planStory } from '../../src/shared/recipes.ts';
import type { Story } from '../../src/shared/story.ts';
import { essence, linePlan, TestStudio, temporaryFolder } from './engine-story.ts';

/** A tiny model whose sink moves: three frames of sink, three of window, and a fifth of a sink comes anew each time. */
const modelFolder = fileURLToPath(new URL('../fixtures/reference-ema-sink', import.meta.url));

const shots = [
  { prompt: 'A red cat walks in the meadow.', chunks: 4 },
  { prompt: 'the cat waves', chunks: 2 },
  { prompt: 'A blue robot stands in the city at night', chunks: 3, transition: 'cut' },
] as const;

it.each(['fp32', 'fp16', 'int8'] as const)(
  'from scratch, restored and replayed are bit-equal, with pages in %s',
  async (kvStorage) => {
    const cacheFile = join(temporaryFolder(), 'states.kv');
    const scratch = new TestStudio({ modelFolder, cacheFile, kvStorage });
    const line = linePlan(await scratch.engine(), shots);
    const results = await scratch.render(line);
    const made = results.map(essence);
    expect(results.map(({ record }) => [record.sink, record.window])).toEqual([
      [[], []],
      [[0, 1, 2], []],
      [
        [0, 1, 2],
        [3, 4, 5],
      ],
      [
        [0, 1, 2],
        [6, 7, 8],
      ],
      [
        [0, 1, 2],
        [9, 10, 11],
      ],
      [
        [0, 1, 2],
        [12, 13, 14],
      ],
      [[0, 1, 2], []], // a cut
      [
        [0, 1, 2],
        [18, 19, 20],
      ],
      [
        [0, 1, 2],
        [21, 22, 23],
      ],
    ]);
    const told = results.map(({ record }) => toldBy('ema-sink', memoryRecordSchema.parse(record)));
    expect(told.map((one) => one?.sources[0]?.share)).toEqual([
      undefined,
      1,
      1,
      0.8,
      0.64,
      0.512,
      0.4096,
      0.3277,
      0.2621,
    ]);
    expect(results[8]?.record).toMatchObject({ recached: false, prototype: null, candidates: [], evicted: [] });
    await scratch.close();

    const restored = new TestStudio({ modelFolder, cacheFile, kvStorage });
    for (const [key, latents] of scratch.latents) restored.latents.set(key, latents);
    expect(await (await restored.engine()).moveTo(line.slice(0, 6), 'restore')).toMatchObject({ restored: true });
    expect((await restored.render(line, 6)).map(essence)).toEqual(made.slice(6));
    expect(restored.notices).toEqual([]);

    const replayed = new TestStudio({ modelFolder, kvStorage, pageBudget: { deviceBytes: 1, hostBytes: 1 } });
    for (const [key, latents] of scratch.latents) replayed.latents.set(key, latents);
    expect(await (await replayed.engine()).moveTo(line.slice(0, 6), 'replay')).toMatchObject({ replayed: 6 });
    expect((await replayed.render(line, 6)).map(essence)).toEqual(made.slice(6));
  },
);

it('a state after 64 chunks is as large as one after 8', async () => {
  const pagesAfter = async (chunks: number): Promise<number | undefined> => {
    const studio = new TestStudio({ modelFolder, cacheFile: join(temporaryFolder(), 'states.kv') });
    const engine = await studio.engine();
    const line = linePlan(engine, [{ prompt: 'the cat waves', chunks }]);
    const { latent, chunkFrames } = engine.info;
    const size = chunkFrames * latent.channels * latent.height * latent.width;
    for (const [i, { key }] of line.entries()) studio.latents.set(key, gaussianNoise(1, i, 0, size));
    await engine.moveTo(line, 'replay');
    await engine.snapshot();
    const { cache } = await engine.usage();
    expect(cache?.states).toBe(1);
    return cache?.pages;
  };
  expect(await pagesAfter(64)).toBe(await pagesAfter(8));
});

it('how much of the sink stays is in the keys', async () => {
  const { info } = await new TestStudio({ modelFolder }).engine();
  const story = { seed: 3, shots: [{ prompt: 'a cat', chunks: 2, transition: 'cut' }] } as unknown as Story;
  const [, second] = planStory(story, info);
  expect(second?.recipe.memory).toMatchObject({ mode: 'ema-sink', policy: 'ema-sink', sinkAlpha: 0.8, bankFrames: 0 });
  expect(memoryChoice(second?.recipe.memory as MemorySettings).name).toBe('EMA sink');
  const slower = planStory(story, { ...info, memory: { ...info.memory, sinkAlpha: 0.9 } });
  expect(slower[1]?.key).not.toBe(second?.key);
});
