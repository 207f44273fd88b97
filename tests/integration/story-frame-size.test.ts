import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { importInto } from '../../src/main/engine/models.ts';
import { decodeFilm } from '../../src/main/export/index.ts';
import type { FrameSize } from '../../src/shared/frame-size.ts';
import { atStorySize } from '../../src/shared/project/model-of-story.ts';
import { tinyDownloads } from '../fakes/tiny-downloads.ts';
import { studioOptions, TestWindow, testFolder } from './studio-fixtures.ts';

const own = { width: 48, height: 32 };
const upright = { width: 32, height: 64 };

/** A studio that uses a model imported from published containers. */
async function open(folder = testFolder()) {
  const options = studioOptions(folder);
  const { modelsFolder } = options;
  mkdirSync(modelsFolder, { recursive: true });
  const paths = [tinyDownloads(join(folder, 'download'))];
  await importInto({ modelsFolder, paths, name: 'tiny', recipe: 'memflow', heads: 2, size: own });
  const window = new TestWindow(options);
  await window.api.models.use({ id: 'tiny' });
  return { window, api: window.api, folder };
}
type Opened = Awaited<ReturnType<typeof open>>;

const choose = ({ api }: Opened, frameSize: FrameSize | null) =>
  api.document.apply({ commands: [{ type: 'edit-project', frameSize }], gesture: null });

/** Waits until the engine is loaded for these frames. */
async function loadedFor({ window }: Opened, { width, height }: FrameSize) {
  await window.until(() => {
    const { info } = window.studio.keeper;
    return info?.video.width === width && info.video.height === height;
  });
  return window.studio.keeper.ready();
}

async function lumaOf({ window, api, folder }: Opened, leaf: string, name: string) {
  const file = join(folder, name);
  const target = { kind: 'cut', leaf } as const;
  const { id } = await api.exports.start({ target, file, format: 'mp4', fps: null, options: { height: 64 } });
  const last = () => window.events.findLast((event) => event.type === 'export' && event.export.id === id);
  await window.until(() => {
    const event = last();
    return event?.type === 'export' && event.export.state !== 'running';
  });
  expect(last()).toMatchObject({ export: { state: 'done', error: null } });
  const frames: { width: number; height: number; i420: Buffer }[] = [];
  for await (const { width, height, i420 } of decodeFilm(file)) frames.push({ width, height, i420: Buffer.from(i420) });
  return frames;
}

test('a story has a frame size: its keys are of that size, the engine follows, undo leads back, and a film of both is whole', async () => {
  const studio = await open();
  const { window, api } = studio;
  const { file } = await api.projects.create({ title: 'Fox' });
  const shot = await window.add(null, 'a cat', 1);
  await window.generate(shot);
  await window.until(() => window.project?.document.model !== null);
  const { project } = window.studio.workspace;
  const small = await loadedFor(studio, own);
  expect(small.frameSizes).toEqual({ own, most: { width: 4096, height: 1360 } });
  const [key] = window.chunks.keys();
  const target = { kind: 'cut', leaf: shot } as const;

  await choose(studio, upright);
  expect(project.state.undo).toBe('make frames of 32x64');
  // At once, before anything is loaded: what the model says of itself at another size follows from what it said at one.
  const told = project.model;
  expect(told?.video).toMatchObject(upright);
  expect(await api.exports.warnings({ target })).toMatchObject({ missing: [], stale: [shot] });
  const large = await loadedFor(studio, upright);
  expect(told).toEqual(large);
  expect(large.digest).toBe(small.digest);
  expect(atStorySize(large, null)).toEqual(small);
  expect(await window.generate(shot)).toMatchObject({ state: 'done', chunksTotal: 1 });
  expect([...window.chunks.values()].map(({ madeWith }) => madeWith)).toEqual([
    { digest: small.digest, ...own },
    { digest: small.digest, ...upright },
  ]);

  await api.document.undo();
  expect(await api.exports.warnings({ target })).toEqual({ missing: [], stale: [], held: [] });
  await loadedFor(studio, own);
  // Its own size, said aloud, is the same story.
  await choose(studio, own);
  expect(await window.generate(shot)).toBeUndefined();
  await choose(studio, null);

  // A kept result of the other size stands in black between frames of the story's.
  const next = await window.add(shot, 'a dog', 1);
  await window.generate(next);
  await choose(studio, upright);
  await api.document.apply({ commands: [{ type: 'hold-results', id: shot, keys: [key as string] }], gesture: null });
  await loadedFor(studio, upright);
  const frames = await lumaOf(studio, next, 'held.mp4');
  expect(frames).toHaveLength(9 + 12);
  const { width, height, i420 } = frames[4] as (typeof frames)[number];
  expect([width, height]).toEqual([32, 64]);
  const row = (y: number) => [...i420.subarray(y * width, (y + 1) * width)];
  for (const y of [0, 15, 50, 63]) expect(Math.max(...row(y)), `row ${y}`).toBeLessThanOrEqual(20); // 16 is black
  expect(Math.max(...row(31))).toBeGreaterThan(40);

  // The size is the project's: it is there at the next opening, and another project has its own.
  await api.projects.create({ title: 'Between' });
  await loadedFor(studio, own);
  const opened = await api.projects.open({ file });
  expect(opened.document.frameSize).toEqual(upright);
  await loadedFor(studio, upright);
  expect(window.studio.workspace.project.model).toEqual(large);
});

test('what is being made when another size is chosen is made in that one', async () => {
  const studio = await open();
  const { window, api } = studio;
  await api.projects.create({ title: 'Fox' });
  const shot = await window.add(null, 'a cat', 3);
  await loadedFor(studio, own);
  await api.queue.generate({ shotIds: [shot] });
  await window.until(() => window.chunks.size > 0);
  await choose(studio, upright);
  await window.until(() => window.queue.jobs.some(({ state }) => state === 'done' || state === 'failed'));
  expect(window.queue.jobs).toMatchObject([{ state: 'done', error: null }]);
  const { project } = window.studio.workspace;
  const model = await loadedFor(studio, upright);
  const keys = project
    .plan(model)
    .chunksOf(shot)
    .map(({ key }) => key);
  expect(keys.map((key) => window.chunks.get(key)?.madeWith)).toEqual(
    keys.map(() => ({ digest: model.digest, ...upright })),
  );
});

test('a size that cannot be is refused, and one that the model cannot draw is its own', async () => {
  const studio = await open();
  const { window, api, folder } = studio;
  await api.projects.create({ title: 'Fox' });
  for (const frameSize of [
    { width: 100, height: 100 },
    { width: 832, height: 1376 },
    { width: 16, height: 32 },
  ])
    await expect(choose(studio, frameSize)).rejects.toMatchObject({
      data: {
        code: 'bad-input',
        message: expect.stringContaining('two multiples of 16 such as 832x480, from 32x32 to 4096x1360'),
      },
    });
  await choose(studio, upright);
  await loadedFor(studio, upright);
  // The built-in model has no choice: it draws its own size, and the wish stays.
  await api.models.use({ id: null });
  const builtIn = await loadedFor(studio, { width: 48, height: 32 });
  expect(builtIn.frameSizes).toBeUndefined();
  const shot = await window.add(null, 'a cat', 1);
  expect(await window.generate(shot)).toMatchObject({ state: 'done' });
  await window.until(() => window.project?.document.model !== null);
  expect(window.project?.document.frameSize).toEqual(upright);
  // A size chosen for one model says nothing of another.
  const model = { name: 'MemFlow', digest: 'a'.repeat(64), builtIn: false, sources: [] };
  await api.document.apply({ commands: [{ type: 'edit-project', model }], gesture: null });
  expect(window.studio.workspace.project.document.frameSize).toBeNull();

  const story = { format: 'throughline-story', version: 1, frameSize: upright, shots: [{ prompt: 'a', chunks: 1 }] };
  writeFileSync(join(folder, 'fox.json'), JSON.stringify(story));
  const opened = await api.projects.open({ file: join(folder, 'fox.json') });
  expect(opened.document.frameSize).toEqual(upright);
  const cut = { kind: 'cut', leaf: opened.document.shots[0]?.id as string } as const;
  const written = join(folder, 'again.json');
  const { id } = await api.exports.start({ target: cut, file: written, format: 'json', fps: null, options: {} });
  await window.until(() =>
    window.events.some((event) => event.type === 'export' && event.export.id === id && event.export.state === 'done'),
  );
  expect(JSON.parse(readFileSync(written, 'utf8'))).toMatchObject({ frameSize: upright });
});
