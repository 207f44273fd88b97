import { expect, make, node, settledBox, shot, test, write } from './support/test.ts';

test('memory has a window of its own that follows the editor, leads it, and directs memory', async ({ editor }) => {
  const { page, until, context } = { ...editor, context: editor.page.context() };
  await write(editor, [shot('one'), shot('two', { transition: 'cut' }), shot('three', { transition: 'cut' })]);
  await make(editor, 'three');
  await node(page, 'three').getByRole('button', { name: 'Chunk 1 of 2, fresh' }).click();
  await page.getByRole('tab', { name: 'Memory' }).click();
  const [memory] = await Promise.all([
    context.waitForEvent('page'),
    page.getByRole('button', { name: 'Show in a window of its own' }).click(),
  ]);
  await expect(memory.getByText('Shot 3, chunk 1 of 2')).toBeVisible();
  await expect(memory.getByRole('region', { name: 'Bank flow over this cut' })).toBeVisible();
  await expect(memory).toHaveTitle(/^Memory · /);
  // It follows.
  await node(page, 'two').getByRole('button', { name: 'Chunk 2 of 2, fresh' }).click();
  await expect(memory.getByText('Shot 2, chunk 2 of 2')).toBeVisible();
  // It leads.
  await memory.getByRole('button', { name: 'Chunk after' }).click();
  await expect(memory.getByText('Shot 3, chunk 1 of 2')).toBeVisible();
  await expect(page.getByRole('tabpanel', { name: /Memory/ }).getByText('Shot 3, chunk 1 of 2')).toBeVisible();
  // What is said of a frame there is said of the story; undone there as well.
  await memory.locator('[data-menu=frame]').first().click({ button: 'right' });
  await memory.getByRole('menuitem', { name: 'Never use this' }).click();
  await until(({ project }) => project?.document.shots[2]?.memory.bans?.length === 1, 'a frame is banned');
  await memory.keyboard.press('Control+z');
  await until(({ project }) => project?.document.shots[2]?.memory.bans === undefined, 'and no longer');
  // Keys that write a story have no place there.
  await memory.keyboard.press('n');
  await memory.reload();
  await expect(memory.getByText('Shot 3, chunk 1 of 2')).toBeVisible();
  await expect(page.locator('[data-shot]')).toHaveCount(3);
  // Another window of the browser with the same project does not hear of it.
  const other = await context.newPage();
  await other.goto(editor.host.origin);
  await settledBox(node(other, 'one'));
  await node(other, 'one').getByRole('button', { name: 'Chunk 1 of 2, fresh' }).click();
  await node(page, 'two').getByRole('button', { name: 'Chunk 1 of 2, fresh' }).click();
  await expect(memory.getByText('Shot 2, chunk 1 of 2')).toBeVisible();
  await expect(other.getByLabel('Prompt', { exact: true })).toHaveValue('A red cat one');
});
