import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { StudioEvent } from '../../src/shared/api/types.ts';
import { mp4 } from '../fakes/edit-plans.ts';
import { FakeStudioEngine } from '../fakes/fake-studio-engine.ts';
import { studioOptions, TestWindow, testFolder } from './studio-fixtures.ts';

function openWindow(folder = testFolder()) {
  const engines: FakeStudioEngine[] = [];
  const window = new TestWindow({
    ...studioOptions(folder),
    startEngine: async (options) => {
      engines.push(new FakeStudioEngine(options));
      return engines.at(-1) as FakeStudioEngine;
    },
  });
  return { window, api: window.api, engines, folder };
}

test('saved under another name, both files are whole and go their own ways', async () => {
  const { window, api, folder } = openWindow();
  const { file } = await api.projects.create({ title: 'First' });
  const shot = await window.add(null, 'a cat', 2);
  await window.generate(shot);
  const second = join(folder, 'second');
  const copy = await api.projects.saveAs({ file: second });
  expect(copy.file).toBe(`${second}.throughline`);
  await window.until(() => window.project?.file === copy.file && window.chunks.size === 2);
  expect(window.queue.paused).toBe(false);
  await api.document.apply({ commands: [{ type: 'edit-shot', id: shot, patch: { prompt: 'a dog' } }], gesture: null });
  await expect(api.projects.saveAs({ file })).rejects.toMatchObject({
    data: { message: `There is already a file ${file}.` },
  });

  const first = await api.projects.open({ file });
  expect(first.document.shots[0]?.prompt).toBe('a cat');
  await window.until(() => window.project?.file === file && window.chunks.size === 2);
  expect((await api.projects.open({ file: copy.file })).document.shots[0]?.prompt).toBe('a dog');
  expect((await api.projects.recent()).map((project) => project.file)).toEqual([copy.file, file]);
});

test('a named version can be returned to, and that can be undone', async () => {
  const { window, api } = openWindow();
  await api.projects.create({});
  await window.add(null, 'one', 1);
  await api.projects.nameVersion({ name: 'Before the cut' });
  await window.add(null, 'two', 1);
  const [version] = await api.projects.versions();
  expect(version?.name).toBe('Before the cut');
  await api.projects.restoreVersion({ id: version?.id ?? 0 });
  await window.until(() => window.project?.document.shots.length === 1);
  expect(window.project?.undo).toBe('go back to "Before the cut"');
  await api.document.undo();
  await window.until(() => window.project?.document.shots.length === 2);
  await expect(api.projects.restoreVersion({ id: 999 })).rejects.toMatchObject({ data: { code: 'bad-input' } });
});

test('scripts: opened as a project, imported as branches, refused with the line', async () => {
  const { window, api, folder } = openWindow();
  const script = join(folder, 'stories.jsonl');
  writeFileSync(script, '{"prompts": ["a cat", "a dog"]}\n{"prompts": ["a duck"]}\n');
  const opened = await api.projects.open({ file: script });
  expect(opened.document.shots.map(({ prompt, parent }) => [prompt, parent !== null])).toEqual([
    ['a cat', false],
    ['a dog', true],
    ['a duck', false],
  ]);
  expect(existsSync(opened.file)).toBe(true);
  const imported = await api.document.importScript({ name: 'more.txt', text: 'a bear\n\na fox' });
  expect(imported).toMatchObject({ shots: 2, warnings: [] });
  await window.until(() => window.project?.document.shots.length === 5);
  await api.document.undo();
  await window.until(() => window.project?.document.shots.length === 3);
  await expect(
    api.document.importScript({ name: 'bad.jsonl', text: '{"prompts": ["a"]}\n{"prompts": 3}' }),
  ).rejects.toMatchObject({ data: { code: 'bad-story', message: expect.stringContaining('line 2') } });
  await expect(api.projects.open({ file: join(folder, 'nothing.throughline') })).rejects.toMatchObject({
    data: { code: 'bad-input' },
  });
});

test('a screenplay: previewed, imported without what is not wanted, opened in whatever encoding', async () => {
  const { window, api, folder } = openWindow();
  await api.projects.create({ title: 'Empty' });
  const script = { name: 'two.fountain', text: 'INT. KITCHEN - DAY\n\nA cat sits.\n\nCAT\nMeow.\n\nA zebra waves.' };
  const preview = await api.document.previewImport(script);
  expect(preview).toMatchObject({ shotCount: 2, update: null, script: { format: 'fountain' } });
  expect(preview.script.stories[0]?.scenes[0]?.shots[0]?.fields.dialogue).toBe('CAT: Meow.');
  expect(window.project?.document.shots).toEqual([]);
  const imported = await api.document.importScript({ ...script, leaveOut: ['1.1.2'] });
  expect(imported.shots).toBe(1);
  await window.until(() => window.project?.document.shots.length === 1);
  expect(window.project?.document.shots[0]?.prompt).toBe('Kitchen, day. A cat sits.');
  await expect(api.document.importScript({ ...script, leaveOut: ['1.1.1', '1.1.2'] })).rejects.toMatchObject({
    data: { code: 'bad-input' },
  });

  const file = join(folder, 'latin1.txt');
  writeFileSync(file, Buffer.from('Un caf\xe9.\r\rUn chat.', 'latin1'));
  const opened = await api.projects.open({ file });
  expect(opened.document.shots.map(({ prompt }) => prompt)).toEqual(['Un café.', 'Un chat.']);
});

test('a changed screenplay updates what it made: what was generated stays, and it is one step to undo', async () => {
  const { window, api } = openWindow();
  await api.projects.create({ title: 'Film' });
  const name = 'film.fountain';
  const text = 'INT. KITCHEN - DAY #1#\n\nA cat sits.\n\nCAT\nMeow.\n\nIt waves.\n\nIt sleeps.';
  await api.document.importScript({ name, text, chunksPerPrompt: 1 });
  await window.until(() => window.project?.document.shots.length === 3);
  const [sits, waves, sleeps] = (window.project?.document.shots ?? []).map(({ id }) => id) as [string, string, string];
  expect(window.project?.document.shots[0]).toMatchObject({
    fields: { scene: 'INT. KITCHEN - DAY', number: '1', action: 'A cat sits.', dialogue: 'CAT: Meow.' },
  });
  await window.generate(waves);

  const changed = text
    .replace('A cat sits', 'A red cat sits')
    .replace('It waves.\n\n', '')
    .replace('It sleeps.', 'A dog comes.\n\nIt sleeps.');
  const script = { name, text: changed, chunksPerPrompt: 1 };
  expect((await api.document.previewImport(script)).update).toEqual({
    same: 1,
    changes: [
      { kind: 'gone', shotId: waves, stays: true },
      { kind: 'changed', key: '1.1.1', shotId: sits, parts: ['prompt', 'action'], kept: [], moved: false },
      { kind: 'new', key: '1.1.2' },
    ],
  });
  const updated = await api.document.importScript({ ...script, update: true });
  expect(updated.shots).toBe(1);
  await window.until(() => window.project?.document.shots.length === 4);
  const shots = new Map(window.project?.document.shots.map((shot) => [shot.id, shot]));
  expect(shots.get(sits)?.prompt).toBe('Kitchen, day. A red cat sits.');
  expect(shots.get(waves)).toMatchObject({ prompt: 'Kitchen, day. It waves.', origin: null });
  expect(shots.get(sleeps)?.prompt).toBe('Kitchen, day. It sleeps.');
  expect(window.project?.undo).toBe('update from film.fountain');
  await api.document.undo();
  await window.until(() => window.project?.document.shots.length === 3);
  expect(window.project?.document.shots[0]?.prompt).toBe('Kitchen, day. A cat sits.');
  await expect(api.document.importScript({ name: 'other.txt', text: 'A fox.', update: true })).rejects.toMatchObject({
    data: { code: 'bad-input', message: 'Nothing in this project was brought in from other.txt.' },
  });
});

test('a script of 7,000 shots comes in whole; one too many is refused whole, with the limit', async () => {
  const { window, api } = openWindow();
  await api.projects.create({ title: 'Large' });
  const text = Array.from({ length: 7000 }, (_, i) => `A red cat sits in the meadow ${i}.`).join('\n\n');
  for (let count = 1; count <= 2; count++) {
    expect(await api.document.importScript({ name: 'large.txt', text })).toMatchObject({ shots: 7000 });
    await window.until(() => window.project?.document.shots.length === 7000 * count);
  }
  await expect(api.document.importScript({ name: 'large.txt', text })).rejects.toMatchObject({
    data: { code: 'bad-input', message: expect.stringMatching(/up to 20,000 shots; this would be 21,000/) },
  });
  const long = '[1000 chunks] A cat.\n\n'.repeat(90);
  await expect(api.document.importScript({ name: 'long.txt', text: `${long}# Two\n\n${long}` })).rejects.toMatchObject({
    data: { code: 'bad-input', message: expect.stringMatching(/up to 200,000 chunks in all; this would be 236,000/) },
  });
  expect(window.project?.document.shots).toHaveLength(14_000);
});

test('the very first run opens the sample; later ones find it as it was left', async () => {
  const { window, api, folder } = openWindow();
  await window.studio.begin();
  await window.until(() => window.project !== null);
  expect(window.project?.document).toMatchObject({ title: 'There and back', shots: { length: 10 } });
  const sample = window.project?.file;
  await api.document.apply({ commands: [{ type: 'edit-project', title: 'Mine' }], gesture: null });
  await window.close();

  const again = openWindow(folder);
  await again.window.studio.begin();
  expect(again.window.studio.projects.current).toBeNull();
  expect(await again.api.projects.openSample()).toMatchObject({ file: sample, document: { title: 'Mine' } });
});

test('settings are kept, parsed, and reach the engine; another K/V storage is another film', async () => {
  const { window, api, engines, folder } = openWindow();
  await api.projects.create({});
  const shot = await window.add(null, 'a cat', 2);
  await window.generate(shot);
  expect(engines).toHaveLength(1);
  await api.settings.update({ theme: 'light' });
  expect(engines).toHaveLength(1);
  await api.settings.update({ kvStorage: 'int8' });
  expect((await api.queue.estimate({ shotIds: [shot] })).chunks).toBe(2);
  expect(engines.map(({ disposed }) => disposed)).toEqual([true, false]);
  expect(engines[1]?.options.kvStorage).toBe('int8');
  await expect(api.settings.update({ threads: 0 })).rejects.toMatchObject({ data: { code: 'bad-input' } });
  await expect(api.settings.update({ modelFolder: join(folder, 'none') })).rejects.toMatchObject({
    data: { code: 'model-missing' },
  });
  const settingsFile = join(folder, 'config/settings.json');
  expect(JSON.parse(readFileSync(settingsFile, 'utf8'))).toMatchObject({ theme: 'light', kvStorage: 'int8' });
  await window.close();

  // One line that makes no sense does not cost the others.
  writeFileSync(settingsFile, JSON.stringify({ theme: 'light', kvStorage: 'fp1', threads: 'many' }));
  const again = openWindow(folder);
  await again.window.until(() => again.window.events.some(({ type }) => type === 'settings'));
  expect(again.window.studio.settings).toMatchObject({ theme: 'light', kvStorage: 'fp16', threads: null });
});

test('the queue: order, dismissing, and an edit made while it works', async () => {
  const { window, api, engines } = openWindow();
  await api.projects.create({});
  await api.queue.pause().catch(() => {});
  const shots = [
    await window.add(null, 'one', 1),
    await window.add(null, 'two', 1),
    await window.add(null, 'three', 1),
  ];
  const ids: string[] = [];
  for (const shot of shots) ids.push((await api.queue.generate({ shotIds: [shot] })).jobId ?? '');
  expect((await api.queue.generate({ shotIds: [shots[0] as string] })).jobId).toBe(ids[0]);
  await api.queue.reorder({ jobIds: [ids[2] as string, ids[0] as string] });
  await window.until(() => window.queue.jobs[0]?.id === ids[2]);
  await api.queue.dismiss({ jobId: ids[1] as string });
  await api.document.apply({
    commands: [{ type: 'edit-shot', id: shots[0] as string, patch: { prompt: 'one, said better' } }],
    gesture: null,
  });
  await api.queue.resume();
  await window.until(() => window.job(ids[0] as string)?.state === 'done');
  expect(engines[0]?.made.map(({ recipe }) => recipe.prompt)).toEqual(['three', 'one, said better']);
  await expect(api.queue.cancel({ jobId: ids[1] as string })).rejects.toMatchObject({ data: { code: 'bad-input' } });
});

test('an empty prompt is refused before anything is queued, by the name of its shot', async () => {
  const { window, api } = openWindow();
  await api.projects.create({});
  const shot = await window.add(null, 'a cat', 1);
  const empty = await window.add(shot, '', 1, { name: 'The chase' });
  await expect(api.queue.generate({ shotIds: [empty] })).rejects.toMatchObject({
    data: { code: 'bad-input', message: expect.stringContaining('The chase') },
  });
  expect(window.queue.jobs).toEqual([]);
});

test('an export that is cancelled leaves nothing; one to a place that cannot be written says so', async () => {
  const { window, api, folder } = openWindow();
  await api.projects.create({ title: 'Film' });
  const shot = await window.add(null, 'a cat', 30);
  await window.generate(shot);
  const film = join(folder, 'film.mp4');
  const target = { kind: 'cut', leaf: shot } as const;
  const { id } = await api.exports.start({ target, file: film, ...mp4(720) });
  const state = (of: string) =>
    window.events.findLast(
      (event) => event.type === 'export' && event.export.id === of && event.export.state !== 'running',
    );
  await window.until(() => window.events.some((event) => event.type === 'export' && event.export.fraction > 0));
  await api.exports.cancel({ id });
  await window.until(() => state(id) !== undefined);
  expect(state(id)).toMatchObject({ export: { state: 'cancelled' } });
  expect(existsSync(film)).toBe(false);

  await expect(api.exports.start({ target, file: join(folder, 'project.mp4'), ...mp4(1_000_000) })).rejects.toThrow();
  const mine = join(folder, 'mine.mp4');
  writeFileSync(mine, 'something of somebody');
  await expect(api.exports.start({ target, file: mine, ...mp4(16) })).rejects.toMatchObject({
    data: { code: 'bad-input', message: `There is already a file ${mine}.` },
  });

  writeFileSync(join(folder, 'no-folder'), '');
  await expect(
    api.exports.start({ target, file: join(folder, 'no-folder', 'film.mp4'), ...mp4(16) }),
  ).rejects.toMatchObject({ data: { code: 'bad-input', message: expect.stringContaining('is a file') } });

  // A file that appears while the film is made stays; the film gets the next free name, and says so.
  const raced = await api.exports.start({ target, file: join(folder, 'raced.mp4'), ...mp4(16) });
  writeFileSync(join(folder, 'raced.mp4'), 'something of somebody');
  await window.until(() => state(raced.id) !== undefined);
  expect(state(raced.id)).toMatchObject({ export: { state: 'done', files: [join(folder, 'raced 2.mp4')] } });
  expect(readFileSync(join(folder, 'raced.mp4'), 'utf8')).toBe('something of somebody');
  expect(existsSync(join(folder, 'raced 2.mp4'))).toBe(true);
  const isNotice = (event: StudioEvent) => event.type === 'notice' && event.message.includes('raced 2.mp4');
  await window.until(() => window.events.some(isNotice));

  const empty = await window.add(null, 'nothing yet', 1);
  await expect(
    api.exports.start({ target: { kind: 'cut', leaf: empty }, file: null, ...mp4(720) }),
  ).rejects.toMatchObject({ data: { code: 'bad-input' } });
});
