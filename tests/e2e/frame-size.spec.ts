import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { importInto } from '../../src/main/engine/models.ts';
import { tinyDownloads } from '../fakes/tiny-downloads.ts';
import { Host, temporaryHome } from './support/host.ts';
import { expect, make, node, shot, test, write } from './support/test.ts';

/** Whether the player's canvas is upright, and whether anything but black is at its edges, above and below, and in its middle. */
const look = `(() => {
  const canvas = document.querySelector('canvas[role=img]');
  const { width, height } = canvas;
  const lit = (y) => canvas.getContext('2d').getImageData(0, y, width, 1).data.some((value, i) => i % 4 !== 3 && value > 0);
  return { upright: height > width, edge: lit(2) || lit(height - 3), middle: lit(Math.floor(height / 2)) };
})()`;

test('a story’s frame size is chosen in its defaults; what is made at another stands in black', async ({
  page,
  context,
}) => {
  const { home, remove } = temporaryHome();
  const modelsFolder = join(home, 'models');
  mkdirSync(modelsFolder, { recursive: true });
  const paths = [tinyDownloads(join(home, 'download'))];
  const size = { width: 64, height: 32 };
  await importInto({ modelsFolder, paths, name: 'tiny', recipe: 'memflow', heads: 2, size });
  const host = await Host.start({ home, model: join(import.meta.dirname, '../fixtures/reference-small') });
  const studio = await host.enter();
  await studio.api.models.use({ id: 'tiny' });
  await studio.api.projects.create({ title: 'Fox' });
  await studio.until(({ project, model }) => project?.model?.name === 'tiny' && model !== null, 'the model is known');
  await write(studio, [shot('one', { chunks: 1 }), shot('two', { chunks: 1 })]);
  await make(studio, 'two');
  await context.addCookies([studio.cookie]);
  await page.goto(host.origin);

  const field = page.getByLabel('Frame size', { exact: true });
  await expect(field.locator('option:checked')).toHaveText('64x32 (its own)');
  await expect(page.locator('[data-shot][data-state="fresh"]')).toHaveCount(2);
  await field.selectOption('32x64');
  await expect(page.getByText('8 tokens a frame: time and memory go with them.')).toBeVisible();
  await expect(page.locator('[data-shot][data-state="stale"]')).toHaveCount(2);

  // The film has the story's shape, and what was made wide stands between black.
  const seen = () => page.evaluate<{ upright: boolean; edge: boolean; middle: boolean }>(look);
  await expect.poll(seen).toEqual({ upright: true, edge: false, middle: true });

  await make(studio, 'two');
  await expect(page.locator('[data-shot][data-state="fresh"]')).toHaveCount(2);
  await expect.poll(seen).toMatchObject({ upright: true, edge: true });

  // Any size, with what it costs; and undo.
  await field.selectOption('another');
  const another = page.getByRole('group', { name: 'Another frame size' });
  await another.getByRole('spinbutton', { name: 'Width of frames' }).fill('100');
  await expect(another.getByRole('status')).toContainText('two multiples of 16');
  await expect(another.getByRole('button', { name: 'Make frames of' })).toBeDisabled();
  await another.getByRole('spinbutton', { name: 'Width of frames' }).fill('96');
  await expect(another.getByRole('status')).toContainText('24 tokens a frame, 300 % of those of its own size');
  await another.getByRole('button', { name: 'Make frames of 96x64' }).click();
  await expect(field.locator('option:checked')).toHaveText('96x64');
  await node(page, 'one').getByText('one', { exact: true }).click();
  await expect(page.getByText('Its frames are 32x64, not of the story’s size.')).toBeVisible();
  await page.locator('[data-graph]').focus();
  await page.keyboard.press('Control+z');
  await expect(page.locator('[data-shot][data-state="fresh"]')).toHaveCount(2);
  studio.close();
  await host.stop();
  remove();
});
