import { expect, make, node, shot, test, write } from './support/test.ts';

test('a version is looked at, renamed and deleted', async ({ editor }) => {
  const { page, api } = editor;
  await write(editor, [shot('one'), shot('two')]);
  await page.keyboard.press('Control+s');
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Draft');
  await page.keyboard.press('Enter');
  await expect(page.getByText('This version is kept as “Draft”.')).toBeVisible();
  await page.keyboard.press('Control+k');
  await page.getByPlaceholder('Do something, or go to a shot').fill('Versions');
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Versions' });
  await dialog.getByRole('button', { name: 'Look at “Draft”' }).click();
  await expect(dialog.getByText(/, 2 shots$/)).toBeVisible();
  await dialog.getByRole('button', { name: 'Rename “Draft”' }).click();
  await dialog.getByRole('textbox', { name: 'New name of the version' }).fill('First draft');
  await page.keyboard.press('Enter');
  await dialog.getByRole('button', { name: 'Delete “First draft”' }).click();
  expect((await api.projects.versions()).map(({ name }) => name)).toEqual(['First draft']);
  await dialog.getByRole('button', { name: 'Delete it' }).click();
  await expect(dialog.getByText('No version has a name yet.')).toBeVisible();
  expect(await api.projects.versions()).toEqual([]);
  await page.keyboard.press('Escape');
  await expect(node(page, 'two')).toBeVisible();
});

test('a project is begun from a small story, and listed by its new name with its picture', async ({ editor }) => {
  const { page, api, known, until } = editor;
  await write(editor, [shot('one')]);
  await make(editor, 'one');
  await page.getByRole('textbox', { name: 'Project title' }).fill('The new name');
  await until(({ project: open }) => open?.document.title === 'The new name', 'it is renamed');
  await page.getByRole('button', { name: 'Menu' }).click();
  await page.getByRole('menuitem', { name: 'Close the project' }).click();
  const recent = page.getByRole('region', { name: 'Recent projects' }).getByRole('button').first();
  await expect(recent).toContainText('The new name');
  await expect(recent.locator('img')).toHaveAttribute('src', /^data:image\/webp/);
  await page.getByRole('button', { name: /^Two friends meet/ }).click();
  await until(({ project: open }) => open?.document.shots.length === 5, 'the story is there');
  expect(known.project?.document.title).toBe('Two friends meet');
  await api.projects.close();
});
