import type { Page } from '@playwright/test';
import { expect, make, node, shot, test, write } from './support/test.ts';

const player = (page: Page) => page.getByRole('region', { name: 'Player' });
const picture = (page: Page) => player(page).getByRole('img', { name: /^Frame at|^Black/ });
const shows = (page: Page, number: number) =>
  expect(player(page).getByRole('img', { name: /^Frame at/ })).toHaveAccessibleName(new RegExp(`shot ${number}:`));
const full = (page: Page) => page.evaluate<boolean>('document.fullscreenElement !== null');

test('a cut is presented from the selected shot, shot by shot, to black; notes go to their shot; Escape ends it', async ({
  editor,
}) => {
  const { page, until } = editor;
  const said = { fields: { scene: 'EXT. BEACH - DAY', dialogue: 'MIA: At last.' } };
  await write(editor, [shot('one', { chunks: 1 }), shot('two', { chunks: 1, ...said }), shot('three', { chunks: 1 })]);
  await make(editor, 'three');
  await node(page, 'two').getByText('two', { exact: true }).click();
  await page.locator('[data-graph]').focus();
  await page.keyboard.press('p');
  await expect.poll(() => full(page)).toBe(true);
  const box = await player(page).boundingBox();
  expect(box).toEqual({ x: 0, y: 0, ...page.viewportSize() });
  await shows(page, 2);
  await expect(player(page).getByText('EXT. BEACH - DAY')).toBeVisible();
  await expect(player(page).getByText('MIA: At last.')).toBeVisible();
  await expect(player(page)).toHaveCSS('cursor', 'none');
  await page.mouse.move(200, 200);
  await page.mouse.move(260, 240);
  await expect(player(page)).toHaveCSS('cursor', 'default');
  await expect(player(page)).toHaveCSS('cursor', 'none');

  await page.keyboard.press('n');
  await page.getByLabel('Notes on this shot').pressSequentially('Slower here');
  await until(({ project }) => project?.document.shots[1]?.fields?.notes === 'Slower here', 'the note is kept');
  await page.keyboard.press('Escape');
  await expect(page.getByLabel('Notes on this shot')).toBeHidden();
  await expect(player(page).getByText('Slower here')).toBeVisible();
  await page.keyboard.press('t');
  await expect(player(page).getByText('MIA: At last.')).toBeHidden();
  await page.keyboard.press('t');

  await page.keyboard.press('ArrowRight');
  await shows(page, 3);
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  await shows(page, 1);
  await page.keyboard.press('End');
  await shows(page, 3);
  await page.keyboard.press('ArrowRight');
  await expect(player(page).getByRole('img', { name: /^Black/ })).toBeVisible();
  await page.keyboard.press('ArrowLeft');
  await shows(page, 3);
  // Played to its end it is black as well.
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('Space');
  await expect(player(page).getByRole('img', { name: /^Black/ })).toBeVisible({ timeout: 30_000 });
  // Keys of the editor do nothing behind it.
  await page.keyboard.press('Control+k');
  await page.keyboard.press('Delete');
  await expect(page.getByRole('dialog')).toHaveCount(0);

  await page.keyboard.press('Escape');
  await expect.poll(() => full(page)).toBe(false);
  await expect(page.getByRole('application', { name: /Story graph/ })).toBeVisible();
  await expect(page.locator('[data-shot]')).toHaveCount(3);
  await expect(picture(page)).toHaveAccessibleName(/shot 3:/);
});

test('guides lie over the picture, in the mask, and are there again after a reload', async ({ editor }) => {
  const { page } = editor;
  await write(editor, [shot('one', { chunks: 1 })]);
  await make(editor, 'one');
  const choose = async (name: string) => {
    await page.getByRole('button', { name: 'Guides and masks' }).click();
    await page.getByRole('menuitemcheckbox', { name }).click();
  };
  await choose('Safe areas');
  await choose('Thirds');
  await choose('1:1');
  await page.reload();
  const { width, height } = editor.known.model?.video ?? { width: 0, height: 1 };
  type Box = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
  const title = player(page).locator('[data-guide=title]').first();
  // In shares of the picture: a square in its middle, 90 % of it.
  const { x, ...box } = await title.evaluate((path) => {
    const { x, y, width, height } = (path as unknown as { getBBox(): Box }).getBBox();
    return { x, y, width, height };
  });
  expect(box.width).toBeCloseTo((0.9 * height) / width, 3);
  expect(box.height).toBeCloseTo(0.9, 3);
  expect(x + box.width / 2).toBeCloseTo(0.5, 3);
  await expect(player(page).locator('[data-guide=thirds]')).toHaveCount(2);
  await page.getByRole('button', { name: 'Guides and masks' }).click();
  await expect(page.getByRole('menuitemcheckbox', { name: '1:1' })).toBeChecked();
});
