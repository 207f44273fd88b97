import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ModelJob } from '../../src/shared/models.ts';
import { tinyDownloads } from '../fakes/tiny-downloads.ts';
import { studioOptions, TestWindow, testFolder } from './studio-fixtures.ts';

/** What Wan's own folders hold beside the generator; it says how wide a head is. */
const wanConfig = JSON.stringify({ _class_name: 'CausalWanModel', num_heads: 2 });

function downloads(folder: string): string {
  const path = tinyDownloads(join(folder, 'download'));
  writeFileSync(join(path, 'config.json'), wanConfig);
  return path;
}

const jobs = (window: TestWindow): readonly ModelJob[] =>
  window.events.findLast((event) => event.type === 'model-jobs')?.jobs ?? [];
const over = (window: TestWindow): boolean =>
  jobs(window).length > 0 && jobs(window).every(({ state }) => state !== 'waiting' && state !== 'running');

test('files somebody has become a model that is used, checked and removed', async () => {
  const folder = testFolder();
  const files = downloads(folder);
  const window = new TestWindow(studioOptions(folder));
  const { api } = window;
  expect((await api.models.list()).models).toEqual([]);

  const found = await api.models.look({ paths: [files] });
  expect(found.files.map(({ name, kind, problem }) => [name, kind, problem]).sort()).toEqual([
    ['model.pt', 'generator', null],
    ['text.safetensors', 'text', null],
    ['tokenizer.json', 'tokenizer', null],
    ['vae.safetensors', 'decoder', null],
  ]);
  const paths = found.files.map(({ path }) => path);
  const size = { width: 48, height: 32 };
  await api.models.import({ paths, recipe: 'memflow', name: 'tiny', size, use: true });
  await expect(api.models.import({ paths, recipe: 'memflow', name: 'tiny', use: false })).rejects.toThrow(
    /There is work at tiny already/,
  );
  await window.until(() => over(window));
  expect(jobs(window)).toMatchObject([{ kind: 'import', model: 'tiny', state: 'done', error: null }]);
  expect(window.studio.settings.modelFolder).toBe(join(folder, 'models/tiny'));
  const [model] = (await api.models.list()).models;
  expect(model).toMatchObject({
    id: 'tiny',
    state: { kind: 'ready', width: 48, height: 32, family: '2 layers of 24', inOrder: true, licence: null },
  });

  await api.models.check({ id: 'tiny' });
  await window.until(() => jobs(window).length === 2 && over(window));
  expect(jobs(window)[1]?.outcome).toBe('tiny is as it was imported.');
  // The same again takes the place of what was said last time.
  const first = jobs(window)[1]?.id;
  await api.models.check({ id: 'tiny' });
  await window.until(() => jobs(window)[1]?.id !== first && over(window));
  expect(jobs(window)).toHaveLength(2);

  const { id: project } = await api.projects.create({ title: 'With tiny' });
  await window.studio.keeper.ready();
  await window.until(() => window.studio.projects.current?.project.model?.name === 'tiny');
  expect(await api.models.usedBy({ id: 'tiny' })).toEqual(['With tiny']);
  await expect(api.models.remove({ id: 'tiny' })).rejects.toThrow(/is the model in use/);
  await api.projects.close({ project } as never);
  expect(await api.models.usedBy({ id: 'tiny' })).toEqual(['With tiny']);
  await api.models.use({ id: null });
  expect((await api.models.remove({ id: 'tiny' })).sizeBytes).toBeGreaterThan(1e6);
  // Nothing says any more that it is ready, or as it was imported.
  await window.until(() => jobs(window).length === 0);
  expect(existsSync(join(folder, 'models/tiny'))).toBe(false);
});

test('what cannot be done has its sentence, and leaves no model', async () => {
  const folder = testFolder();
  const files = downloads(folder);
  const window = new TestWindow(studioOptions(folder));
  const { api } = window;
  await expect(api.models.look({ paths: [join(folder, 'nowhere')] })).rejects.toThrow(/There is nothing at/);
  const text = join(files, 'text.safetensors');
  await api.models.import({ paths: [text], recipe: 'memflow', name: 'half', use: true });
  await api.models.import({ paths: [text], recipe: 'sora', name: 'other', use: true });
  const { jobId } = await api.models.import({ paths: [files], recipe: 'memflow', name: 'waiting', use: true });
  await api.models.cancel({ jobId });
  await window.until(() => over(window));
  const ended = jobs(window);
  expect(ended.map(({ state }) => state)).toEqual(['failed', 'failed', 'cancelled']);
  expect(ended[0]?.error?.message).toMatch(/Missing: the generator/);
  expect(ended[1]?.error?.message).toMatch(/There is no recipe called sora/);
  await api.models.dismiss({ jobId });
  expect(window.studio.models.jobs).toHaveLength(2);
  expect((await api.models.list()).models).toEqual([]);
  await expect(api.models.use({ id: 'half' })).rejects.toThrow(/There is no model called half/);
  await expect(api.models.remove({ id: 'half' })).rejects.toThrow(/There is no model called half/);
  expect(window.studio.settings.modelFolder).toBeNull();
});
