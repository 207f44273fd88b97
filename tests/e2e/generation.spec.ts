import { Host, temporaryHome, tinyModel } from './support/host.ts';
import { expect, expectState, make, shot, test, write } from './support/test.ts';

test('a shot arrives chunk by chunk, with its phase, a preview and the pictures', async ({ editor }) => {
  const { page, known, until } = editor;
  // Wide enough for a card of 24 chunks to be whole.
  await page.setViewportSize({ width: 2560, height: 1000 });
  await write(editor, [shot('one', { chunks: 24 })]);
  await page.getByRole('button', { name: 'Generate', exact: true }).click();
  const bar = page.getByRole('banner').getByRole('progressbar');
  await expect(bar).toBeVisible();
  await expect(page.getByRole('banner')).toContainText(/chunk \d+\s*· (denoising \d\/4|decoding|saving|retrieving)/);
  await until(({ previews, chunks }) => previews.size > 0 && chunks.size > 1, 'a preview and two chunks');
  await expectState(page, 'one', 'generating');
  await expect(page.locator('[data-shot] button[data-state=fresh]').first()).toBeVisible();
  expect(known.chunks.size).toBeLessThan(24);
  await until(({ jobs }) => jobs[0]?.state === 'done', 'all of it is made');
  await expectState(page, 'one', 'fresh');
  await expect(page.locator('[data-shot] button[data-state=fresh] img')).toHaveCount(24);
});

test('the queue is paused, put in another order and cancelled', async ({ editor }) => {
  const { page, known, until } = editor;
  await write(editor, [shot('alpha', { chunks: 200 })]);
  await editor.api.document.apply({
    commands: ['beta', 'gamma'].map((id) => ({ type: 'add-shot' as const, parent: null, shot: shot(id) })),
    gesture: null,
  });
  for (const id of ['alpha', 'beta', 'gamma']) await editor.api.queue.generate({ shotIds: [`${id}-shot`] });
  await page.getByRole('banner').getByRole('button', { name: 'Pause' }).click();
  await until(({ paused, jobs }) => paused && jobs[0]?.state === 'paused', 'paused');
  const made = known.chunks.size;
  await page.keyboard.press('Control+j');
  const queue = page.getByRole('region', { name: 'Queue' });
  await expect(queue.getByRole('listitem')).toHaveCount(3);
  await expect(queue.getByRole('listitem').first()).toContainText('Paused');
  await queue.getByRole('listitem').filter({ hasText: 'gamma' }).getByRole('button', { name: 'Earlier' }).click();
  await until(
    ({ jobs }) => jobs.findIndex(({ title }) => title === 'gamma') < jobs.findIndex(({ title }) => title === 'beta'),
  );
  expect(known.chunks.size).toBeLessThanOrEqual(made + 1);
  await queue
    .getByRole('listitem')
    .filter({ hasText: 'alpha' })
    .getByRole('button', { name: /^Cancel/ })
    .click();
  await until(({ jobs }) => jobs.find(({ title }) => title === 'alpha')?.state === 'cancelled', 'cancelled');
  await queue.getByRole('button', { name: 'Resume' }).click();
  await until(({ jobs }) => jobs.every(({ state }) => state === 'done' || state === 'cancelled'), 'the rest is made');
  const times = (id: string) => known.takes.find(({ shotId }) => shotId === `${id}-shot`)?.createdAt ?? '';
  expect(times('gamma') < times('beta')).toBe(true);
  await expect(queue.getByRole('listitem').filter({ hasText: 'alpha' })).toContainText('Cancelled after');
});

test('cancelling stops within the chunk at hand and keeps what is made', async ({ editor }) => {
  const { page, known, until } = editor;
  await write(editor, [shot('one', { chunks: 200 })]);
  await page.getByRole('button', { name: 'Generate', exact: true }).click();
  await until(({ chunks }) => chunks.size >= 2, 'two chunks');
  await page.keyboard.press('Control+Alt+Enter');
  await until(({ jobs }) => jobs[0]?.state === 'cancelled', 'cancelled');
  const made = known.chunks.size;
  await expect(page.getByRole('button', { name: 'Chunk 1 of 200, fresh' })).toBeVisible();
  await page.waitForTimeout(500);
  expect(known.chunks.size).toBeLessThanOrEqual(made + 1);
});

test('jobs and results survive a restart', async ({ page, context }) => {
  const { home, remove } = temporaryHome();
  const first = await Host.start({ home, model: tinyModel });
  const before = await first.enter();
  const { file } = await before.api.projects.create({ title: 'Restart' });
  await before.until(({ model }) => model !== null, 'the model is loaded');
  await write(before, [shot('one'), shot('two', { chunks: 150 })]);
  await make(before, 'one');
  await before.api.queue.generate({ shotIds: ['two-shot'] });
  await before.until(({ chunks }) => chunks.size >= 4, 'it has begun');
  await before.api.queue.pause();
  await before.until(({ jobs }) => jobs.at(-1)?.state === 'paused', 'paused');
  const kept = [...before.known.chunks.keys()];
  before.close();
  await first.stop();

  const second = await Host.start({ home, model: tinyModel });
  await page.goto(second.link);
  await page.getByRole('button', { name: /Restart/ }).click();
  await expectState(page, 'one', 'fresh');
  await expect(page.getByText('Everything that was finished is kept.').first()).toBeVisible();
  await page.getByRole('banner').getByRole('button', { name: 'Resume' }).click();
  await expectState(page, 'two', 'generating');
  await context.clearCookies();
  await second.stop();

  const third = await Host.start({ home, model: tinyModel });
  const after = await third.enter();
  await after.api.projects.open({ file });
  await after.until(({ chunks }) => chunks.size > kept.length, 'more than before');
  for (const key of kept) expect(after.known.chunks.has(key)).toBe(true);
  after.close();
  await third.stop();
  remove();
});
