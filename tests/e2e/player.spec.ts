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

/** Run in the page: the frame shown, by the page's own clock. */
const lookNow = `({
  frame: Number(document.querySelector('[aria-label="Place in the film"]').getAttribute('aria-valuenow')),
  ms: performance.now(),
})`;

test('it plays while later chunks are still being made, never ahead of its true rate', async ({ editor, context }) => {
  const { page, known, until } = editor;
  const running = () => known.jobs.some(({ state }) => state === 'running');
  // Minutes of work for any machine; what is left of it is cancelled.
  const shots = Array.from({ length: 10 }, (_, i) => shot(`part-${i}`, { chunks: 300 }));
  await write(editor, shots);
  // A slow page beside a fast engine: chunks come quicker than a page could draw one after the other.
  const devtools = await context.newCDPSession(page);
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: 2 });
  await page.getByRole('button', { name: 'Generate', exact: true }).click();
  // Made ahead, so that the film need not wait for a slow engine: 81 frames, ten seconds.
  await until(({ chunks }) => chunks.size >= 7, 'seven chunks');
  await page.getByRole('region', { name: 'Player' }).last().focus();
  await page.keyboard.press('Home');
  const pressed = await page.evaluate<{ ms: number }>(lookNow);
  await page.keyboard.press('Space');
  await expect.poll(() => frame(page)).toBeGreaterThan(2);
  const before = known.chunks.size;
  expect(running(), 'chunks are being made when the film runs').toBe(true);
  // Two seconds of film; a slow machine may draw late or wait for pictures, so only a film that stands fails.
  await expect.poll(() => frame(page)).toBeGreaterThan(18);
  const seen = await page.evaluate<{ frame: number; ms: number }>(lookNow);
  expect(seen.frame, 'frames at 8 a second').toBeLessThanOrEqual(8 * ((seen.ms - pressed.ms) / 1000) + 1);
  await until(({ chunks }) => chunks.size > before, 'a chunk made while the film runs');
  expect(running(), 'and others still are').toBe(true);
  await expect.poll(() => frame(page)).toBeGreaterThan(seen.frame);
  await editor.api.queue.cancel({ jobId: known.jobs[0]?.id ?? '' });
});
