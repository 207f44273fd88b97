import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createCanvas } from '@napi-rs/canvas';
import { expect, onTestFinished, test } from 'vitest';
import type { ExportFlags } from '../../src/main/cli/export-options.ts';
import { makeOnFarm } from '../../src/main/cli/farm-project.ts';
import type { Progress } from '../../src/main/cli/progress.ts';
import type { Asset } from '../../src/shared/assets/asset.ts';
import { packHead } from '../../src/shared/footage-pack.ts';
import { adoptMemory } from '../../src/shared/lab/index.ts';
import { cutsOf } from '../../src/shared/project/tree.ts';
import type { ModelInfo } from '../../src/shared/render.ts';
import { CliBench } from '../fakes/cli-bench.ts';
import { FakeEngine, fakeInfo } from '../fakes/fake-engine.ts';
import { FakeStudioEngine } from '../fakes/fake-studio-engine.ts';
import { FakeTerminal } from '../fakes/fake-terminal.ts';
import { noServer, QueueServer, WorkerProcess } from './farm-fixtures.ts';
import { studioOptions, TestWindow, testFolder } from './studio-fixtures.ts';

/** PNG frames as a window sends them: frame i is of grey i * 5. */
async function frames(count: number): Promise<Buffer> {
  const files: Buffer[] = [];
  for (let i = 0; i < count; i++) {
    const canvas = createCanvas(16, 16);
    const context = canvas.getContext('2d');
    context.fillStyle = `rgb(${i * 5}, ${i * 5}, ${i * 5})`;
    context.fillRect(0, 0, 16, 16);
    files.push(await canvas.encode('png'));
  }
  return packed(files);
}

/** PNG frames of a clip that is larger than the model's films and of another shape, with shadows that let through. */
async function photographs(count: number): Promise<Buffer[]> {
  const files: Buffer[] = [];
  for (let i = 0; i < count; i++) {
    const canvas = createCanvas(50, 34);
    const context = canvas.getContext('2d');
    const picture = context.createImageData(50, 34);
    for (let at = 0; at < picture.data.length; at++)
      picture.data[at] = at % 4 === 3 ? 255 - (i % 3) * 60 : (at * 7919 + i * 104_729) % 251;
    context.putImageData(picture, 0, 0);
    files.push(await canvas.encode('png'));
  }
  return files;
}

/** As a window sends them. */
function packed(files: readonly Buffer[]): Buffer {
  return Buffer.concat([packHead(files.map((file, i) => ({ name: `${i}.png`, bytes: file.length }))), ...files]);
}

/** A story of four chunks on a model with an encoder, unless told otherwise. */
async function open(info: Partial<ModelInfo> = { encoder: 'e'.repeat(64) }) {
  const folder = testFolder();
  const engines: FakeStudioEngine[] = [];
  const window = new TestWindow({
    ...studioOptions(folder),
    startEngine: async (options) => {
      const engine = new FakeStudioEngine(options, info);
      engines.push(engine);
      return engine;
    },
  });
  const { api, studio } = window;
  const { id: project } = await api.projects.create({});
  const first = await window.add(null, 'a cat in the meadow', 2);
  const leaf = await window.add(first, 'a robot in the city', 2);
  const shotIds = [first, leaf];
  const send = (body: Buffer): Promise<Asset> =>
    studio.receiveFile(project, 'footage', {
      name: 'walk',
      bytes: (async function* () {
        yield body;
      })(),
    });
  const give = async (given: number, asset?: Asset): Promise<Asset> => {
    const sent = asset ?? (await send(await frames(25)));
    const footage = { asset: sent.id, name: sent.name, chunks: sent.footage?.chunks ?? [], given };
    await api.document.apply({ commands: [{ type: 'set-footage', shotId: first, footage }], gesture: null });
    return sent;
  };
  const make = async (policy?: 'window' | 'nam'): Promise<string | null> => {
    const { jobId } = await api.queue.generate({ shotIds, ...(policy ? { policy } : {}) });
    await window.until(() => jobId === null || window.job(jobId)?.state === 'done');
    return jobId;
  };
  const recipes = () => engines.flatMap(({ made }) => made.map(({ recipe }) => recipe));
  return { folder, window, api, studio, engines, first, leaf, shotIds, send, give, make, recipes };
}

const greys = (pixels: Uint8Array | null | undefined, each: number): number[] =>
  [...(pixels ?? [])].filter((_, i) => i % each === 0);

test('films of a comparison begin with footage and are held against the rest of it; the story itself does not until one is used', async () => {
  const { window, api, studio, engines, leaf, give, make, recipes } = await open();
  const clip = await give(1);
  expect(clip).toMatchObject({ kind: 'footage', name: 'walk', footage: { width: 16, height: 16 } });
  await make();
  expect(recipes().some(({ footage }) => footage)).toBe(false);
  await make('window');
  const [name] = clip.footage?.chunks ?? [];
  expect(
    recipes()
      .slice(4)
      .map(({ footage }) => footage?.asset),
  ).toEqual([name, undefined, undefined, undefined]);

  // What the engine asks for, as large as it looks at it; and what the page shows.
  const looked = await engines[0]?.options.pictureOf?.(name as string, 8, 8 * 9);
  expect(greys(looked, 8 * 8 * 3)).toEqual([0, 5, 10, 15, 20, 25, 30, 35, 40]);
  expect((await studio.media(`/media/footage/${clip.id}/2.png`))?.type).toBe('image/png');
  expect(await studio.media(`/media/footage/${clip.id}/3.png`)).toBeNull();

  const { films } = await api.lab.measure({ leaf, policies: ['window'] });
  expect(films.map(({ measures: { given, truth } }) => [given?.length, truth?.length])).toEqual([[1, 2]]);

  const [cut] = cutsOf(window.project?.document as never);
  await api.document.apply({ commands: adoptMemory(cut?.shots ?? [], 'window'), gesture: null });
  expect(studio.workspace.project.state.undo).toContain('and more'); // one step
  expect(await make()).toBeNull(); // all of it is there
  expect(window.takes.filter(({ shotId }) => shotId === leaf)).toHaveLength(2);
});

test('the same film keeps its chunks where a longer part of it is taken', async () => {
  const { window, give, make, recipes, send, leaf } = await open();
  const short = await give(1, await send(await frames(9)));
  await make('window');
  const before = recipes().length;
  const long = await give(1);
  expect([short.id === long.id, short.footage?.chunks[0]]).toEqual([false, long.footage?.chunks[0]]);
  expect(await make('window')).toBeNull();
  expect(recipes()).toHaveLength(before);
  const { films } = await window.api.lab.measure({ leaf, policies: ['window'] });
  expect(films[0]?.measures.truth).toHaveLength(2); // of the clip that is there now
});

test('the same PNG frames have the same keys in the editor and on the command line, and look the same to a model', async () => {
  const { folder, studio, engines, give, make, send } = await open();
  const files = await photographs(25);
  await give(2, await send(packed(files)));
  await make('window');
  const made = engines.flatMap(({ made }) => made);
  const clip = join(folder, 'clip');
  mkdirSync(clip);
  for (const [i, file] of files.entries()) writeFileSync(join(clip, `${i}.png`), file);
  const story = join(folder, 'story.json');
  const shots = studio.workspace.project.document.shots.map(({ prompt, chunks, seed, transition }) => ({
    ...{ prompt, chunks, seed, transition },
  }));
  writeFileSync(story, JSON.stringify({ format: 'throughline-story', version: 1, shots }));
  const bench = new CliBench(folder, { engine: new FakeEngine(engines[0]?.info) });
  const json = join(folder, 'all.json');
  await bench.run('compare', story, '--memories', 'window', '--footage', clip, '--given', '1', '--json', json);
  const { films } = JSON.parse(readFileSync(json, 'utf8'));
  expect(films[0].keys).toEqual(made.map(({ key }) => key));

  // At a size that a model looks at and does not make, too.
  const shown = made[0]?.recipe.footage?.asset as string;
  const here = await engines[0]?.options.pictureOf?.(shown, 8, 8 * 9);
  const there = await bench.started[0]?.pictureOf?.(shown, 8, 8 * 9);
  expect(here).toHaveLength(8 * 8 * 9 * 3);
  expect(Buffer.from(there ?? []).equals(Buffer.from(here ?? []))).toBe(true);
});

test('footage that was taken out can be had back, and is deleted once nothing names it', async () => {
  const { api, give, first, send, studio } = await open();
  const clip = await give(2);
  const root = () => studio.workspace.project.document.shots[0];
  await api.document.apply({ commands: [{ type: 'set-footage', shotId: first, footage: null }], gesture: null });
  await api.storage.cleanUp();
  await api.document.undo();
  expect(root()?.footage).toMatchObject({ asset: clip.id, given: 2 });
  expect(await studio.media(`/media/footage/${clip.id}/0.png`)).not.toBeNull();
  const stray = await send(await frames(12));
  expect(studio.workspace.project.assets.map(({ id }) => id)).toContain(stray.id);
  await api.storage.cleanUp();
  expect(studio.workspace.project.assets.map(({ id }) => id)).toEqual([clip.id]);
});

test('a model without an encoder takes no footage, and nothing that is none is kept', async () => {
  const blind = await open({});
  await expect(blind.send(await frames(9))).rejects.toThrow('This model has no encoder, so it cannot look at footage.');
  const { send, studio, api, first } = await open();
  await expect(send(Buffer.from('no film'))).rejects.toThrow('"walk" is something else, and no MP4.');
  await expect(send(Buffer.alloc(0))).rejects.toThrow('"walk" is empty.');
  await expect(send(await frames(8))).rejects.toThrow('"walk" has 8 frames, and a film’s first chunk needs 9.');
  expect(studio.workspace.project.assets).toEqual([]);
  const footage = { asset: 'a'.repeat(64), name: 'x.mp4', chunks: ['b'.repeat(64)], given: 1 };
  await expect(
    api.document.apply({ commands: [{ type: 'set-footage', shotId: first, footage }], gesture: null }),
  ).rejects.toThrow('The footage "x.mp4" is not in this project.');
});

test.skipIf(noServer !== null)(
  'a farm is brought the footage that its workers look at: from the editor, and from the command line for a project',
  async () => {
    const { folder, window, api, studio, engines, give, shotIds } = await open({
      ...fakeInfo,
      encoder: 'e'.repeat(64),
    });
    const clip = await give(2);
    const server = await QueueServer.start(folder);
    const worker = new WorkerProcess(folder, 'worker', { queue: server.url, chunkMs: 5 });
    onTestFinished(async () => {
      await worker.kill();
      await server.kill();
    });
    const [first = '', second = ''] = clip.footage?.chunks ?? [];
    const here = async (asset: string, frames: number): Promise<string> =>
      Buffer.from((await engines[0]?.options.pictureOf?.(asset, 16, 16 * frames)) ?? []).toString('hex');
    const looked = () =>
      worker.events.flatMap(({ kind, asset, pixels }) => (kind === 'looked' ? [[asset, pixels]] : []));
    await worker.until('ready');
    await api.settings.update({
      renderOn: 'farm',
      farm: { queue: server.url, store: join(folder, 'store'), deviceClass: 'cpu-x64' },
    });
    const { jobId } = await api.queue.generate({ shotIds, policy: 'window' });
    await window.until(() => ['done', 'failed'].includes(window.job(jobId)?.state ?? ''));
    expect(window.job(jobId)).toMatchObject({ state: 'done', chunksDone: 4 });
    const shown = [
      [first, await here(first, 9)],
      [second, await here(second, 12)],
    ];
    expect(new Map(looked() as [string, string][])).toEqual(new Map(shown as [string, string][]));
    expect(shown[0]?.[1]).toHaveLength(2 * 16 * 16 * 3 * 9);

    // The command line does the same for a project whose story begins with it.
    const [cut] = cutsOf(studio.workspace.project.document);
    await api.document.apply({ commands: adoptMemory(cut?.shots ?? [], 'nam'), gesture: null });
    const before = looked().length;
    const { signal } = new AbortController();
    const flags = { farm: server.url, store: join(folder, 'store'), farmDevice: 'cpu-x64' } as ExportFlags;
    const progress = { begin: () => {}, stage: () => {}, on: () => {} } as unknown as Progress;
    const command = { flags, terminal: new FakeTerminal(), progress, signal };
    await makeOnFarm(command, studio.workspace.project, studio.keeper, shotIds);
    expect(looked().length).toBeGreaterThan(before);
    expect(window.takes.filter(({ shotId }) => shotId === shotIds[1])).toHaveLength(2);
  },
);
