import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeEngine, greyOf } from '../../../../tests/fakes/fake-engine.ts';
import { CancelledError, ThroughlineError } from '../../../shared/errors.ts';
import { planStory } from '../../../shared/recipes.ts';
import { reportSchema } from '../../../shared/report.ts';
import { type Story, storySchema } from '../../../shared/story.ts';
import { ChunkStore } from '../../persistence/index.ts';
import { type RenderEvent, renderStory } from './render-story.ts';

const story = storySchema.parse({
  format: 'throughline-story',
  version: 1,
  shots: [
    { prompt: 'a cat in the meadow', chunks: 2 },
    { prompt: 'a robot', chunks: 2, transition: 'cut' },
    { prompt: 'the meadow', chunks: 1 },
  ],
});

let folder: string;
let store: ChunkStore;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'throughline-studio-'));
  store = await ChunkStore.open(join(folder, 'chunks.sqlite'));
});
afterEach(() => {
  store.dispose();
  rmSync(folder, { recursive: true });
});

/** Renders, and returns the film as the grey of each of its frames. */
async function film(engine: FakeEngine, of: Story = story, signal?: AbortSignal) {
  const greys: number[] = [];
  const events: RenderEvent[] = [];
  const report = await renderStory({
    story: of,
    engine,
    store,
    onEvent: (event) => events.push(event),
    onChunk: async ({ frames, frameCount }) => {
      for (let frame = 0; frame < frameCount; frame++) greys.push(frames[(frame * frames.length) / frameCount] ?? -1);
    },
    ...(signal ? { signal } : {}),
  });
  return { greys, events, report };
}

const indexes = (engine: FakeEngine) => engine.made.map((request) => request.recipe.chunkIndex);
const expectedGreys = (engine: FakeEngine, of: Story = story) =>
  planStory(of, engine.info).flatMap(({ key, recipe }) => Array(recipe.chunkIndex === 0 ? 9 : 12).fill(greyOf(key)));

test('makes every chunk once, in order, each with its ancestors', async () => {
  const engine = new FakeEngine();
  const { greys, report } = await film(engine);
  expect(indexes(engine)).toEqual([0, 1, 2, 3, 4]);
  expect(engine.made.map((request) => request.ancestors.length)).toEqual([0, 1, 2, 3, 4]);
  expect(engine.made[2]?.ancestors.at(-1)?.key).toBe(engine.made[1]?.key);
  expect(greys).toEqual(expectedGreys(engine));
  expect(greys).toHaveLength(9 + 4 * 12);
  expect(report.totals).toMatchObject({ made: 5, stored: 0, pixelFrames: 57, filmSec: 57 / 8 });
});

test('the report fits its schema, through JSON as well', async () => {
  const { report } = await film(new FakeEngine());
  expect(reportSchema.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
  expect(report.chunks.map((chunk) => chunk.shotIndex)).toEqual([0, 0, 1, 1, 2]);
});

test('a second run makes nothing, and gives the same film', async () => {
  const first = await film(new FakeEngine());
  const engine = new FakeEngine();
  const second = await film(engine);
  expect(engine.made).toEqual([]);
  expect(second.greys).toEqual(first.greys);
  expect(second.report.totals).toMatchObject({ made: 0, stored: 5, realTimeFactor: null });
  expect(second.report.chunks.map((chunk) => chunk.memory)).toEqual(first.report.chunks.map((chunk) => chunk.memory));
});

test('an edited shot is made again, and all that follows, but nothing before it', async () => {
  await film(new FakeEngine());
  const edited = structuredClone(story);
  edited.shots[1]!.prompt = 'a fox';
  const engine = new FakeEngine();
  const { greys } = await film(engine, edited);
  expect(indexes(engine)).toEqual([2, 3, 4]);
  expect(greys).toEqual(expectedGreys(engine, edited));
});

test('a hole in the store is filled; what is stored after it is kept', async () => {
  const engine = new FakeEngine();
  await film(engine);
  store.deleteUnused(engine.made.filter((_, index) => index !== 1).map((request) => request.key));
  const again = new FakeEngine();
  const { greys, events } = await film(again);
  expect(indexes(again)).toEqual([1]);
  expect(greys).toEqual(expectedGreys(engine));
  expect(events[0]).toMatchObject({ kind: 'planned', stored: 4 });
});

test('cancelling keeps the finished chunks, and the next run goes on from there', async () => {
  const engine = new FakeEngine();
  const stop = new AbortController();
  engine.beforePhase = (request, phase) => {
    if (request.recipe.chunkIndex === 3 && phase.phase === 'denoising') stop.abort();
  };
  await expect(film(engine, story, stop.signal)).rejects.toThrow(CancelledError);
  expect(store.usage().chunks).toBe(3);

  const next = new FakeEngine();
  const { greys } = await film(next);
  expect(indexes(next)).toEqual([3, 4]);
  expect(greys).toEqual(expectedGreys(next));
});

test('an engine that dies leaves the finished chunks', async () => {
  const engine = new FakeEngine();
  engine.beforePhase = (request) => {
    if (request.recipe.chunkIndex === 2) throw new ThroughlineError('engine-died', 'The engine stopped.');
  };
  await expect(film(engine)).rejects.toMatchObject({ code: 'engine-died' });
  expect(store.usage().chunks).toBe(2);
});

test('a chunk is safe before the film gets it', async () => {
  const full = renderStory({
    story,
    engine: new FakeEngine(),
    store,
    onChunk: async () => {
      throw new ThroughlineError('export-failed', 'The disk is full.');
    },
  });
  await expect(full).rejects.toMatchObject({ code: 'export-failed' });
  expect(store.usage().chunks).toBe(1);
});

test('events: the plan, each phase, each chunk', async () => {
  const { events } = await film(new FakeEngine());
  expect(events.filter((event) => event.kind === 'finished').map((event) => event.source)).toEqual(
    Array(5).fill('made'),
  );
  const phases = events.flatMap((event) =>
    event.kind === 'phase' && event.chunk.recipe.chunkIndex === 0 ? [event.phase] : [],
  );
  expect(phases.map((phase) => phase.phase)).toEqual([
    'encoding prompt',
    'retrieving',
    'denoising',
    'denoising',
    'committing',
    'decoding',
  ]);
});

test('a stored chunk that was altered on the disk is made again, and only that one', async () => {
  const engine = new FakeEngine();
  await film(engine);
  const db = new DatabaseSync(join(folder, 'chunks.sqlite'));
  db.exec('UPDATE chunk SET latents = zeroblob(length(latents)) WHERE chunk_index = 2');
  db.close();
  const again = new FakeEngine();
  const { greys } = await film(again);
  expect(indexes(again)).toEqual([2]);
  expect(greys).toEqual(expectedGreys(again));
});

test('planning a long story lets a signal through', async () => {
  const engine = new FakeEngine();
  const shots = Array.from({ length: 3000 }, (_, i) => ({
    prompt: `shot ${i}`,
    chunks: 20,
    transition: 'cut' as const,
  }));
  const controller = new AbortController();
  // Whoever waits for a turn gets one while it is planned: long before anything is made.
  setImmediate(() => controller.abort());
  const render = renderStory({
    story: { ...story, shots },
    engine,
    store,
    signal: controller.signal,
    onChunk: async () => {},
    onEvent: () => {
      throw new Error('planned to the end');
    },
  });
  await expect(render).rejects.toThrow(CancelledError);
  expect(engine.made).toEqual([]);
});
