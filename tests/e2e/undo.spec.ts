import { expect, make, node, settledBox, shot, test, write } from './support/test.ts';

test('typing is cut into steps by a generation', async ({ editor }) => {
  const { page, until } = editor;
  await page.getByRole('button', { name: 'Write the first shot' }).click();
  const prompt = page.getByLabel('Prompt', { exact: true });
  const generated = (jobs: number) =>
    until((known) => known.jobs.length === jobs && known.jobs.every(({ state }) => state === 'done'));
  await page.keyboard.type('A red cat');
  await page.keyboard.press('Control+Enter');
  await generated(1);
  await page.keyboard.type(' waves');
  await page.keyboard.press('Control+Enter');
  await generated(2);
  await page.keyboard.press('Control+z');
  await expect(prompt).toHaveValue('A red cat');
  await page.keyboard.press('Control+z');
  await expect(prompt).toHaveValue('');
});

test('after undoing to an empty story and redoing, everything is in sight and selected', async ({ editor }) => {
  const { page } = editor;
  await write(editor, [shot('one')]);
  await make(editor, 'one');
  await node(page, 'one').getByText('one', { exact: true }).click();
  await page.locator('[data-graph]').focus();
  await page.keyboard.press('Control+z');
  await expect(page.getByRole('button', { name: 'Write the first shot' })).toBeVisible();
  await page.keyboard.press('Control+Shift+z');
  const card = page.locator('[data-shot="one-shot"]');
  await expect(card).toBeVisible();
  const { y } = await settledBox(card);
  const graph = await settledBox(page.locator('[data-graph]'));
  expect(y).toBeGreaterThan(graph.y + 40); // below the ruler
  await expect(page.getByLabel('Prompt', { exact: true })).toHaveValue('A red cat one');
  const painted = () =>
    page.locator('[data-pane=player] canvas').evaluate((canvas) => {
      const { width, height } = canvas as never as { width: number; height: number };
      const context = (
        canvas as never as {
          getContext(kind: string): { getImageData: (...box: number[]) => { data: Uint8ClampedArray } };
        }
      ).getContext('2d');
      return width > 0 && context.getImageData(0, 0, width, height).data.some((value) => value > 0);
    });
  await expect.poll(painted).toBe(true);
});

test('undo shows the cut of what it selects', async ({ editor }) => {
  const { page, api } = editor;
  await write(editor, [shot('one'), shot('two')]);
  await write(editor, [shot('other', { parent: 'one-shot' })]);
  await api.document.apply({
    commands: [{ type: 'edit-shot', id: 'other-shot', patch: { prompt: 'A dog runs' } }],
    gesture: null,
  });
  await node(page, 'two').getByText('two', { exact: true }).click();
  await expect(page.getByRole('button', { name: 'Cut: Main' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Undo: change the prompt of "other"' })).toBeVisible();
  await page.keyboard.press('Control+z');
  await expect(page.getByLabel('Prompt', { exact: true })).toHaveValue('A red cat other');
  await expect(page.getByRole('button', { name: 'Cut: other' })).toBeVisible();
});

test('a shot that was moved is called that by undo', async ({ editor }) => {
  const { page, api } = editor;
  await write(editor, [shot('one'), shot('two')]);
  await api.document.apply({
    commands: [{ type: 'move-shot', id: 'two-shot', to: { before: 'one-shot' } }],
    gesture: null,
  });
  await expect(page.getByRole('button', { name: 'Undo: move "two"' })).toBeVisible();
});

test('the playhead stays inside a film that becomes shorter', async ({ editor }) => {
  const { page } = editor;
  await write(editor, [shot('one', { chunks: 1 })]);
  await write(editor, [shot('two', { chunks: 3, parent: 'one-shot' })]);
  await page.getByRole('region', { name: 'Player' }).focus();
  await page.keyboard.press('End');
  await expect(page.getByText('frame 45', { exact: true })).toBeVisible();
  await page.keyboard.press('Control+z');
  await expect(page.getByText('frame 9', { exact: true })).toBeVisible();
});

test('the space bar plays after a button was clicked, presses one that Tab has reached, and types in text', async ({
  editor,
}) => {
  const { page } = editor;
  await write(editor, [shot('one', { chunks: 1 })]);
  await make(editor, 'one');
  const loop = page.getByRole('button', { name: 'Loop' });
  await loop.click();
  await expect(loop).toHaveAttribute('aria-pressed', 'true');
  await page.keyboard.press('Space');
  await expect(page.getByRole('button', { name: 'Pause', exact: true })).toBeVisible();
  await expect(loop).toHaveAttribute('aria-pressed', 'true');
  await page.keyboard.press('Space');
  await expect(page.getByRole('button', { name: 'Play', exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'One frame on' }).focus();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await expect(loop).toBeFocused();
  await page.keyboard.press('Space');
  await expect(loop).toHaveAttribute('aria-pressed', 'false');
  await node(page, 'one').getByText('one', { exact: true }).click();
  const prompt = page.getByLabel('Prompt', { exact: true });
  await prompt.fill('a');
  await prompt.press('Space');
  await expect(prompt).toHaveValue('a ');
  await expect(page.getByRole('button', { name: 'Play', exact: true })).toBeVisible();
});

test('a key that a window answers does nothing behind it', async ({ editor }) => {
  const { page, known } = editor;
  await write(editor, [shot('one', { chunks: 1 })]);
  await page.locator('[data-graph]').focus();
  await page.keyboard.press('Control+s');
  const dialog = page.getByRole('dialog');
  await expect(dialog).toBeVisible();
  await dialog.getByRole('textbox').fill('First');
  await page.keyboard.press('Control+Enter');
  await page.keyboard.press('Enter');
  await expect(dialog).toBeHidden();
  expect(known.jobs).toEqual([]);
});
