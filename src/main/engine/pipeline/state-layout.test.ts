import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { fakeMemory } from '../../../../tests/fakes/memory-settings.ts';
import type { ChunkRecipe } from '../../../shared/render.ts';
import { emptyMemory, frameRefSchema, frameStateSchema, type StateLayout, uniqueRefs } from '../memory/memory-state.ts';
import { type MemoryModule, nothingScored } from '../memory/module.ts';
import { frameRefs } from '../memory/policy.ts';
import { memoryModule } from '../memory/registry.ts';
import { publishedPackSides } from '../model/config.ts';
import { ChunkGenerator } from './chunk-generator.ts';
import { ModelSession } from './model-session.ts';
import { openStateCache, roundingFor } from './state-cache.ts';
import { StoryMemory } from './story-memory.ts';

const modelFolder = fileURLToPath(new URL('../../../../tests/fixtures/reference-small', import.meta.url));

/** Every second frame, of which the other memories know nothing. */
const alternateSchema = z.strictObject({
  version: z.literal(3),
  chunks: z.int().min(0),
  frames: z.int().min(0),
  prompt: z.string().nullable(),
  alternate: z.array(frameRefSchema),
});
type AlternateState = z.infer<typeof alternateSchema>;

const alternateStates: StateLayout<AlternateState> = {
  schema: alternateSchema,
  empty: () => ({ version: 3, chunks: 0, frames: 0, prompt: null, alternate: [] }),
  references: ({ alternate }) => uniqueRefs(alternate),
  recalled: () => [],
};

function alternateMemory(layers: number, chunkFrames: number): MemoryModule {
  const module: MemoryModule<AlternateState> = {
    ...memoryModule('paper', { layers, chunkFrames, positions: 'relative', packSides: publishedPackSides }), // its numbers and sentences; what it decides follows
    state: alternateStates,
    open: () => nothingScored,
    withPictures: (state) => state,
    retrieval: () => ({ candidates: Array.from({ length: layers }, () => []) }),
    plan: (state) => ({
      recache: null,
      state,
      context: ({ alternate }) => ({
        sink: [],
        bank: Array.from({ length: layers }, () => []),
        window: alternate,
        activation: null,
      }),
    }),
    commit: (state, _settings, prompt, frames, pass) => ({
      state: {
        ...state,
        chunks: state.chunks + 1,
        frames: state.frames + frames,
        prompt,
        alternate: [...state.alternate, ...frameRefs(state.frames, frames, pass)].filter(
          ({ frame }) => frame % 2 === 0,
        ),
      },
      prototype: null,
      evicted: [],
    }),
  };
  return module;
}

const recipe = (chunkIndex: number): ChunkRecipe => ({
  chunkIndex,
  prompt: chunkIndex < 3 ? 'a red cat' : 'the cat waves',
  seed: 1,
  transition: 'continue',
  sampler: { kind: 'euler', steps: [1000, 500] },
  memory: fakeMemory,
});
const line = Array.from({ length: 6 }, (_, i) => ({ key: `chunk ${i}`, recipe: recipe(i) }));

/** A story whose memory has the layout above, and what was cached or made of it before. */
async function openStory(folder: string, known: Map<string, Float32Array>, cached: boolean) {
  const options = {
    modelFolder,
    device: 'cpu',
    threads: 1,
    kvStorage: 'fp16',
    graphsFolder: join(folder, 'graphs'),
    cacheFile: join(folder, 'states.kv'),
  } as const;
  const session = await ModelSession.open(options, roundingFor);
  const { device, graphs, info, pages, passes } = session;
  Object.assign(graphs, { memory: alternateMemory(info.layers, info.chunkFrames) });
  Object.assign(session, { generator: new ChunkGenerator(device, graphs, passes, pages) });
  const notices: string[] = [];
  const cache = cached ? openStateCache(options, session, (text) => notices.push(text)) : null;
  const story = new StoryMemory(session, cache, {
    latentsOf: async (key) => known.get(key) ?? null,
    pictureOf: async () => null,
    onPhase: () => {},
    onPreview: () => {},
  });
  const render = async (from: number, to: number): Promise<string[]> => {
    const made: string[] = [];
    for (let i = from; i < to; i++) {
      const chunk = line[i] as (typeof line)[number];
      const { latents } = await story.renderChunk({ ...chunk, ancestors: line.slice(0, i) }, signal);
      known.set(chunk.key, latents);
      made.push(Buffer.from(latents.buffer, latents.byteOffset, latents.byteLength).toString('base64'));
    }
    return made;
  };
  const close = async (): Promise<void> => {
    story.dispose();
    cache?.dispose();
    await session.dispose();
  };
  return { story, render, close, notices };
}
const { signal } = new AbortController();

it('a memory with a state of its own layout is stored, restored and replayed by that layout: bit-equal', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const known = new Map<string, Float32Array>();

  const scratch = await openStory(folder, known, true);
  const wanted = await scratch.render(0, line.length);
  await scratch.close();

  const restored = await openStory(folder, known, true);
  expect(await restored.story.moveTo(line.slice(0, 4), 'restore', signal)).toMatchObject({
    restored: true,
    replayed: 0,
  });
  expect(await restored.render(4, line.length)).toEqual(wanted.slice(4));
  expect(restored.notices).toEqual([]);
  await restored.close();

  const replayed = await openStory(folder, known, false);
  expect(await replayed.story.moveTo(line.slice(0, 4), 'replay', signal)).toMatchObject({ replayed: 4 });
  expect(await replayed.render(4, line.length)).toEqual(wanted.slice(4));
  await replayed.close();
});

it('does not read a state of another layout', () => {
  expect(alternateStates.schema.safeParse(emptyMemory(2)).success).toBe(false);
  expect(frameStateSchema.safeParse(alternateStates.empty(2)).success).toBe(false);
});
