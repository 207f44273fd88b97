import type { Page } from '@playwright/test';
import { expect, make, shot, test, write } from './support/test.ts';

const place = (page: Page) => page.getByRole('slider', { name: 'Place in the film' });

async function frame(page: Page): Promise<number> {
  return Number(await place(page).getAttribute('aria-valuenow'));
}

test('it steps, seeks and marks by the frame', async ({ editor }) => {
  const { page } = editor;
  await write(editor, [shot('one'), shot('two')]);
  await make(editor, 'two');
  await expect(page.getByText('all fresh')).toBeVisible();
  await expect(place(page)).toHaveAttribute('aria-valuemax', '45');
  await page.getByRole('region', { name: 'Player' }).last().focus();
  await page.keyboard.press('Home');
  await expect(page.getByText('frame 1', { exact: true })).toBeVisible();
  for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowRight');
  await expect(page.getByText('frame 4', { exact: true })).toBeVisible();
  await page.keyboard.press('ArrowLeft');
  await expect(page.getByText('frame 3', { exact: true })).toBeVisible();
  await page.keyboard.press('Shift+ArrowRight');
  await expect(page.getByText('frame 22', { exact: true })).toBeVisible(); // 9 + 12 frames of the first shot before it
  await page.keyboard.press('End');
  await expect(page.getByText('frame 45', { exact: true })).toBeVisible();

  const box = await place(page).boundingBox();
  if (!box) throw new Error('The strip is out of sight');
  for (const wanted of [1, 9, 10, 21, 22, 45]) {
    await page.mouse.click(box.x + ((wanted - 0.5) / 45) * box.width, box.y + box.height / 2);
    expect(await frame(page)).toBe(wanted);
    await expect(page.getByText(`frame ${wanted}`, { exact: true })).toBeVisible();
  }

  await page.mouse.click(box.x + (9.5 / 45) * box.width, box.y + box.height / 2);
  await page.keyboard.press('i');
  await page.mouse.click(box.x + (19.5 / 45) * box.width, box.y + box.height / 2);
  await page.keyboard.press('o');
  await expect(page.getByRole('button', { name: /Clear in and out/ })).toBeVisible();
  await page.keyboard.press('Home');
  expect(await frame(page)).toBe(10);
  await page.keyboard.press('End');
  expect(await frame(page)).toBe(20);
});

test('J, K and L run it backward, stop it and run it faster', async ({ editor }) => {
  const { page } = editor;
  await write(editor, [shot('one', { chunks: 8 })]);
  await make(editor, 'one');
  await page.getByRole('region', { name: 'Player' }).last().focus();
  await page.keyboard.press('l');
  await expect(page.getByRole('button', { name: 'Pause' }).last()).toBeVisible();
  await expect.poll(() => frame(page)).toBeGreaterThan(3);
  await page.keyboard.press('l');
  await expect(page.getByText('2×', { exact: true })).toBeVisible();
  await page.keyboard.press('k');
  const stopped = await frame(page);
  await page.waitForTimeout(300);
  expect(await frame(page)).toBe(stopped);
  await page.keyboard.press('End');
  const end = await frame(page);
  await page.keyboard.press('j');
  await expect(page.getByText('−1×', { exact: true })).toBeVisible();
  await expect.poll(() => frame(page)).toBeLessThan(end - 2);
  await page.keyboard.press('k');
});

test('it plays while later chunks are still being made, at the true rate', async ({ editor }) => {
  const { page, known, until } = editor;
  // Far more than any machine makes in the seconds that this takes; the rest is cancelled.
  await write(editor, [shot('one', { chunks: 300 })]);
  await page.getByRole('button', { name: 'Generate', exact: true }).click();
  await until(({ chunks }) => chunks.size >= 4, 'four chunks');
  await page.getByRole('region', { name: 'Player' }).last().focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('Space');
  await expect.poll(() => frame(page)).toBeGreaterThan(2);
  const from = { frame: await frame(page), ms: performance.now() };
  expect(known.chunks.size, 'it plays before all is made').toBeLessThan(300);
  await page.waitForTimeout(2000);
  const to = { frame: await frame(page), ms: performance.now() };
  const seconds = (to.ms - from.ms) / 1000;
  // 8 frames a second; a busy machine may be late by a few, never early.
  expect(to.frame - from.frame).toBeLessThanOrEqual(Math.ceil(seconds * 8) + 2);
  expect(to.frame - from.frame).toBeGreaterThan(4);
  await editor.api.queue.cancel({ jobId: known.jobs[0]?.id ?? '' });
});
