import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import type { EngineClient } from '../../src/main/engine/client.ts';
import type { Ancestor } from '../../src/main/engine/protocol.ts';
import { toldBy } from '../../src/shared/memories/index.ts';
import { memoryRecordSchema } from '../../src/shared/memory-record.ts';
import type { PolicyName } from '../../src/shared/memory-settings.ts';
import { planStory } from '../../src/shared/recipes.ts';
import type { Story } from '../../src/shared/story.ts';
import { essence, TestStudio, temporaryFolder } from './engine-story.ts';

/** A tiny model with a random adapter for MemoryPack: frames of 5 x 5 tokens of width 48. */
const longModel = fileURLToPath(new URL('../fixtures/reference-long', import.meta.url));
const psiTokens = 3 * 25;

const story: Story = {
  seed: 3,
  shots: [
    { prompt: 'A red cat walks in the meadow.', chunks: 5, transition: 'cut' },
    { prompt: 'A blue robot stands in the city at night', chunks: 2, transition: 'cut' },
    { prompt: 'the robot waves in the city', chunks: 6, transition: 'continue' },
  ],
} as unknown as Story;

const planned = ({ info }: EngineClient, policy: PolicyName): Ancestor[] =>
  planStory(story, info, { policy }).map(({ key, recipe }) => ({ key, recipe }));

it('from scratch, restored and replayed are bit-equal, and nothing grows with the story', async () => {
  const cacheFile = join(temporaryFolder(), 'states.kv');
  const scratch = new TestStudio({ modelFolder: longModel, cacheFile });
  const engine = await scratch.engine();
  const line = planned(engine, 'memorypack');
  const results = await scratch.render(line);
  const records = results.map(({ record }) => memoryRecordSchema.parse(record));
  // From the first chunk on psi has one size, and from the eighth on a chunk sees as many tokens as any later.
  expect(new Set(records.map((record) => `${toldBy('memorypack', record)?.tokens} ${record.keptBytes}`))).toEqual(
    new Set([`${psiTokens} ${psiTokens * 48 * 4}`]),
  );
  const seen = records.map(({ packs = [] }) => packs.reduce((sum, { tokens }) => sum + tokens, 0));
  expect(new Set(seen.slice(8))).toEqual(new Set([4 * 25 + 9 + 2 * 25]));

  const [first, last] = [records[0], records.at(-1)].map((record) => record && toldBy('memorypack', record));
  expect(first?.words.map(({ text }) => text)).toEqual(['a', 'red', 'cat', 'walks', 'in', 'the', 'meadow', '.']);
  expect(first?.words.every(({ share }) => share > 0)).toBe(true);
  expect(first?.frames.map(({ frame }) => frame)).toEqual([0, 1, 2]);
  // What the first prompt said and the film's beginning are still in it after twelve chunks more.
  expect(last?.words.map(({ text }) => text)).toEqual(first?.words.map(({ text }) => text));
  expect(last?.frames.at(-1)?.frame).toBe(38);
  for (const told of [first, last]) {
    const parts = [...(told?.words ?? []), ...(told?.frames ?? [])].map(({ share }) => share);
    expect(parts.reduce((sum, share) => sum + share, told?.rest ?? 0)).toBeCloseTo(1, 2);
  }
  await scratch.close();

  const restored = new TestStudio({ modelFolder: longModel, cacheFile });
  for (const [key, latents] of scratch.latents) restored.latents.set(key, latents);
  expect(await (await restored.engine()).moveTo(line.slice(0, 10), 'restore')).toMatchObject({ restored: true });
  expect((await restored.render(line, 10)).map(essence)).toEqual(results.slice(10).map(essence));
  expect(restored.notices).toEqual([]);

  const replayed = new TestStudio({ modelFolder: longModel });
  for (const [key, latents] of scratch.latents) replayed.latents.set(key, latents);
  expect(await (await replayed.engine()).moveTo(line.slice(0, 10), 'replay')).toMatchObject({ replayed: 10 });
  expect((await replayed.render(line, 10)).map(essence)).toEqual(results.slice(10).map(essence));
});

it('remembers: what the first shot said changes a film that goes on alike', async () => {
  const other: Story = {
    ...story,
    shots: story.shots.map((shot, i) =>
      i === 0 ? { ...shot, prompt: 'A blue robot stands in the city at night' } : shot,
    ),
  };
  const one = new TestStudio({ modelFolder: longModel });
  const engine = await one.engine();
  const line = planned(engine, 'memorypack').slice(0, 8);
  await one.render(line);
  // The same latents of the first seven chunks, told under another first prompt: only psi knows.
  const changed = planStory(other, engine.info, { policy: 'memorypack' }).slice(0, 8);
  for (const [i, { key }] of changed.entries())
    one.latents.set(key, one.latents.get(line[i]?.key ?? '') as Float32Array);
  const [made] = await one.render(
    changed.map(({ key, recipe }) => ({ key, recipe })),
    7,
  );
  expect(made?.latents).not.toEqual(one.latents.get(line[7]?.key ?? ''));
});

it('is offered only where the adapter is there', async () => {
  const [withIt, without] = [new TestStudio({ modelFolder: longModel }), new TestStudio()];
  expect((await withIt.engine()).info.adapters?.map(({ mode }) => mode)).toEqual(['memorypack']);
  const lacks = await without.engine();
  expect(lacks.info.adapters).toBeUndefined();
  expect(() => planned(lacks, 'memorypack')).toThrow(
    'The model Random reference has no adapter for MemoryPack (adapters/memorypack.safetensors in its folder).',
  );
});
