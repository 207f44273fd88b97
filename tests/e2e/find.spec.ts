import { expect, settledBox, shot, test, write } from './support/test.ts';

test('Ctrl+F finds in prompts and fields, steps and counts; Escape goes back, closing stays', async ({ editor }) => {
  const { page, api, until } = editor;
  const names = Array.from({ length: 12 }, (_, i) => `s${i + 1}`);
  await write(
    editor,
    names.map((name, i) =>
      shot(name, {
        chunks: 2,
        prompt: i % 4 === 3 ? 'A fox in the forest' : 'A red cat',
        ...(i === 10 ? { fields: { dialogue: 'MIA: The fox! The FOX!' } } : {}),
      }),
    ),
  );
  await page.locator('[data-shot="s6-shot"]').click();
  await page.locator('[data-graph]').focus();
  for (let i = 0; i < 3; i++) await page.keyboard.press('+');
  const before = await settledBox(page.locator('[data-shot="s6-shot"]'));
  const prompt = page.getByLabel('Prompt', { exact: true });
  await prompt.focus();
  await page.keyboard.press('Control+f');
  const field = page.getByLabel('Find in prompts and fields');
  await expect(field).toBeFocused();
  await page.keyboard.type('fox');
  const bar = page.getByRole('search');
  // From the selected shot on.
  await expect(bar.getByRole('status')).toHaveText('2 of 5, in 4 shots');
  await expect(page.locator('[data-shot="s8-shot"]')).toBeInViewport();
  await expect(prompt).toHaveValue('A fox in the forest');
  await page.keyboard.press('Enter');
  await expect(bar.getByRole('status')).toHaveText('3 of 5, in 4 shots');
  await expect(bar.getByText('Dialogue')).toBeVisible();
  await expect(bar.locator('mark')).toHaveText('fox');
  await expect(page.getByLabel('Dialogue', { exact: true })).toBeVisible();
  await page.keyboard.press('F3');
  await expect(bar.locator('mark')).toHaveText('FOX');
  await page.keyboard.press('Shift+F3');
  await page.keyboard.press('Shift+Enter');
  await expect(bar.getByRole('status')).toHaveText('2 of 5, in 4 shots');
  await field.fill('penguin');
  await expect(bar.getByRole('status')).toHaveText('Not found');
  await field.fill('fox');
  for (let i = 0; i < 3; i++) await page.keyboard.press('Enter');
  await expect(bar.getByRole('status')).toHaveText('5 of 5, in 4 shots');
  await page.keyboard.press('Enter');
  await expect(bar.getByRole('status')).toHaveText('1 of 5, in 4 shots');

  await page.keyboard.press('Escape');
  await expect(bar).toBeHidden();
  await expect(prompt).toHaveValue('A red cat');
  await expect(page.getByLabel('Seed', { exact: true })).toBeVisible();
  const after = await settledBox(page.locator('[data-shot="s6-shot"]'));
  expect(Math.abs(after.x - before.x)).toBeLessThan(2);

  // What is changed meanwhile is counted anew; closed by its button, the search stays where it is.
  await page.keyboard.press('Control+f');
  await expect(bar.getByRole('status')).toHaveText('5, in 4 shots');
  await page.keyboard.press('Enter');
  await expect(bar.getByRole('status')).toHaveText('2 of 5, in 4 shots');
  await api.document.apply({
    commands: [{ type: 'edit-shot', id: 's12-shot', patch: { prompt: 'A cat' } }],
    gesture: null,
  });
  await until(({ project }) => project?.document.shots[11]?.prompt === 'A cat', 'it is changed');
  await expect(bar.getByRole('status')).toHaveText('2 of 4, in 3 shots');
  await bar.getByRole('button', { name: /^Close and stay/ }).click();
  await expect(prompt).toHaveValue('A fox in the forest');
});
