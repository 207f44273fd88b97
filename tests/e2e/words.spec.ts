import { builtInModel } from './support/host.ts';
import { expect, node, shot, test, write } from './support/test.ts';

test.use({ model: builtInModel });

test('words the model does not know are underlined, with others to take', async ({ editor }) => {
  const { page, until } = editor;
  await write(editor, [shot('one', { prompt: 'A red kat waves in the meadow' })]);
  await node(page, 'one').getByText('one', { exact: true }).click();
  await expect(page.locator('mark')).toHaveText('kat');
  await page.getByRole('button', { name: 'Replace kat with cat' }).click();
  await until(({ project }) => project?.document.shots[0]?.prompt === 'A red cat waves in the meadow');
  await expect(page.locator('mark')).toHaveCount(0);
  await page
    .getByRole('textbox', { name: 'Prompt' })
    .fill(`A red cat${' and a blue dog'.repeat(7)} wave in the meadow`);
  await expect(page.getByText('Too long: the model stops reading before dog wave in.')).toBeVisible();
  await expect(page.locator('mark')).toHaveText('dog wave in the meadow');
});

test('a script is previewed with its unknown words; a shot can be left out', async ({ editor }) => {
  const { page, until } = editor;
  await page.keyboard.press('Control+i');
  await page
    .getByRole('textbox', { name: 'Script' })
    .fill('A stormy cat waves in the meadow.\n\nA dog runs on the beach.\n\nA frog sits.');
  await page.getByRole('button', { name: 'Preview' }).click();
  const dialog = page.getByRole('dialog', { name: 'Import pasted.txt' });
  await expect(dialog).toContainText('The model does not know a word and leaves it out:');
  await expect(dialog).toContainText('stormy shot 1 · near: rain');
  await dialog.getByRole('checkbox', { name: /A dog runs/ }).uncheck();
  await dialog.getByRole('button', { name: 'Import 2 shots' }).click();
  await until(({ project }) => project?.document.shots.length === 2, 'two shots were brought in');
  await expect(dialog).toBeHidden();
});

test('a word is completed while it is typed, and taken from the list of all', async ({ editor }) => {
  const { page, until } = editor;
  await write(editor, [shot('one', { prompt: 'A red cat' })]);
  await node(page, 'one').getByText('one', { exact: true }).click();
  const prompt = page.getByRole('textbox', { name: 'Prompt' });
  await prompt.fill('A red cat wa');
  await expect(page.getByRole('option', { name: /^walks/ })).toBeVisible();
  await expect(page.locator('[role=option] [data-word-picture=walks]')).toBeVisible();
  await prompt.press('ArrowDown');
  await expect(prompt).toHaveAttribute('aria-activedescendant', /.+/);
  await prompt.press('Enter');
  await until(({ project }) => /^A red cat w\w{3,}$/.test(project?.document.shots[0]?.prompt ?? ''), 'completed');
  await prompt.fill('A red cat');
  await page.getByRole('button', { name: 'Words the model knows' }).click();
  const dialog = page.getByRole('dialog', { name: 'Words the model knows' });
  await dialog.getByRole('textbox', { name: 'Find a word' }).fill('crims');
  await expect(dialog.locator('[data-word-picture=red]')).toBeVisible();
  await dialog.getByRole('button', { name: 'red' }).click();
  await until(({ project }) => project?.document.shots[0]?.prompt === 'A red cat red', 'a word was added');
  await page.keyboard.press('Escape');
});
