import type { Locator, Page } from '@playwright/test';
import { expect, make, node, shot, test, write } from './support/test.ts';

/** Opens the menu of a thing and says what is in it. */
async function menuOf(page: Page, thing: Locator, position?: { readonly x: number; readonly y: number }) {
  await thing.click({ button: 'right', ...(position ? { position } : {}) });
  const menu = page.getByRole('menu');
  await expect(menu).toBeVisible();
  return menu;
}

test('a shot, a chunk, a line, the canvas, a cut and the player each have a menu of their own', async ({ editor }) => {
  const { page, until } = editor;
  await write(editor, [shot('one'), shot('two'), shot('three')]);
  await make(editor, 'three');

  const shotMenu = await menuOf(page, node(page, 'two').getByText('two', { exact: true }));
  await expect(shotMenu.getByRole('menuitem', { name: 'Duplicate' })).toContainText('Ctrl');
  await shotMenu.getByRole('menuitem', { name: 'Insert a shot before' }).click();
  await until(({ project }) => project?.document.shots.length === 4, 'a shot was inserted');
  await page.keyboard.press('Control+z');
  await until(({ project }) => project?.document.shots.length === 3, 'and taken back');

  const chunkMenu = await menuOf(page, node(page, 'two').getByRole('button', { name: 'Chunk 2 of 2, fresh' }));
  await expect(chunkMenu).toContainText('Chunk 2 of 2');
  await chunkMenu.getByRole('menuitem', { name: 'Split the shot before this chunk' }).click();
  await until(({ project }) => project?.document.shots.length === 4, 'it was split');
  await page.keyboard.press('Control+z');
  await until(({ project }) => project?.document.shots.length === 3, 'and is whole');

  const graph = page.getByRole('application', { name: /Story graph/ });
  const canvas = await menuOf(page, graph, { x: 300, y: 20 });
  await expect(canvas.getByRole('menuitem', { name: 'Fit the whole story' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(canvas).toBeHidden();

  const player = await menuOf(page, page.getByRole('region', { name: 'Player' }).getByRole('img'));
  await player.getByRole('menuitemcheckbox', { name: 'Loop' }).click();
  const again = await menuOf(page, page.getByRole('region', { name: 'Player' }).getByRole('img'));
  await expect(again.getByRole('menuitemcheckbox', { name: 'Loop' })).toBeChecked();
  await page.keyboard.press('Escape');

  await node(page, 'two').hover();
  const edge = await menuOf(page, node(page, 'two').getByRole('button', { name: 'Insert a shot here' }));
  await edge.getByRole('menuitemcheckbox', { name: 'With a cut' }).click();
  await until(({ project }) => project?.document.shots[1]?.transition === 'cut', 'the second shot cuts');
});

test('several selected shots stay selected, and the menu key opens the menu of what is selected', async ({
  editor,
}) => {
  const { page, until } = editor;
  await write(editor, [shot('one'), shot('two'), shot('three')]);
  await node(page, 'one').getByText('one', { exact: true }).click();
  await node(page, 'two')
    .getByText('two', { exact: true })
    .click({ modifiers: ['Control'] });
  const menu = await menuOf(page, node(page, 'one').getByText('one', { exact: true }));
  await expect(menu).toContainText('2 shots');
  await page.keyboard.press('Escape');
  await node(page, 'three').getByText('three', { exact: true }).click();
  // What the menu key does; a browser under test has none.
  await page
    .getByRole('application', { name: /Story graph/ })
    .dispatchEvent('contextmenu', { clientX: 300, clientY: 200 });
  await page.getByRole('menuitem', { name: 'Duplicate' }).click();
  await until(({ project }) => project?.document.shots.length === 4, 'the third was duplicated');
});

test('a remembered frame is banned from its menu; text keeps the system’s menu', async ({ editor }) => {
  const { page, until } = editor;
  await write(editor, [shot('one'), shot('two', { transition: 'cut' }), shot('three', { transition: 'cut' })]);
  await make(editor, 'three');
  await node(page, 'three').getByRole('button', { name: 'Chunk 2 of 2, fresh' }).click();
  await page.getByRole('tab', { name: 'Memory' }).click();
  const frame = page.locator('[data-menu=frame]').first();
  const menu = await menuOf(page, frame);
  await menu.getByRole('menuitem', { name: 'Never use this' }).click();
  await until(({ project }) => project?.document.shots[2]?.memory.bans?.length === 1, 'a frame is banned');

  await page.keyboard.press('Control+z');
  await until(({ project }) => project?.document.shots[2]?.memory.bans === undefined, 'and no longer');
  await page.getByRole('button', { name: 'Show over the whole window' }).click();
  const large = page.getByRole('dialog', { name: 'Memory' });
  const again = await menuOf(page, large.locator('[data-menu=frame]').first());
  await again.getByRole('menuitem', { name: 'Never use this' }).click();
  await until(({ project }) => project?.document.shots[2]?.memory.bans?.length === 1, 'banned from the large view');
  await expect(large).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(large).toBeHidden();
  await page.getByRole('tab', { name: 'Shot' }).click();
  await page.getByLabel('Prompt', { exact: true }).click({ button: 'right' });
  await expect(page.getByRole('menu')).toHaveCount(0);
});
