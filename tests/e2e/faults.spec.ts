import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { verifyFilm } from '../../src/main/export/index.ts';
import { mp4 } from '../fakes/edit-plans.ts';
import { Host, temporaryHome, tinyModel } from './support/host.ts';
import { expect, expectState, make, shot, test, write } from './support/test.ts';

/** The version of a project file's tables, which names its backup. */
function schemaOf(file: string): unknown {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    return db.prepare('PRAGMA user_version').get()?.user_version;
  } finally {
    db.close();
  }
}

const dyingMigration = join(import.meta.dirname, 'support/dying-migration.ts');

test('an engine that is killed while generating is said, started again, and the work goes on', async ({ editor }) => {
  const { page, known, until, host } = editor;
  await write(editor, [shot('one', { chunks: 150 })]);
  await page.getByRole('button', { name: 'Generate', exact: true }).click();
  await until(({ chunks }) => chunks.size >= 3, 'three chunks');
  const kept = [...known.chunks.keys()];
  const engine = host.enginePid;
  expect(engine).not.toBeNull();
  process.kill(engine ?? 0, 'SIGKILL');
  await expect(page.getByText(/It is started again/).first()).toBeVisible();
  await until(({ jobs }) => jobs[0]?.state === 'done', 'it went on to the end');
  await expectState(page, 'one', 'fresh');
  expect(host.enginePid).not.toBe(engine);
  for (const key of kept) expect(known.chunks.has(key)).toBe(true);
});

test('a window whose host was stopped says so, and finds its way back once it was started again', async ({ page }) => {
  const { home, remove } = temporaryHome();
  const first = await Host.start({ home, model: tinyModel });
  await page.goto(first.link);
  await expect(page.getByRole('button', { name: 'New story' })).toBeVisible();
  const { port } = new URL(first.origin);
  await first.stop();
  const banner = page.getByRole('alert').filter({ hasText: 'What you saw as saved is saved.' });
  await expect(banner).toContainText('Throughline does not answer');
  // The one that was started again keeps other secrets: this window has to be let in anew.
  const second = await Host.start({ home, model: tinyModel, port });
  await expect(banner).toContainText('open the newest link in its terminal', { timeout: 30_000 });
  const tab = await page.context().newPage();
  await tab.goto(second.link);
  await expect(banner).toBeHidden({ timeout: 30_000 });
  await page.getByRole('button', { name: 'New story' }).click();
  await expect(page.getByRole('banner').getByText('Saved')).toBeVisible();
  await second.stop();
  remove();
});

test('a host that is killed while generating loses nothing that was committed, and offers to go on', async ({
  page,
}) => {
  const { home, remove } = temporaryHome();
  const first = await Host.start({ home, model: tinyModel });
  const before = await first.enter();
  await before.api.projects.create({ title: 'Killed' });
  await before.until(({ model }) => model !== null, 'the model is loaded');
  await write(before, [shot('one', { chunks: 100 })]);
  await before.api.queue.generate({ shotIds: ['one-shot'] });
  await before.until(({ chunks }) => chunks.size >= 5, 'five chunks');
  const kept = [...before.known.chunks.keys()];
  await first.kill();
  before.close();

  const second = await Host.start({ home, model: tinyModel });
  await page.goto(second.link);
  await page.getByRole('button', { name: /Killed/ }).click();
  await expect(page.getByText('Everything that was finished is kept.').first()).toBeVisible();
  for (let i = 1; i <= kept.length; i++) {
    await expect(page.getByRole('button', { name: `Chunk ${i} of 100, fresh` })).toBeAttached();
  }
  await page.getByRole('banner').getByRole('button', { name: 'Resume' }).click();
  await expect(page.getByRole('button', { name: `Chunk ${kept.length + 2} of 100, fresh` })).toBeAttached();
  await second.stop();
  remove();
});

test('a newer version that is killed while it updates a project leaves it as it was, and it opens here', async ({
  page,
}) => {
  const { home, remove } = temporaryHome();
  const first = await Host.start({ home, model: tinyModel });
  const before = await first.enter();
  const { file } = await before.api.projects.create({ title: 'Updated' });
  await before.until(({ model }) => model !== null, 'the model is loaded');
  await write(before, [shot('one')]);
  await make(before, 'one');
  before.close();
  await first.stop();
  const update = (...how: string[]) => spawnSync(process.execPath, ['--no-warnings', dyingMigration, file, ...how]);
  expect(update().signal).toBe('SIGKILL');
  const backup = `${file}.v${schemaOf(file)}.backup`;
  expect(existsSync(backup)).toBe(true);

  const second = await Host.start({ home, model: tinyModel });
  await page.goto(second.link);
  await page.getByRole('button', { name: /Updated/ }).click();
  await expectState(page, 'one', 'fresh');
  await second.stop();

  // The update goes through when it is tried again; this version then says what to do, and touches nothing.
  expect(update('survive').status).toBe(0);
  const third = await Host.start({ home, model: tinyModel });
  const after = await third.enter();
  await expect(after.api.projects.open({ file })).rejects.toMatchObject({
    data: { code: 'database', message: expect.stringContaining('was made by a newer Throughline') },
  });
  await after.api.projects.open({ file: backup });
  await after.until(({ chunks }) => chunks.size === 2, 'the backup holds everything');
  after.close();
  await third.stop();
  remove();
});

test('a host that is killed while exporting leaves no half film; the film before stays, and it exports again', async () => {
  const { home, remove } = temporaryHome();
  const first = await Host.start({ home, model: tinyModel });
  const before = await first.enter();
  const { file: project } = await before.api.projects.create({ title: 'Exported' });
  await before.until(({ model }) => model !== null, 'the model is loaded');
  await write(before, [shot('one', { chunks: 12 })]);
  await make(before, 'one');
  const target = { kind: 'cut', leaf: 'one-shot' } as const;
  const small = await before.api.exports.start({ target, file: null, ...mp4(16) });
  await before.until(({ exports }) => exports.get(small.id)?.state === 'done', 'a first film');
  const [film = ''] = small.files;
  const bytes = readFileSync(film);
  const large = await before.api.exports.start({ target, file: film, ...mp4(1080) });
  await before.until(({ exports }) => (exports.get(large.id)?.fraction ?? 0) > 0, 'part of it is written');
  await first.kill();
  before.close();
  expect(readFileSync(film).equals(bytes)).toBe(true);
  const shown = (): string[] => readdirSync(join(home, 'films')).filter((name) => !name.startsWith('.'));
  expect(shown()).toEqual([basename(film)]);

  const second = await Host.start({ home, model: tinyModel });
  const after = await second.enter();
  await after.api.projects.open({ file: project });
  await after.until(({ chunks, model }) => chunks.size === 12 && model !== null, 'the project opens again');
  const again = await after.api.exports.start({ target, file: null, ...mp4(16) });
  await after.until(({ exports }) => exports.get(again.id)?.state === 'done', 'it exports again');
  expect((await verifyFilm(again.files[0] ?? '')).frameCount).toBe(9 + 11 * 12);
  after.close();
  await second.stop();
  remove();
});
