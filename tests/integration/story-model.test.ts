import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { decodeFilm } from '../../src/main/export/index.ts';
import { type ModelPlace, placeOfModel, storyModelOf } from '../../src/shared/models.ts';
import { studioOptions, TestWindow, testFolder, tinyModel } from './studio-fixtures.ts';

const wideModel = join(tinyModel, '../reference-wide');

/** A studio whose built-in model is the small one, with the wide one among those that were imported. */
function open(folder: string, builtIn = tinyModel) {
  const options = { ...studioOptions(folder), modelFolder: builtIn };
  mkdirSync(options.modelsFolder, { recursive: true });
  const wide = join(options.modelsFolder, 'wide');
  cpSync(wideModel, wide, { recursive: true });
  const config = join(wide, 'config.json');
  writeFileSync(config, JSON.stringify({ ...JSON.parse(readFileSync(config, 'utf8')), name: 'Wide' }));
  const window = new TestWindow(options);
  return { window, api: window.api, folder };
}

/** Uses a model, null for the built-in one, and waits until it is loaded. */
async function use({ window, api }: ReturnType<typeof open>, id: string | null) {
  await api.models.use({ id });
  const { keeper } = window.studio;
  const info = await keeper.ready();
  await window.until(() => window.studio.projects.current?.project.modelWithDigest(info.digest) === info);
  return info;
}

/** The frames of a cut, exported. */
async function framesOf({ window, api, folder }: ReturnType<typeof open>, leaf: string, name: string) {
  const file = join(folder, name);
  const target = { kind: 'cut', leaf } as const;
  const { id } = await api.exports.start({ target, file, format: 'mp4', fps: null, options: { height: 32 } });
  const last = () => window.events.findLast((event) => event.type === 'export' && event.export.id === id);
  await window.until(() => {
    const event = last();
    return event?.type === 'export' && event.export.state !== 'running';
  });
  expect(last()).toMatchObject({ export: { state: 'done', error: null } });
  const frames: string[] = [];
  for await (const frame of decodeFilm(file)) frames.push(Buffer.from(frame.i420).toString('base64'));
  return frames;
}

test('a story is made with one model: another that is loaded plays and exports it, makes nothing of it, and one press leads back', async () => {
  const studio = open(testFolder());
  const { window, api, folder } = studio;
  const { file } = await api.projects.create({ title: 'Fox' });
  expect(window.studio.workspace.project.document.model).toBeNull();
  const shot = await window.add(null, 'a cat', 2);
  await window.generate(shot);
  const { project } = window.studio.workspace;
  await window.until(() => window.project?.document.model !== null);
  const small = await window.studio.keeper.ready();
  expect(project.document.model).toEqual({ name: small.name, digest: small.digest, builtIn: true, sources: [] });
  // Nobody asked for it: undo takes back what the person did last.
  expect(project.state.undo).toBe('add a shot');
  const { width, height } = small.video;
  expect([...project.chunks.values()].map(({ madeWith }) => madeWith)).toEqual(
    Array(2).fill({ digest: small.digest, width, height }),
  );
  const before = await framesOf(studio, shot, 'small.mp4');
  expect(before).toHaveLength(9 + 12);

  const wide = await use(studio, 'wide');
  expect(wide.digest).not.toBe(small.digest);
  // Its keys are still those of the model it names.
  expect(window.studio.workspace.project.model).toEqual(small);
  expect(await api.exports.warnings({ target: { kind: 'cut', leaf: shot } })).toEqual({
    missing: [],
    stale: [],
    held: [],
  });
  const other = {
    code: 'other-model',
    message: `"Fox" is made with the model ${small.name}; ${wide.name} is in use.`,
    hint: expect.stringContaining(`Use ${small.name} again`),
  };
  const more = await window.add(shot, 'a dog', 1);
  await expect(api.queue.generate({ shotIds: [more] })).rejects.toMatchObject({ data: other });
  expect(await api.queue.estimate({ shotIds: [more] })).toMatchObject({ chunks: 1 });
  // The other decoder could not read its latents: the pictures are those of the project.
  expect(await framesOf(studio, more, 'wide.mp4')).toEqual(before);
  // What may be cleaned up is asked of its own model too.
  expect(await api.storage.unused()).toMatchObject({ chunks: 0 });

  // Every opening finds the same, not only the first.
  for (let i = 0; i < 2; i++) {
    await api.projects.create({ title: 'Between' });
    const state = await api.projects.open({ file });
    expect(state.document.model?.digest).toBe(small.digest);
    await expect(api.queue.generate({ shotIds: [more] })).rejects.toMatchObject({ data: other });
  }
  const here = await api.models.list();
  expect(placeOfModel(project.document.model as never, here)).toEqual({ kind: 'here', id: null });
  await use(studio, null);
  expect(await window.generate(more)).toMatchObject({ state: 'done', chunksTotal: 1 });
  expect(await window.generate(shot)).toBeUndefined(); // all of it is there
  const whole = await framesOf(studio, more, 'whole.mp4');
  expect(whole).toHaveLength(9 + 12 + 12);

  // The other way: the story is made with the other model from now on, until that is undone.
  await use(studio, 'wide');
  const model = storyModelOf(wide, here);
  await api.document.apply({ commands: [{ type: 'edit-project', model }], gesture: null });
  expect(window.studio.workspace.project.state.undo).toBe(`make the story with ${wide.name}`);
  const stale = { missing: [], stale: [shot, more], held: [] };
  expect(await api.exports.warnings({ target: { kind: 'cut', leaf: more } })).toEqual(stale);
  // Old pictures of another size still make a film, in the frame of the new one.
  expect(await framesOf(studio, more, 'old.mp4')).toHaveLength(9 + 12 + 12);
  expect(await window.generate(more)).toMatchObject({ state: 'done', chunksTotal: 3 });
  const made = [...window.studio.workspace.project.chunks.values()].map(({ madeWith }) => madeWith?.digest);
  expect(made).toEqual([...Array(3).fill(small.digest), ...Array(3).fill(wide.digest)]);
  await api.document.undo();
  expect(window.studio.workspace.project.document.model?.digest).toBe(small.digest);
  const fresh = { missing: [], stale: [], held: [] };
  expect(await api.exports.warnings({ target: { kind: 'cut', leaf: more } })).toEqual(fresh);
  await window.close();

  // Without any model it opens, plays and exports.
  rmSync(join(folder, 'cache'), { recursive: true, force: true });
  rmSync(join(folder, 'models'), { recursive: true, force: true });
  const bare = new TestWindow({ ...studioOptions(folder), modelFolder: join(folder, 'gone') });
  await bare.api.projects.open({ file });
  await bare.until(() => bare.chunks.size === 6);
  const media = await bare.studio.media(`/media/chunk/${[...bare.chunks.keys()][0]}/strip.webp`);
  expect(media?.bytes.length).toBeGreaterThan(0);
  expect(await framesOf({ window: bare, api: bare.api, folder }, more, 'bare.mp4')).toEqual(whole);
});

test('a project from before models were named is of the one that made it', async () => {
  const folder = testFolder();
  const studio = open(folder);
  const { window, api } = studio;
  const { file } = await api.projects.create({ title: 'Old' });
  const shot = await window.add(null, 'a cat', 1);
  await window.generate(shot);
  await window.until(() => window.project?.document.model !== null);
  const small = await window.studio.keeper.ready();
  await use(studio, 'wide');
  await window.close();
  // As an older Throughline left it, which noted the model it was last open with under another name.
  const db = new DatabaseSync(file);
  const {
    model: _,
    frameSize: __,
    ...document
  } = JSON.parse((db.prepare('SELECT data FROM document').get() as { data: string }).data);
  db.prepare('UPDATE document SET data = ?').run(JSON.stringify({ ...document, version: 8 }));
  const models = JSON.parse(
    (db.prepare("SELECT value FROM fact WHERE name = 'models'").get() as { value: string }).value,
  );
  expect(models).toEqual([small]);
  db.prepare("UPDATE fact SET name = 'model', value = ? WHERE name = 'models'").run(JSON.stringify(models[0]));
  db.close();

  const again = open(folder);
  const opened = await again.api.projects.open({ file });
  expect(opened.document.model).toEqual({ name: small.name, digest: small.digest, builtIn: true, sources: [] });
  expect(opened.save).toEqual({ state: 'saved' });
});

test('a story file names the model, and the project made of it does again', async () => {
  const studio = open(testFolder());
  const { window, api, folder } = studio;
  await api.projects.create({ title: 'Fox' });
  const shot = await window.add(null, 'a cat', 1);
  const model = { name: 'MemFlow', digest: 'a'.repeat(64), builtIn: false, sources: ['KlingTeam/MemFlow'] };
  await api.document.apply({ commands: [{ type: 'edit-project', model }], gesture: null });
  // Nothing is known of that model: what there is to say is said of the one that it names.
  await expect(api.queue.generate({ shotIds: [shot] })).rejects.toMatchObject({ data: { code: 'other-model' } });
  const tooLong = { ...model, name: 'x'.repeat(201) };
  await expect(
    api.document.apply({ commands: [{ type: 'edit-project', model: tooLong }], gesture: null }),
  ).rejects.toMatchObject({ data: { code: 'bad-input', message: expect.stringContaining('200 characters') } });
  const file = join(folder, 'fox.json');
  writeFileSync(
    file,
    JSON.stringify({ format: 'throughline-story', version: 1, model, shots: [{ prompt: 'a', chunks: 1 }] }),
  );
  const { document } = await api.projects.open({ file });
  expect(document).toMatchObject({ model, shots: [{ prompt: 'a' }] });
});

test('a story says where its model can be got', async () => {
  const studio = open(testFolder());
  await studio.api.projects.create({});
  const here = await studio.api.models.list();
  const named = { name: 'MemFlow', digest: 'a'.repeat(64), builtIn: false, sources: [] as string[] };
  const place = (more: Partial<typeof named>): ModelPlace => placeOfModel({ ...named, ...more }, here);
  expect(place({})).toEqual({ kind: 'files' });
  expect(place({ builtIn: true })).toEqual({ kind: 'built-in' });
  expect(place({ sources: ['somebody/else'] })).toEqual({ kind: 'published', sources: ['somebody/else'] });
  expect(place({ sources: ['Wan-AI/Wan2.1-T2V-1.3B', 'KlingTeam/MemFlow'] })).toMatchObject({
    kind: 'offered',
    offer: { recipe: 'memflow' },
  });
  const wide = here.models.find(({ id }) => id === 'wide');
  expect(wide).toMatchObject({ state: { kind: 'ready', digest: null } }); // it was not imported, nor loaded yet
  const { digest } = await use(studio, 'wide');
  const now = await studio.api.models.list();
  expect(placeOfModel({ ...named, digest }, now)).toEqual({ kind: 'here', id: 'wide' });
});
