import { cpSync, existsSync, renameSync } from 'node:fs';
import { basename, join } from 'node:path';
import { verifyFilm } from '../../src/main/export/index.ts';
import { Host, temporaryHome, tinyModel } from './support/host.ts';
import { expect, expectState, keysOf, make, node, shot, test, write } from './support/test.ts';

test('a version is named and returned to, and returning can be undone', async ({ editor }) => {
  const { page, known, until } = editor;
  await write(editor, [shot('one'), shot('two')]);
  await make(editor, 'two');
  await page.keyboard.press('Control+s');
  const naming = page.getByRole('dialog', { name: 'Name this version' });
  await naming.getByLabel('Name', { exact: true }).fill('Before the duck');
  await naming.getByRole('button', { name: 'Keep this version' }).click();
  await expect(page.getByText('This version is kept as “Before the duck”.', { exact: true })).toBeVisible();
  await node(page, 'two').getByText('two', { exact: true }).click();
  await page.getByLabel('Prompt', { exact: true }).fill('A duck');
  await until(({ project }) => project?.document.shots[1]?.prompt === 'A duck');
  await expectState(page, 'two', 'stale');
  await page.getByRole('button', { name: 'Menu', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Versions…' }).click();
  const versions = page.getByRole('dialog', { name: 'Versions' });
  await expect(versions.getByRole('listitem')).toContainText('Before the duck');
  await versions.getByRole('button', { name: 'Go back to it' }).click();
  await until(({ project }) => project?.document.shots[1]?.prompt === 'A red cat two');
  await expectState(page, 'two', 'fresh');
  await page.getByRole('button', { name: /^Undo/ }).click();
  await until(() => known.project?.document.shots[1]?.prompt === 'A duck');
  expect(known.jobs).toHaveLength(1);
});

test('a copy is saved and gone on in; the original stays, and is opened from the list of recent ones', async ({
  editor,
}) => {
  const { page, known, until } = editor;
  await write(editor, [shot('one')]);
  await make(editor, 'one');
  const original = known.project?.file ?? '';
  await page.keyboard.press('Control+Shift+s');
  const dialog = page.getByRole('dialog', { name: 'Save a copy as' });
  const copy = original.replace('.throughline', ' copy.throughline');
  await expect(dialog.getByLabel('Path on this machine')).toHaveValue(copy);
  await dialog.getByRole('button', { name: 'Save' }).click();
  await until(({ project }) => project?.file === copy, 'the copy is open');
  await expectState(page, 'one', 'fresh');
  await node(page, 'one').getByText('one', { exact: true }).click();
  await page.getByLabel('Prompt', { exact: true }).fill('Only in the copy');
  await until(({ project }) => project?.document.shots[0]?.prompt === 'Only in the copy');
  expect(existsSync(original)).toBe(true);

  await page.keyboard.press('Control+o');
  const open = page.getByRole('dialog', { name: 'Open' });
  const listed = open.getByRole('listitem').filter({ has: page.getByTitle(original, { exact: true }) });
  await listed.getByRole('button', { name: /^Open/ }).click();
  await until(({ project }) => project?.file === original, `${basename(original)} is open again`);
  expect(known.project?.document.shots[0]?.prompt).toBe('A red cat one');
  await expectState(page, 'one', 'fresh');
});

test('a copy over another file is refused in a sentence', async ({ editor }) => {
  const { page, known } = editor;
  const file = known.project?.file ?? '';
  await page.keyboard.press('Control+Shift+s');
  const dialog = page.getByRole('dialog', { name: 'Save a copy as' });
  await dialog.getByLabel('Path on this machine').fill(join(editor.host.home, 'config/settings.json.throughline'));
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText(/^Saved as/)).toBeVisible();
  await expect(dialog).toBeHidden();
  await editor.api.projects.open({ file });
  // The page learns of it a moment after the answer; until then a key is for no project and does nothing.
  await expect(async () => {
    await page.keyboard.press('Control+Shift+s');
    await expect(dialog).toBeVisible({ timeout: 2000 });
  }).toPass();
  await dialog.getByLabel('Path on this machine').fill(join(editor.host.home, 'config/settings.json.throughline'));
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText(/^There is already a file/)).toBeVisible();
  // The path stays, to be corrected.
  await expect(dialog.getByLabel('Path on this machine')).toHaveValue(/settings\.json\.throughline$/);
  expect(known.project?.file).toBe(file);
});

test('unused results are said with their size, deleted only when asked, and what is shown stays', async ({
  editor,
}) => {
  const { page, known, until, api } = editor;
  await write(editor, [shot('one')]);
  await make(editor, 'one');
  const old = [...known.chunks.keys()];
  await api.queue.newTake({ shotId: 'one-shot' });
  await until(({ takes, jobs }) => takes.length === 2 && jobs.every(({ state }) => state === 'done'), 'two takes');
  const shown = keysOf(editor, 'one-shot');
  const openStorage = async (): Promise<void> => {
    await page.getByRole('button', { name: 'Menu', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Storage and cache…' }).click();
  };
  await openStorage();
  const dialog = page.getByRole('dialog', { name: 'Storage and cache' });
  await expect(dialog).toContainText(/2 chunks \([\d.]+ [KM]B\) that no shot shows/);
  await dialog.getByRole('button', { name: 'Clean up unused results…' }).click();
  await dialog.getByRole('button', { name: 'Keep them' }).click();
  expect(known.chunks.size).toBe(4);
  await dialog.getByRole('button', { name: 'Clean up unused results…' }).click();
  await dialog.getByRole('button', { name: 'Delete 2 chunks' }).click();
  await expect(page.getByText(/^2 chunks deleted, [\d.]+ [KM]B freed\.$/)).toBeVisible();
  await until(({ chunks, takes }) => chunks.size === 2 && takes.length === 1, 'they are gone');
  expect(old.filter((key) => known.chunks.has(key))).toEqual([]);
  expect(shown.every((key) => key !== null && known.chunks.has(key))).toBe(true);
  await page.keyboard.press('Escape');
  await expectState(page, 'one', 'fresh');
});

test('a job that failed says why, and is tried again where it stopped', async ({ page, context }) => {
  const { home, remove } = temporaryHome();
  const model = join(home, 'model');
  cpSync(tinyModel, model, { recursive: true });
  const host = await Host.start({ home, model });
  const editor = { ...(await host.enter()), page };
  const { api, known, until, cookie } = editor;
  await api.projects.create({ title: 'Retry' });
  await until(({ model: loaded }) => loaded !== null, 'the model is loaded');
  await context.addCookies([cookie]);
  await page.goto(host.origin);
  await write(editor, [shot('one', { chunks: 60 })]);
  await api.queue.generate({ shotIds: ['one-shot'] });
  await until(({ chunks }) => chunks.size >= 2, 'two chunks');
  renameSync(model, `${model}-away`);
  process.kill(host.enginePid ?? 0, 'SIGKILL');
  await until(({ jobs }) => jobs[0]?.state === 'failed', 'the engine cannot be started again');
  await page.keyboard.press('Control+j');
  const job = page.getByRole('region', { name: 'Queue' }).getByRole('listitem');
  await expect(job).toContainText(/Failed after \d+ of 60 chunks/);
  await expect(job).toContainText(model);
  const kept = new Map([...known.chunks].map(([key, { createdAt }]) => [key, createdAt]));
  renameSync(`${model}-away`, model);
  await job.getByRole('button', { name: 'Try again' }).click();
  await until(({ jobs, chunks }) => jobs[0]?.state === 'done' && chunks.size === 60, 'all of it is made');
  for (const [key, createdAt] of kept) expect(known.chunks.get(key)?.createdAt).toBe(createdAt);
  await expect(job).toContainText('Done');
  editor.close();
  await host.stop();
  remove();
});

test('every cut is exported, and each film can be had', async ({ editor }) => {
  const { page } = editor;
  await write(editor, [shot('one', { chunks: 1 }), shot('two', { chunks: 1 })]);
  await write(editor, [shot('aside', { chunks: 2, parent: 'one-shot' })]);
  await make(editor, 'two', 'aside');
  await page.keyboard.press('Control+Shift+e');
  const dialog = page.getByRole('dialog', { name: 'Export' });
  await dialog.getByLabel('What').selectOption('every-cut');
  await dialog.getByLabel('Height').selectOption({ index: 0 }); // as the model made it
  await dialog.getByRole('button', { name: 'Export', exact: true }).click();
  await expect(dialog.getByRole('button', { name: 'Download all' })).toBeVisible();
  const links = dialog.getByRole('link');
  await expect(links).toHaveCount(2);
  for (const [i, frames] of [21, 33].entries()) {
    const [file] = await Promise.all([page.waitForEvent('download'), links.nth(i).click()]);
    expect((await verifyFilm(await file.path())).frameCount).toBe(frames);
  }
});

test('another tab opens another project while a person types: nothing of it becomes shots or shortcuts there', async ({
  editor,
}) => {
  const { page, known, until, api } = editor;
  await write(editor, [shot('one')]);
  const first = known.project?.id;
  await node(page, 'one').getByText('one', { exact: true }).click();
  const prompt = page.getByLabel('Prompt', { exact: true });
  await prompt.focus();
  await page.keyboard.type(' sits', { delay: 20 });
  const typing = page.keyboard.type(' and then binds a bun, by n, b and d', { delay: 60 });
  await api.projects.create({ title: 'Other' });
  await until(({ project }) => project?.id !== first && project?.document.title === 'Other');
  await typing;
  await expect(page.getByLabel('Prompt', { exact: true })).toBeHidden();
  expect(known.project?.document.shots).toEqual([]);
  expect(known.project?.undo).toBeNull();
});
