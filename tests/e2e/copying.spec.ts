import type { Page } from '@playwright/test';
import { expect, make, node, shot, test, write } from './support/test.ts';

const titles = (page: Page) => page.getByRole('button', { name: /^Cut: / });

/** Prompts along the path to a leaf. */
const path = (shots: readonly { id: string; parent: string | null; prompt: string }[], leaf: string): string[] => {
  const found: string[] = [];
  for (let at = shots.find(({ id }) => id === leaf); at; at = shots.find(({ id }) => id === at?.parent))
    found.unshift(at.prompt);
  return found;
};

test('what is pasted goes after the selection on the active cut, with its name and its bans', async ({ editor }) => {
  const { page, known, until } = editor;
  await write(editor, [shot('one'), shot('two', { memory: { bans: [1] } }), shot('three')]);
  const cut = await titles(page).textContent();
  await node(page, 'two').getByText('two', { exact: true }).click();
  await page.keyboard.press('Control+c');
  await node(page, 'one').getByText('one', { exact: true }).click();
  await page.keyboard.press('Control+v');
  await until(({ project }) => project?.document.shots.length === 4, 'it is pasted');
  const shots = known.project?.document.shots ?? [];
  expect(path(shots, 'three-shot')).toEqual(['A red cat one', 'A red cat two', 'A red cat two', 'A red cat three']);
  const pasted = shots.find(({ id }) => !id.endsWith('-shot'));
  expect(pasted).toMatchObject({ parent: 'one-shot', name: 'two', memory: { bans: [1] } });
  expect(await titles(page).textContent()).toBe(cut);
});

test('pasted text goes after the selection too, in shots as long as new ones', async ({ editor }) => {
  const { page, known, until } = editor;
  await write(editor, [shot('one'), shot('two')]);
  await node(page, 'one').getByText('one', { exact: true }).click();
  await page.evaluate(`{
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', 'A dog waves.\\n\\nThe dog sleeps.');
    document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true }));
  }`);
  await until(({ project }) => project?.document.shots.length === 4, 'it is pasted');
  const shots = known.project?.document.shots ?? [];
  expect(path(shots, 'two-shot')).toEqual(['A red cat one', 'A dog waves.', 'The dog sleeps.', 'A red cat two']);
  expect(shots.map(({ chunks }) => chunks)).toEqual([2, 2, 2, 2]);
});

test('a shot is added after the selected one on its cut, by key and by double click', async ({ editor }) => {
  const { page, known, until } = editor;
  await write(editor, [shot('one'), shot('two')]);
  await node(page, 'one').getByText('one', { exact: true }).click();
  await page.keyboard.press('n');
  await page.keyboard.type('by key');
  await page.keyboard.press('Enter');
  await node(page, 'one').getByText('one', { exact: true }).click();
  await page.locator('.react-flow__pane').dblclick({ position: { x: 300, y: 420 } });
  await expect(page.getByLabel('Prompt', { exact: true })).toBeFocused();
  await page.keyboard.type('by click');
  await until(({ project }) => project?.document.shots.some(({ prompt }) => prompt === 'by click') ?? false, 'typed');
  expect(path(known.project?.document.shots ?? [], 'two-shot')).toEqual([
    ...['A red cat one', 'by click', 'by key', 'A red cat two'],
  ]);
});

test('regenerating from here makes the shot and what follows it', async ({ editor }) => {
  const { page, until } = editor;
  await write(
    editor,
    ['one', 'two', 'three'].map((id) => shot(id, { chunks: 1 })),
  );
  await make(editor, 'three');
  await node(page, 'one').getByText('one', { exact: true }).click();
  await page.getByLabel('Prompt', { exact: true }).fill('Something else');
  await expect(node(page, 'three')).toHaveAttribute('data-state', 'stale');
  await page.getByRole('button', { name: 'Regenerate from here' }).click();
  await until(({ jobs }) => jobs.length === 2 && jobs.every(({ state }) => state === 'done'), 'it is made');
  for (const name of ['one', 'two', 'three']) await expect(node(page, name)).toHaveAttribute('data-state', 'fresh');
});
