import { expect, expectState, keysOf, make, node, shot, test, write } from './support/test.ts';

test('a new take stands beside the old one; picking one and undoing it generate nothing', async ({ editor }) => {
  const { page, known, until } = editor;
  await write(editor, [shot('one')]);
  await make(editor, 'one');
  const [first] = keysOf(editor, 'one-shot');
  await node(page, 'one').getByText('one', { exact: true }).click();
  await page.getByRole('tab', { name: /Takes/ }).click();
  await page.getByRole('button', { name: 'New take' }).click();
  await until(({ takes, jobs }) => takes.length === 2 && jobs.every(({ state }) => state === 'done'), 'two takes');
  const [second] = keysOf(editor, 'one-shot');
  expect(second).not.toBe(first);
  const takes = page.getByRole('tabpanel').getByRole('listitem');
  await expect(takes).toHaveCount(2);
  await expect(takes.first()).toContainText('shown now');
  await takes
    .filter({ hasText: /seed 1(?!\d)/ })
    .getByRole('button', { name: 'Pick this one' })
    .click();
  await until(() => keysOf(editor, 'one-shot')[0] === first, 'the first take is shown');
  await expectState(page, 'one', 'fresh');
  await page.keyboard.press('Control+z');
  await until(() => keysOf(editor, 'one-shot')[0] === second, 'the second again');
  await expectState(page, 'one', 'fresh');
  expect([known.chunks.size, known.jobs.length]).toEqual([4, 2]);
});

test('a shot keeps its old result where the middle is replaced, and export says so', async ({ editor }) => {
  const { page, known, until } = editor;
  await write(editor, [shot('one', { chunks: 1 }), shot('two', { chunks: 1 }), shot('three', { chunks: 1 })]);
  await make(editor, 'three');
  const [end] = keysOf(editor, 'three-shot');
  await node(page, 'two').getByText('two', { exact: true }).click();
  await page.getByLabel('Prompt', { exact: true }).fill('Something else');
  await expectState(page, 'three', 'stale');
  await node(page, 'three').getByText('three', { exact: true }).click();
  await page.getByRole('button', { name: 'Keep the old result' }).click();
  await until(({ project }) => project?.document.shots[2]?.held?.[0] === end, 'it is pinned');
  await make(editor, 'two');
  await expectState(page, 'two', 'fresh');
  await expectState(page, 'three', 'held');
  await expect(page.getByText('with a seam where it meets the rest')).toBeVisible();
  await page.keyboard.press('Control+Shift+e');
  const dialog = page.getByRole('dialog', { name: 'Export' });
  await expect(dialog).toContainText('“three”: kept result, made before something changed');
  await page.keyboard.press('Escape');
  expect(known.chunks.size).toBe(4);
  await page.getByRole('button', { name: 'Let it follow its recipe' }).click();
  await expectState(page, 'three', 'stale');
});

test('takes say how they differ, are named, starred, deleted and compared in sync', async ({ editor }) => {
  const { page, api, known, until } = editor;
  await write(editor, [shot('one')]);
  await make(editor, 'one');
  await api.document.apply({
    commands: [{ type: 'edit-shot', id: 'one-shot', patch: { memory: { policy: 'window' } } }],
    gesture: null,
  });
  await make(editor, 'one');
  await until(({ takes }) => takes.length === 2, 'two takes');
  await node(page, 'one').getByText('one', { exact: true }).click();
  await page.getByRole('tab', { name: /Takes/ }).click();
  const takes = page.getByRole('tabpanel').getByRole('listitem');
  const old = takes.filter({ hasNotText: 'shown now' });
  await expect(old).toContainText('differs: NAM');
  await old.getByLabel(/^Name of the take/).fill('The old one');
  await old.getByLabel(/^Name of the take/).press('Enter');
  await until(({ takes: all }) => all.some(({ name }) => name === 'The old one'), 'it is named');
  await old.getByRole('button', { name: /^Star it/ }).click();
  await until(({ takes: all }) => all.some(({ starred }) => starred === true), 'it is starred');
  // The list is drawn anew when a star arrives.
  const compare = page.getByRole('button', { name: 'Compare 2 in sync' });
  await expect(async () => {
    for (const index of [0, 1]) await takes.nth(index).getByRole('checkbox').check({ timeout: 2000 });
    await expect(compare).toBeEnabled({ timeout: 2000 });
  }).toPass();
  await compare.click();
  const dialog = page.getByRole('dialog', { name: '2 takes in sync' });
  await expect(dialog.locator('figure img')).toHaveCount(2);
  await expect(dialog).toContainText('The old one');
  await page.keyboard.press('Escape');
  // Picked, the shot is as it was when that was made.
  await old.getByRole('button', { name: 'Pick this one' }).click();
  await expectState(page, 'one', 'fresh');
  await takes.filter({ hasNotText: 'shown now' }).getByRole('button', { name: 'Delete this take' }).click();
  await expect(takes).toHaveCount(1);
  expect(known.jobs).toHaveLength(2);
});

test('a stale shot says which edit made it stale, and moves it to a branch', async ({ editor }) => {
  const { page } = editor;
  await write(editor, [shot('one', { chunks: 1 }), shot('two', { chunks: 1 })]);
  await make(editor, 'two');
  await editor.api.document.apply({
    commands: [{ type: 'edit-shot', id: 'one-shot', patch: { seed: 42 } }],
    gesture: null,
  });
  await node(page, 'two').getByText('two', { exact: true }).click();
  await expect(page.getByText('Shot 1, “one”, is not as it was: seed 42.')).toBeVisible();
  // Moved to a branch, the change makes nothing stale.
  await page.getByRole('button', { name: 'Move the change to a branch' }).click();
  await editor.until(
    ({ project }) => project?.document.shots.map(({ seed }) => seed).join() === '1,1,42',
    'the changed shot is a branch, and the others are as they were',
  );
  await expectState(page, 'two', 'fresh');
});
