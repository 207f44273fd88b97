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
