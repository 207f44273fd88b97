import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { verifyFilm } from '../../src/main/export/index.ts';
import { expect, keysOf, make, node, shot, test, write } from './support/test.ts';

test('a shot is trimmed by keys, by dragging and in the inspector; nothing is made again, and the film is shorter', async ({
  editor,
}, info) => {
  const { page, api, until, known } = editor;
  await write(editor, [shot('one'), shot('two')]);
  await make(editor, 'one', 'two');
  const before = keysOf(editor, 'two-shot');
  const trimOf = (id: string) => known.project?.document.shots.find((other) => other.id === id)?.trim;
  const said = (id: string) => JSON.stringify(trimOf(id) ?? null);
  const region = page.getByRole('region', { name: 'Player' });
  const film = page.getByRole('slider', { name: 'Place in the film' });
  await expect(film).toHaveAttribute('aria-valuemax', '45');

  // By keys, frame by frame: one of the head given back again.
  await node(page, 'two').getByText('two', { exact: true }).click();
  await region.focus();
  for (const key of ['q', 'q', 'q', 'Shift+q', 'w']) await page.keyboard.press(key);
  await until(() => said('two-shot') === '{"head":2,"tail":1}', 'it is trimmed by keys');
  await expect(film).toHaveAttribute('aria-valuemax', '42');

  // By dragging the end of the first shot on the strip, as one step to undo.
  const strip = await film.boundingBox();
  if (!strip) throw new Error('no strip');
  const frame = strip.width / 42;
  const grip = film.locator('[data-of="one-shot"] [data-edge="tail"]');
  const box = await grip.boundingBox();
  if (!box) throw new Error('no grip');
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x - 2 * frame, y, { steps: 3 });
  await page.mouse.move(x - 5 * frame, y, { steps: 4 });
  await page.mouse.up();
  await until(() => said('one-shot') === '{"head":0,"tail":5}', 'it is trimmed by dragging');
  await expect(film).toHaveAttribute('aria-valuemax', '37');
  await page.screenshot({ path: info.outputPath('trimmed.png') });
  await api.document.undo();
  await until(() => trimOf('one-shot') === undefined, 'one step takes the whole drag back');
  await api.document.redo();
  await until(() => said('one-shot') === '{"head":0,"tail":5}', 'and brings it again');

  // In the inspector; what would leave nothing is refused with a sentence.
  await node(page, 'two').getByText('two', { exact: true }).click();
  const head = page.getByRole('spinbutton', { name: 'Frames off the beginning' });
  await head.fill('4');
  await until(() => said('two-shot') === '{"head":4,"tail":1}', 'it is trimmed in the inspector');
  await expect(page.getByText('19 of 24 frames are shown')).toBeVisible();
  await head.fill('23');
  await expect(page.getByText('"two" has 24 frames, and 24 of them would be trimmed off.')).toBeVisible();
  expect(said('two-shot')).toBe('{"head":4,"tail":1}');

  expect(keysOf(editor, 'two-shot')).toEqual(before);
  await expect(node(page, 'two')).toHaveAttribute('data-state', 'fresh');

  await page.getByRole('button', { name: 'Export', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Export' });
  await dialog.getByLabel('As', { exact: true }).selectOption('mp4');
  await dialog.getByRole('button', { name: 'Export', exact: true }).click();
  const download = dialog.getByRole('button', { name: 'Download' });
  await expect(download).toBeVisible({ timeout: 60_000 });
  const [file] = await Promise.all([page.waitForEvent('download'), download.click()]);
  const path = join(info.outputDir, 'trimmed.mp4');
  await writeFile(path, await readFile(await file.path()));
  const made = await verifyFilm(path);
  // 21 - 5 and 24 - 5 frames.
  expect(made.frameCount).toBe(35);
  expect(made.chapters.map(({ startSec }) => startSec)).toEqual([0, 2]);
});
