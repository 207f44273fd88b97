import { expect, expectState, keysOf, make, node, settledBox, shot, test, write } from './support/test.ts';

test('shots are added by key, by double click and by the plus after a shot', async ({ editor }) => {
  const { page, known, until } = editor;
  const prompt = page.getByLabel('Prompt', { exact: true });
  await page.getByRole('button', { name: 'Write the first shot' }).click();
  await expect(prompt).toBeFocused();
  await page.keyboard.type('A red cat waves');
  await page.keyboard.press('Escape');
  await page.locator('[data-graph]').focus();
  await page.keyboard.press('n');
  await expect(prompt).toHaveValue('');
  await expect(prompt).toBeFocused();
  await page.keyboard.type('The cat walks');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Add a shot after The cat walks' }).click();
  await expect(prompt).toHaveValue('');
  await expect(prompt).toBeFocused();
  await page.keyboard.type('The cat sleeps');
  await page.keyboard.press('Escape');
  await page.locator('.react-flow__pane').dblclick({ position: { x: 300, y: 420 } });
  await until(({ project }) => project?.document.shots.length === 4);
  const [first, second, third, fourth] = known.project?.document.shots ?? [];
  expect([second?.parent, third?.parent, fourth?.parent]).toEqual([first?.id, second?.id, third?.id]);
});

test('Shift+Enter in a prompt goes on to the next shot, and after the last to a new one', async ({ editor }) => {
  const { page, until } = editor;
  await write(editor, [shot('one'), shot('two')]);
  await node(page, 'one').getByText('one', { exact: true }).click();
  const prompt = page.getByLabel('Prompt', { exact: true });
  await prompt.press('Shift+Enter');
  await expect(prompt).toHaveValue('A red cat two');
  await expect(prompt).toBeFocused();
  await prompt.press('Shift+Enter');
  await expect(prompt).toHaveValue('');
  await expect(prompt).toBeFocused();
  await page.keyboard.type('A dog runs');
  await until(({ project }) => project?.document.shots[2]?.prompt === 'A dog runs');
  await until(({ project }) => project?.document.shots[2]?.parent === 'two-shot');
});

test('typing a prompt is one step to undo', async ({ editor }) => {
  const { page, known, until } = editor;
  await write(editor, [shot('one', { name: '' })]);
  await node(page, 'A red cat one').getByText('A red cat one').click();
  const prompt = page.getByLabel('Prompt', { exact: true });
  await prompt.fill('');
  await prompt.pressSequentially('A white robot waves in the snow', { delay: 5 });
  await until(({ project }) => project?.document.shots[0]?.prompt === 'A white robot waves in the snow');
  await prompt.press('Escape');
  await page.getByRole('button', { name: /^Undo/ }).click();
  await until(({ project }) => project?.document.shots[0]?.prompt === 'A red cat one');
  await expect(prompt).toHaveValue('A red cat one');
  await page.getByRole('button', { name: /^Redo/ }).click();
  await until(() => known.project?.document.shots[0]?.prompt === 'A white robot waves in the snow');
});

test('dragging the right edge changes the length, as one step', async ({ editor }) => {
  const { page, until } = editor;
  await write(editor, [shot('one'), shot('two')]);
  const grip = node(page, 'one').getByTitle('Drag to change the length');
  const box = await settledBox(grip);
  const [x, y] = [box.x + box.width / 2, box.y + box.height - 20]; // not in the middle: there a shot is inserted
  const zoom =
    Number((await page.getByRole('button', { name: /^Zoom \d+ per cent/ }).textContent())?.match(/\d+/)?.[0]) / 100;
  await page.mouse.move(x, y);
  await page.mouse.down();
  for (let i = 1; i <= 6; i++) await page.mouse.move(x + i * 48 * zoom, y);
  await page.mouse.up();
  await until(({ project }) => project?.document.shots[0]?.chunks === 5, 'five chunks');
  await page.keyboard.press('Control+z');
  await until(({ project }) => project?.document.shots[0]?.chunks === 2, 'two chunks again');
});

test('a branch from a chunk computes only the chunks after it', async ({ editor }) => {
  const { page, known, until } = editor;
  await write(editor, [shot('one', { chunks: 3 }), shot('two')]);
  await make(editor, 'one', 'two');
  const before = new Map(known.chunks);
  expect(before.size).toBe(5);
  const boundary = node(page, 'one').getByRole('button', { name: 'Branch after chunk 1' });
  await boundary.hover();
  await boundary.click();
  await expect(page.getByLabel('Prompt', { exact: true })).toBeFocused();
  await page.keyboard.type('The cat turns into a duck');
  await page.keyboard.press('Control+Enter');
  await until(({ jobs }) => jobs.at(-1)?.chunksTotal === 2 && jobs.at(-1)?.state === 'done', 'two chunks were made');
  expect(known.chunks.size).toBe(7);
  for (const [key, { createdAt }] of before) expect(known.chunks.get(key)?.createdAt).toBe(createdAt);
  await expect(page.getByText('The cat turns into a duck').first()).toBeVisible();
  expect(known.project?.document.shots).toHaveLength(4);
});

test('an edit makes what follows stale, and undoing it makes it fresh without generating', async ({ editor }) => {
  const { page, known, until } = editor;
  await write(editor, [shot('one', { chunks: 1 }), shot('two', { chunks: 1 }), shot('three', { chunks: 1 })]);
  await make(editor, 'three');
  await node(page, 'two').getByText('two').click();
  await page.getByLabel('Prompt', { exact: true }).fill('Something else');
  await expectState(page, 'one', 'fresh');
  await expectState(page, 'two', 'stale');
  await expectState(page, 'three', 'stale');
  await expect(page.getByText('This shot is not as it was: another prompt.')).toBeVisible();
  await until(({ project }) => project?.document.shots[1]?.prompt === 'Something else');
  const jobs = known.jobs.length;
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+z');
  for (const name of ['one', 'two', 'three']) await expectState(page, name, 'fresh');
  expect([known.chunks.size, known.jobs.length]).toEqual([3, jobs]);
});

test('a shot is inserted on an edge', async ({ editor }) => {
  const { page, known, until } = editor;
  await write(editor, [shot('one'), shot('two')]);
  await node(page, 'two').getByRole('button', { name: 'Insert a shot here' }).click();
  await expect(page.getByLabel('Prompt', { exact: true })).toBeFocused();
  await page.keyboard.type('In between');
  await until(({ project }) => project?.document.shots.length === 3);
  const shots = known.project?.document.shots ?? [];
  const inserted = shots.find(({ id }) => !id.endsWith('-shot'));
  expect(inserted?.parent).toBe('one-shot');
  expect(shots.find(({ id }) => id === 'two-shot')?.parent).toBe(inserted?.id);
});

test('several shots are copied and pasted together', async ({ editor }) => {
  const { page, known, until } = editor;
  await write(editor, [shot('one'), shot('two'), shot('three')]);
  await node(page, 'one').getByText('one').click();
  await node(page, 'two')
    .getByText('two')
    .click({ modifiers: ['ControlOrMeta'] });
  await expect(page.getByText('2 shots', { exact: false }).first()).toBeVisible();
  await page.keyboard.press('Control+c');
  await node(page, 'three').getByText('three').click();
  await page.keyboard.press('Control+v');
  await until(({ project }) => project?.document.shots.length === 5);
  const [, , , first, second] = known.project?.document.shots ?? [];
  expect([first?.prompt, first?.parent]).toEqual(['A red cat one', 'three-shot']);
  expect([second?.prompt, second?.parent]).toEqual(['A red cat two', first?.id]);
});

test('deleting a shot says what follows from it', async ({ editor }) => {
  const { page, known, until } = editor;
  await write(editor, [shot('one'), shot('two'), shot('three')]);
  await node(page, 'two').getByText('two').click();
  await page.keyboard.press('Delete');
  const dialog = page.getByRole('dialog', { name: 'Delete “two”?' });
  await expect(dialog).toContainText('1 shot follows. If it moves up, its results become stale');
  await dialog.getByRole('button', { name: 'Delete, and move the rest up' }).click();
  await until(({ project }) => project?.document.shots.length === 2);
  expect(known.project?.document.shots[1]).toMatchObject({ id: 'three-shot', parent: 'one-shot' });
  await page.keyboard.press('Control+z');
  await until(({ project }) => project?.document.shots.length === 3);
});

test('a story is written, generated and branched by keyboard alone', async ({ editor }) => {
  const { page, known, until } = editor;
  await page.getByRole('button', { name: 'Write the first shot' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByLabel('Prompt', { exact: true })).toBeFocused();
  await page.keyboard.type('A red cat waves');
  await page.keyboard.press('Control+Enter');
  await until(({ jobs }) => jobs[0]?.state === 'done', 'the first shot is made');
  await page.keyboard.press('Escape');
  await page.locator('[data-graph]').focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowLeft');
  await expect(page.locator('[data-shot] button[aria-pressed=true]')).toHaveAccessibleName('Chunk 1 of 2, fresh');
  await page.keyboard.press('b');
  await expect(page.getByLabel('Prompt', { exact: true })).toBeFocused();
  await page.keyboard.type('The cat sleeps');
  await page.keyboard.press('Control+Enter');
  await until(({ jobs }) => jobs.at(-1)?.state === 'done' && jobs.length === 2, 'the branch is made');
  expect(known.chunks.size).toBe(4);
  const branch = known.project?.document.shots.find(({ prompt }) => prompt === 'The cat sleeps');
  expect(keysOf(editor, branch?.id ?? '').every((key) => key !== null && known.chunks.has(key))).toBe(true);
});

test('a shot is connected to another one, with what follows it, by dragging its line', async ({ editor }) => {
  const { page, known, until } = editor;
  await write(editor, [shot('one'), shot('two'), shot('three'), shot('aside', { parent: 'one-shot' })]);
  await make(editor, 'three');
  const handle = node(page, 'three').getByRole('button', { name: 'Insert a shot here' });
  const from = await settledBox(handle);
  const to = await settledBox(node(page, 'aside'));
  await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2);
  await page.mouse.down();
  await page.mouse.move(to.x + to.width, to.y + to.height / 2, { steps: 8 });
  await page.mouse.up();
  await until(({ project }) => project?.document.shots.find(({ id }) => id === 'three-shot')?.parent === 'aside-shot');
  expect(known.project?.document.shots).toHaveLength(4);
  await expectState(page, 'three', 'stale');
  await page.keyboard.press('Control+z');
  await until(({ project }) => project?.document.shots.find(({ id }) => id === 'three-shot')?.parent === 'two-shot');
  await expectState(page, 'three', 'fresh');
});

test('a new shot is dragged from the toolbar to between two others, and a shot to another place', async ({
  editor,
}) => {
  const { page, known, until } = editor;
  await write(editor, [shot('one'), shot('two'), shot('three')]);
  const order = (): string[] => {
    const shots = known.project?.document.shots ?? [];
    const names: string[] = [];
    for (let at = shots.find(({ parent }) => parent === null); at; ) {
      names.push(at.name);
      const { id }: { id: string } = at;
      at = shots.find(({ parent }) => parent === id);
    }
    return names;
  };
  const two = await settledBox(node(page, 'two'));
  const pane = await settledBox(page.locator('[data-graph]'));
  await page.getByRole('button', { name: /^Add a shot, or drag/ }).dragTo(page.locator('[data-graph]'), {
    targetPosition: { x: two.x - pane.x, y: two.y - pane.y + two.height / 2 },
  });
  await until(({ project }) => project?.document.shots.length === 4, 'the new shot is there');
  expect(order()).toEqual(['one', '', 'two', 'three']);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+z');
  await until(({ project }) => project?.document.shots.length === 3);
  await page.locator('[data-graph]').focus();
  await page.keyboard.press('Home');
  const one = await settledBox(node(page, 'one'));
  const three = await settledBox(node(page, 'three'));
  await page.mouse.move(three.x + 40, three.y + 14);
  await page.mouse.down();
  await page.mouse.move(one.x + one.width + 40, one.y + 14, { steps: 8 });
  await page.mouse.up();
  await until(() => order().join() === 'one,three,two', 'it was moved');
});

test('a script is pasted into the window, also after shots were copied', async ({ editor }) => {
  const { page, known, until } = editor;
  await write(editor, [shot('one')]);
  await node(page, 'one').getByText('one', { exact: true }).click();
  await page.keyboard.press('Control+c');
  await expect(page.getByText('Copied a shot.', { exact: true })).toBeVisible();
  const prompt = page.getByLabel('Prompt', { exact: true });
  await prompt.fill('A white robot waves.\n\nThe robot walks in the snow.');
  await prompt.press('Control+a');
  await prompt.press('Control+c');
  await prompt.fill('A red cat one');
  await prompt.press('Escape');
  await page.locator('[data-graph]').focus();
  await page.keyboard.press('Control+v');
  await expect(page.getByText('Brought in 2 shots from pasted.txt.', { exact: true })).toBeVisible();
  await until(({ project }) => project?.document.shots.length === 3);
  expect(known.project?.document.shots.map(({ prompt: text }) => text)).toEqual([
    'A red cat one',
    'A white robot waves.',
    'The robot walks in the snow.',
  ]);
});

test('lines join the shots at every distance', async ({ editor }) => {
  const { page } = editor;
  await write(editor, [shot('one'), shot('two'), shot('three')]);
  const lines = page.locator('.react-flow__edge path');
  const first = page.locator('[data-shot]').first();
  await expect(lines).toHaveCount(2);
  await page.locator('[data-graph]').focus();
  await expect(async () => {
    await page.keyboard.press('-');
    await expect(first).toHaveText('', { timeout: 1000 });
  }).toPass();
  await expect(lines).toHaveCount(2);
  await expect(async () => {
    await page.keyboard.press('+');
    await expect(first).toContainText('one', { timeout: 1000 });
  }).toPass();
  await expect(lines).toHaveCount(2);
});
