import { expect, node, shot, test, write } from './support/test.ts';

test('many shots are changed at once, and what differs is said', async ({ editor }) => {
  const { page, known, until } = editor;
  await write(editor, [
    shot('one', { seed: 1 }),
    shot('two', { seed: 2, chunks: 3, memory: { bans: [1] } }),
    shot('three'),
  ]);
  await page.locator('[data-graph]').focus();
  await page.keyboard.press('Control+a');
  const seed = page.getByRole('spinbutton', { name: 'Seed' });
  await expect(seed).toHaveValue('');
  await expect(seed).toHaveAttribute('placeholder', 'mixed');
  await seed.fill('77');
  await page.getByRole('radio', { name: 'Cut' }).click();
  const shots = () => known.project?.document.shots ?? [];
  await until(() => shots().every((made) => made.seed === 77 && made.transition === 'cut'), 'all are changed');
  expect(shots().map(({ chunks }) => chunks)).toEqual([2, 3, 2]);
  expect(shots()[1]?.memory.bans).toEqual([1]);
  await expect(page.getByRole('button', { name: 'Undo: change the transition of 3 shots' })).toBeVisible();
  await page.locator('[data-graph]').focus();
  await page.keyboard.press('Control+z');
  await until(() => shots().every(({ transition }) => transition === 'continue'), 'one step');
});

test('fields of many shots are written at once, in one step, and numbers stay their own', async ({ editor }) => {
  const { page, known, until } = editor;
  const fields = { number: '7', notes: 'Rain' };
  await write(editor, [shot('one', { fields }), shot('two'), shot('three')]);
  await page.locator('[data-graph]').focus();
  await page.keyboard.press('Control+a');
  await page.getByText('Boards', { exact: true }).click();
  await expect(page.getByLabel('Notes', { exact: true })).toHaveAttribute('placeholder', /^Mixed/);
  await page.getByLabel('Scene', { exact: true }).fill('INT. KITCHEN - DAY');
  const shots = () => known.project?.document.shots ?? [];
  await until(() => shots().every((made) => made.fields?.scene === 'INT. KITCHEN - DAY'), 'all are in the kitchen');
  expect(shots().map((made) => made.fields?.number ?? '')).toEqual(['7', '', '']);
  expect(shots()[0]?.fields?.notes).toBe('Rain');
  await page.locator('[data-graph]').focus();
  await page.keyboard.press('Control+z');
  await until(() => shots().every((made) => made.fields?.scene === undefined), 'one step');
});

test('what new shots begin with is given to every shot at one press, and taken back in one', async ({ editor }) => {
  const { page, known, until } = editor;
  await write(editor, [shot('one'), shot('two', { chunks: 3, transition: 'cut' })]);
  await page.getByRole('spinbutton', { name: 'Length of new shots' }).fill('4');
  await page.getByRole('button', { name: 'Give every shot this length and beginning' }).click();
  const shots = () => known.project?.document.shots ?? [];
  await until(() => shots().every(({ chunks, transition }) => chunks === 4 && transition === 'automatic'), 'given');
  await expect(page.getByRole('button', { name: 'Every shot has this length and beginning' })).toBeDisabled();
  await page.locator('[data-graph]').focus();
  await page.keyboard.press('Control+z');
  await until(() => shots()[1]?.chunks === 3 && shots()[1]?.transition === 'cut', 'taken back');
});

test('a story has defaults: new shots begin with them, and shots follow its memory', async ({ editor }) => {
  const { page, known, until } = editor;
  await expect(page.getByRole('button', { name: 'Generate', exact: true })).toBeDisabled();
  await expect(page.getByRole('button', { name: 'Branch', exact: true })).toBeDisabled();
  await page.getByRole('spinbutton', { name: 'Length of new shots' }).fill('5');
  await page
    .getByRole('radiogroup', { name: 'How new shots begin' })
    .or(page.getByRole('group', { name: 'How new shots begin' }))
    .getByText('Cut')
    .click();
  await page.getByRole('button', { name: 'Write the first shot' }).click();
  await page.keyboard.type('A cat');
  await until(({ project }) => project?.document.shots[0]?.prompt === 'A cat', 'it is written');
  expect(known.project?.document.shots[0]).toMatchObject({ chunks: 5, transition: 'cut', memory: {} });
  await node(page, 'A cat').click();
});
