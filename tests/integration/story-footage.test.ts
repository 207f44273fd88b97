import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createCanvas } from '@napi-rs/canvas';
import { expect, test } from 'vitest';
import { withPictureData } from '../../src/main/studio/export/plan-pictures.ts';
import { planEdit } from '../../src/shared/edit/edit-plan.ts';
import type { Footage } from '../../src/shared/footage.ts';
import { packHead } from '../../src/shared/footage-pack.ts';
import type { Shot } from '../../src/shared/story.ts';
import { importStories } from '../../src/shared/story-import/index.ts';
import { CliBench } from '../fakes/cli-bench.ts';
import { FakeEngine } from '../fakes/fake-engine.ts';
import { FakeStudioEngine } from '../fakes/fake-studio-engine.ts';
import { studioOptions, TestWindow, testFolder } from './studio-fixtures.ts';

const model = join(import.meta.dirname, '..', '..', 'resources', 'models', 'animatic');
const encoder = 'e'.repeat(64);

/** A picture of pixels that all differ. */
async function noise(width: number, height: number, seed = 0): Promise<Buffer> {
  const canvas = createCanvas(width, height);
  const context = canvas.getContext('2d');
  const picture = context.createImageData(width, height);
  for (let i = 0; i < picture.data.length; i++) picture.data[i] = i % 4 === 3 ? 255 : (i * 7919 + seed * 104_729) % 251;
  context.putImageData(picture, 0, 0);
  return canvas.encode('png');
}

/** An editor whose model has an encoder, and the engines that it started. */
function editor(folder: string) {
  const engines: FakeStudioEngine[] = [];
  const window = new TestWindow({
    ...studioOptions(folder),
    startEngine: async (options) => {
      const engine = new FakeStudioEngine(options, { encoder });
      engines.push(engine);
      return engine;
    },
  });
  const keys = () => engines.flatMap(({ made }) => made.map(({ key }) => key));
  return { window, engines, keys };
}

/** A story that begins with two chunks of a clip of two and a part, exported. */
async function exported({ begins }: { readonly begins: boolean }) {
  const folder = testFolder();
  const { window, engines, keys } = editor(folder);
  const { api, studio } = window;
  const { id: project } = await api.projects.create({});
  const first = await window.add(null, 'a cat in the meadow', 2);
  const leaf = await window.add(first, 'a robot in the city', 2);
  const files = await Promise.all(Array.from({ length: 25 }, (_, i) => noise(50, 34, i)));
  const pack = [packHead(files.map((file, i) => ({ name: `${i}.png`, bytes: file.length }))), ...files];
  const asset = await studio.receiveFile(project, 'footage', {
    name: 'walk',
    bytes: (async function* () {
      yield* pack;
    })(),
  });
  const { chunks = [] } = asset.footage ?? {};
  const footage: Footage = { asset: asset.id, name: 'walk', chunks, given: 2, ...(begins ? { begins: true } : {}) };
  await api.document.apply({ commands: [{ type: 'set-footage', shotId: first, footage }], gesture: null });
  await window.generate(leaf);
  const file = join(folder, 'walk.json');
  const { id } = await api.exports.start({
    ...{ target: { kind: 'cut', leaf }, file, format: 'json', fps: null, options: {} },
  });
  const done = () =>
    window.events.some((event) => event.type === 'export' && event.export.id === id && event.export.state === 'done');
  await window.until(done);
  const text = readFileSync(file, 'utf8');
  const pictureOf = (name: string) => engines[0]?.options.pictureOf?.(name, 8, 8 * 9);
  return { folder, window, file, text, footage, keys, pictureOf };
}

test('a story that begins with footage brings it along: its names, its keys and what a model sees are the same', async () => {
  const { folder, window, file, text, footage, keys, pictureOf } = await exported({ begins: true });
  const made = keys();
  expect(made).toHaveLength(4);
  const before = Buffer.from((await pictureOf(footage.chunks[0] as string)) ?? []);
  await window.close();

  const other = editor(testFolder());
  const opened = await other.window.api.projects.create({ title: 'Empty' });
  expect(opened.document.shots).toEqual([]);
  const brought = await other.window.api.document.importScript({ name: 'walk.json', text });
  expect(brought.warnings).toEqual([]);
  const { project } = other.window.studio.workspace;
  expect(project.document.shots[0]?.footage).toEqual(footage);
  expect(
    project.assets.map(({ id, kind, footage: facts }) => [id, kind, facts?.strips.map(({ frames }) => frames)]),
  ).toEqual([[footage.asset, 'footage', [9, 12, 4]]]);
  await other.window.generate(project.document.shots[1]?.id as string);
  expect(other.keys()).toEqual(made);
  const after = await other.engines[0]?.options.pictureOf?.(footage.chunks[0] as string, 8, 8 * 9);
  expect(Buffer.from(after ?? []).equals(before)).toBe(true);
  expect(before).toHaveLength(8 * 8 * 9 * 3);

  // The command line renders and compares it, and writes it again.
  const bench = new CliBench(folder, { engine: new FakeEngine(other.engines[0]?.info) });
  expect(await bench.run('render', file, '--out', join(folder, 'film.mp4'))).toBe(0);
  expect(bench.engine.made.map(({ key }) => key)).toEqual(made);
  const seen = await bench.started[0]?.pictureOf?.(footage.chunks[0] as string, 8, 8 * 9);
  expect(Buffer.from(seen ?? []).equals(before)).toBe(true);
  const again = join(folder, 'again.json');
  await bench.run('export', file, '--format', 'json', '--out', again, '--model', model);
  expect(JSON.parse(readFileSync(again, 'utf8')).shots[0].footage).toEqual(JSON.parse(text).shots[0].footage);
});

test('a clip that is kept for comparisons comes along; films of a comparison begin with it, the story does not', async () => {
  const { folder, window, file, footage } = await exported({ begins: false });
  await window.api.projects.open({ file });
  const { project } = window.studio.workspace;
  expect(project.document.shots[0]?.footage).toEqual(footage);
  expect(project.assets.map(({ id }) => id)).toEqual([footage.asset]);

  const bench = new CliBench(folder, { engine: new FakeEngine({ encoder }) });
  const shows = () => bench.engine.made.splice(0).map(({ recipe }) => recipe.footage?.asset);
  expect(await bench.run('render', file, '--out', join(folder, 'film.mp4'))).toBe(0);
  expect(shows()).toEqual([undefined, undefined, undefined, undefined]);
  const json = join(folder, 'all.json');
  expect(await bench.run('compare', file, '--memories', 'window', '--json', json)).toBe(0);
  expect(shows()).toEqual([...footage.chunks, undefined, undefined]);
  const [film] = JSON.parse(readFileSync(json, 'utf8')).films;
  expect([film.measures.given.length, film.measures.truth.length]).toEqual([2, 1]);
});

test('footage that cannot be had is said, and nothing is changed', async () => {
  const { folder, window, file, text } = await exported({ begins: true });
  const { api, studio } = window;
  await api.projects.create({ title: 'Empty' });
  const bench = new CliBench(folder, { engine: new FakeEngine({ encoder }) });
  const data = (png: Uint8Array): string => `data:image/png;base64,${Buffer.from(png).toString('base64')}`;
  const { strips } = JSON.parse(text).shots[0].footage;
  const held = Buffer.from(strips[1].file.split(',')[1], 'base64');
  const strip = (i: number, more: object) => ({
    strips: strips.map((one: object, at: number) => (at === i ? { ...one, ...more } : one)),
  });
  const many = { length: 33 };
  const bad: [footage: object, says: string][] = [
    [
      strip(0, { file: 'clip/1.png' }),
      `.strips[0]: the footage "walk" cannot be had: there is no file ${join(folder, 'clip/1.png')}.`,
    ],
    [strip(0, { file: '../1.png' }), 'cannot be had: a story names pictures in its own folder or below.'],
    [strip(1, { file: data(held.subarray(0, 99)) }), 'it shows something else than the story says'],
    [strip(1, { file: data(Buffer.concat([held.subarray(0, 33), new Uint8Array(50)])) }), '"walk, chunk 2" is broken:'],
    [strip(1, { file: data(await noise(16, 100)) }), '"walk, chunk 2" is 100 rows high, which cannot be 12 frames'],
    [
      strip(1, { file: data(await noise(8, 96)) }),
      '"walk, chunk 2" has frames of 8x8, and those before it have 16x16.',
    ],
    [
      strip(1, { file: data(await noise(16, 192)) }),
      '.strips[1]: the footage "walk" cannot be had: it shows something else',
    ],
    [strip(1, { file: 'data:image/gif;base64,R0lG' }), 'its data: address holds no PNG, JPEG or WebP in base64'],
    [{ strips: Array.from(many, () => strips[0]) }, 'shots[0].footage.strips: footage has up to 32 chunks'],
    [{ strips: strips.slice(0, 1) }, 'shots[0].footage.strips: there must be one for each of the chunks'],
    [{ chunks: ['none'] }, 'shots[0].footage.chunks[0]: '],
  ];
  for (const [wrong, says] of bad) {
    const story = JSON.parse(text);
    story.shots[0].footage = { ...story.shots[0].footage, ...wrong };
    const name = 'bad.json';
    const written = join(folder, name);
    writeFileSync(written, JSON.stringify(story));
    const asked = { name, text: JSON.stringify(story), file: written };
    await expect(api.document.importScript(asked), says).rejects.toThrow(says);
    expect(await bench.run('render', written, '--out', join(folder, 'bad.mp4'))).toBe(1);
    expect(bench.terminal.errors, says).toContain(says);
  }
  expect(studio.workspace.project.document.shots).toEqual([]);
  expect(studio.workspace.project.assets).toEqual([]);
  const late = JSON.parse(text);
  late.shots[1].footage = late.shots[0].footage;
  await expect(api.document.importScript({ name: 'a.json', text: JSON.stringify(late) })).rejects.toThrow(
    'a.json, shots[1].footage: only the first shot of a story begins with footage.',
  );
  // Read without looking for files, the story is there without it, and a note says so.
  const options = { fileName: 'a.json', chunksPerPrompt: 1, fps: 8, chunkFrames: 3 };
  const { stories, warnings } = importStories(text, options);
  expect(stories[0]?.shots[0]).not.toHaveProperty('footage');
  expect(warnings).toEqual([expect.stringContaining('the footage "walk" is left out')]);
  expect(readFileSync(file, 'utf8')).toBe(text);
});

test('of footage that is more than a story file can hold the first chunks are held, those that the film shows at least', async () => {
  const chunks = ['a', 'b', 'c'].map((digit) => digit.repeat(64));
  const heldOf = async (clip: Partial<Footage>, bytes: number) => {
    const footage = { asset: encoder, name: 'walk', chunks, given: 2, ...clip };
    const recipe: Pick<Shot, 'chunks' | 'transition' | 'footage'> = { chunks: 4, transition: 'cut', footage };
    const shot = { title: '', prompt: 'a cat', fields: {}, frameCount: 1, recipe };
    const plan = planEdit([shot], { title: '', size: { width: 16, height: 16 }, modelFps: 8, fps: 8 });
    const files = { pictureOf: async () => null, stripOf: async () => ({ png: new Uint8Array(bytes), frames: 12 }) };
    const { footage: held } = await withPictureData(plan, files);
    return held && [held.chunks, held.strips.length];
  };
  expect(await heldOf({}, 1e5)).toEqual([chunks, 32]);
  expect(await heldOf({ begins: true }, 6e6)).toEqual([chunks.slice(0, 2), 2]);
  expect(await heldOf({}, 12e6)).toEqual([chunks.slice(0, 1), 1]);
  expect(await heldOf({ begins: true }, 12e6)).toBeUndefined();
});
