import { builtInModel } from './support/host.ts';
import { expect, node, shot, test, write } from './support/test.ts';

test.use({ model: builtInModel });

test('a prompt that leaves out who and where is told in full, or as it is written', async ({ editor }) => {
  const { page, until } = editor;
  await write(editor, [
    shot('one', { prompt: 'A red fox sits in the meadow.' }),
    shot('two', { prompt: 'A red fox sits in the meadow.', transition: 'automatic' }),
  ]);
  await node(page, 'two').getByText('two', { exact: true }).click();
  const prompt = page.getByRole('textbox', { name: 'Prompt' });
  await prompt.fill('It waves.');
  const line = page.getByRole('status').filter({ hasText: 'The model is told' });
  await expect(line).toHaveText(/The model is told: .*red fox waves.*meadow\./);
  await expect(prompt).toHaveAccessibleDescription(/The model is told/);
  await page.getByRole('button', { name: 'Tell it as written' }).click();
  await expect(line).toHaveText('The model is told this as written.');
  await until(({ project }) => project?.document.shots[1]?.told === 'as-written', 'the choice is kept');
  await page.keyboard.press('Control+z');
  await expect(line).toHaveText(/red fox waves/);

  await page.getByRole('application', { name: /Story graph/ }).press('Escape');
  const whole = page
    .getByRole('radiogroup', { name: 'What the model is told' })
    .or(page.getByRole('group', { name: 'What the model is told' }));
  await whole.getByText('As written').click();
  await until(({ project }) => project?.document.prompts === 'as-written', 'the story is told as written');
  await node(page, 'two').getByText('two', { exact: true }).click();
  await expect(prompt).toHaveValue('It waves.');
  await expect(line).toHaveCount(0);
});
