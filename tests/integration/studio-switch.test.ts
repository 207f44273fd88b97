import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { decodeFilm } from '../../src/main/export/index.ts';
import { FakeStudioEngine } from '../fakes/fake-studio-engine.ts';
import { smallDisk } from './export-fixtures.ts';
import { studioOptions, TestWindow, testFolder } from './studio-fixtures.ts';

/** The smallest film. */
const inFormat = { format: 'mp4', fps: null, options: { height: 16 } } as const;

function open(folder = testFolder()) {
  const engines: FakeStudioEngine[] = [];
  const window = new TestWindow({
    ...studioOptions(folder),
    startEngine: async (options) => {
      engines.push(new FakeStudioEngine(options));
      return engines.at(-1) as FakeStudioEngine;
    },
  });
  return { window, api: window.api, folder, engines };
}

/** Edits without a pause until `over`; the prompts of those that were accepted, and what was said of the others. */
async function editWhile(window: TestWindow, shot: string, over: Promise<unknown>) {
  const accepted: string[] = [];
  const refused: unknown[] = [];
  let going = true;
  void over.finally(() => {
    going = false;
  });
  for (let i = 0; going || i < 20; i++) {
    const prompt = `edit ${i}`;
    await window.api.document
      .apply({ commands: [{ type: 'edit-shot', id: shot, patch: { prompt } }], gesture: null })
      .then(
        () => accepted.push(prompt),
        (error) => refused.push(error.data.code),
      );
    await delay(1);
  }
  return { accepted, refused };
}

test('every edit that is accepted while a copy is saved is in the copy, and none is refused', async () => {
  const { window, api, folder } = open();
  const before = await api.projects.create({ title: 'First' });
  const shot = await window.add(null, 'a cat', 3);
  await window.generate(shot);
  const copying = api.projects.saveAs({ file: join(folder, 'second') });
  const { accepted, refused } = await editWhile(window, shot, copying);
  const copy = await copying;
  expect(refused).toEqual([]);
  expect(copy.id).toBe(before.id);
  expect(window.studio.workspace.project.document.shots[0]?.prompt).toBe(accepted.at(-1));
  await window.until(() => window.project?.file === copy.file && window.chunks.size === 3);
  await window.close();

  const again = open(folder);
  const opened = await again.api.projects.open({ file: copy.file });
  expect(opened.document.shots[0]?.prompt).toBe(accepted.at(-1));
  // One step back for each of them, as far as steps are kept.
  for (const prompt of accepted.slice(-900, -1).reverse()) {
    await again.api.document.undo();
    expect(again.window.studio.workspace.project.document.shots[0]?.prompt).toBe(prompt);
  }
});

test('what is accepted while another project is opened is saved; what comes later is refused by its name', async () => {
  const { window, api, folder } = open();
  const { file } = await api.projects.create({ title: 'Salt' });
  const shot = await window.add(null, 'a cat', 1);
  const other = join(folder, 'sugar');
  const opening = api.projects.create({ file: other, title: 'Sugar' });
  const { accepted, refused } = await editWhile(window, shot, opening);
  // After the switch the window names the new project, which has no such shot.
  expect(refused.every((code) => code === 'other-project' || code === 'bad-input')).toBe(true);
  const state = await api.projects.open({ file });
  expect(state.document.shots[0]?.prompt).toBe(accepted.at(-1));
});

test('the save indicator says saved only when nothing is left, also for what comes in that very moment', async () => {
  const { window, api } = open();
  await api.projects.create({});
  const shot = await window.add(null, 'a cat', 1);
  const { project } = window.studio.workspace;
  for (let i = 0; i < 200; i++) {
    project.apply([{ type: 'edit-shot', id: shot, patch: { prompt: `edit ${i}` } }], null);
    await project.saved();
    // The moment after: as near to the end of a save as one can get.
    project.apply([{ type: 'edit-shot', id: shot, patch: { prompt: `edit ${i}, corrected` } }], null);
  }
  await window.until(
    () => window.project?.save.state === 'saved' && window.project.revision === project.state.revision,
  );
  expect(JSON.parse((await project.store.contents()).data).shots[0].prompt).toBe('edit 199, corrected');
});

test('a film goes on whatever project is opened: saved elsewhere, left, left and opened again', async () => {
  const { window, api, folder, engines } = open();
  const { file } = await api.projects.create({ title: 'Long' });
  const shot = await window.add(null, 'a cat', 24);
  await window.generate(shot);
  const gate = Promise.withResolvers<void>();
  const [engine] = engines;
  if (!engine) throw new Error('no engine');
  const decode = engine.decode.bind(engine);
  engine.decode = async (...args) => {
    await gate.promise;
    return decode(...args);
  };
  const target = { kind: 'cut', leaf: shot } as const;
  const first = await api.exports.start({ target, file: join(folder, 'one.mp4'), ...inFormat });
  const second = await api.exports.start({ target, file: join(folder, 'two.mp4'), ...inFormat });
  const saving = api.projects.saveAs({ file: join(folder, 'copy') });
  gate.resolve();
  const copy = await saving;
  await api.projects.create({ title: 'Other' });
  // It is still being read; opening it again is no second opening.
  const again = await api.projects.open({ file: copy.file });
  expect(again.document.shots).toHaveLength(1);
  await window.add(shot, 'more', 1);
  await api.projects.open({ file });
  for (const { id } of [first, second]) {
    await window.until(() =>
      window.events.some(
        (event) => event.type === 'export' && event.export.id === id && event.export.state !== 'running',
      ),
    );
    const last = window.events.findLast((event) => event.type === 'export' && event.export.id === id);
    expect(last).toMatchObject({ export: { state: 'done', error: null } });
  }
  for (const name of ['one.mp4', 'two.mp4']) {
    let frames = 0;
    for await (const _ of decodeFilm(join(folder, name))) frames++;
    expect(frames).toBe(9 + 23 * 12);
  }
  // Nobody reads the copy any more: it is closed, and whole.
  const back = await api.projects.open({ file: copy.file });
  expect(back.document.shots.map(({ prompt }) => prompt)).toEqual(['a cat', 'more']);
});

test('an engine that dies under an export is started again', async () => {
  const { window, api, folder, engines } = open();
  await api.projects.create({});
  const shot = await window.add(null, 'a cat', 10);
  await window.generate(shot);
  const [engine] = engines;
  if (!engine) throw new Error('no engine');
  engine.decode = async () => {
    throw engine.die();
  };
  const film = join(folder, 'film.mp4');
  const { id } = await api.exports.start({ target: { kind: 'cut', leaf: shot }, file: film, ...inFormat });
  await window.until(() =>
    window.events.some((event) => event.type === 'export' && event.export.id === id && event.export.state === 'done'),
  );
  expect(engines).toHaveLength(2);
});

test('a full disk: neither another project nor quitting takes what is not saved; a copy elsewhere saves all of it', async () => {
  const disk = smallDisk('size=3m');
  if (disk === null) return; // only where this process may mount
  const { window, api, folder } = open();
  const { file, id } = await api.projects.create({ file: join(disk, 'small'), title: 'Small' });
  const shot = await window.add(null, 'a cat', 1);
  const filler = join(disk, 'filler');
  for (let bytes = 3 * 1024 ** 2; bytes > 1024; bytes = Math.floor(bytes * 0.9)) {
    try {
      writeFileSync(filler, Buffer.alloc(bytes), { flag: 'a' });
    } catch {}
  }
  const edits: string[] = [];
  for (let i = 0; i < 60 && window.studio.workspace.project.state.save.state !== 'failed'; i++) {
    await window.add(shot, `${i} ${'y'.repeat(3900)}`, 1);
    edits.push(`${i}`);
    await window.studio.workspace.project.saved();
  }
  const unsaved = {
    code: 'unsaved',
    message: expect.stringMatching(/^The last changes of "Small" are not saved: .*full/),
    hint: expect.stringContaining('save a copy in another place'),
  };
  const other = join(folder, 'other');
  await expect(api.projects.create({ file: other })).rejects.toMatchObject({ data: unsaved });
  expect(existsSync(`${other}.throughline`)).toBe(false);
  await expect(api.projects.close()).rejects.toMatchObject({ data: unsaved });
  await expect(window.studio.dispose()).rejects.toMatchObject(unsaved);
  // It goes on as if nothing had been asked.
  const last = await window.add(shot, 'the last one', 1);
  const shots = window.studio.workspace.project.document.shots.length;
  expect(shots).toBe(edits.length + 2);
  const job = await window.generate(shot);
  expect(job?.state).toBe('failed'); // there is no room for a chunk

  const copy = await api.projects.saveAs({ file: join(folder, 'elsewhere') });
  expect(copy.id).toBe(id);
  await window.until(() => window.project?.save.state === 'saved' && window.project.file === copy.file);
  await window.close();
  const again = open(folder);
  const opened = await again.api.projects.open({ file: copy.file });
  expect(opened.document.shots).toHaveLength(shots);
  expect(opened.document.shots.some((candidate) => candidate.id === last)).toBe(true);
  rmSync(filler);
  // The one that was left is as it was last saved.
  expect((await again.api.projects.open({ file })).document.shots.length).toBeLessThan(shots);
});

test('what cannot be saved is lost only for who says so', async () => {
  const disk = smallDisk('size=1m');
  if (disk === null) return;
  const { window, api } = open();
  const { id } = await api.projects.create({ file: join(disk, 'small'), title: 'Small' });
  const shot = await window.add(null, 'a cat', 1);
  try {
    writeFileSync(join(disk, 'filler'), Buffer.alloc(2 * 1024 ** 2));
  } catch {}
  for (let i = 0; i < 60 && window.studio.workspace.project.state.save.state !== 'failed'; i++) {
    await window.add(shot, `${i} ${'y'.repeat(3900)}`, 1);
    await window.studio.workspace.project.saved();
  }
  await expect(api.projects.create({ title: 'Other', discard: 'somebody-else' })).rejects.toMatchObject({
    data: { code: 'unsaved' },
  });
  expect((await api.projects.create({ title: 'Other', discard: id })).document.title).toBe('Other');
});

test('a copy that cannot be made leaves everything where it was', async () => {
  const { window, api, folder } = open();
  const before = await api.projects.create({ title: 'Stays' });
  const shot = await window.add(null, 'a cat', 2);
  writeFileSync(join(folder, 'no-folder'), '');
  await expect(api.projects.saveAs({ file: join(folder, 'no-folder', 'copy') })).rejects.toMatchObject({
    data: { code: expect.stringMatching(/database|bad-input/) },
  });
  expect(await window.generate(shot)).toMatchObject({ state: 'done' });
  await window.close();
  const again = open(folder);
  expect((await again.api.projects.open({ file: before.file })).document.shots).toHaveLength(1);
});
