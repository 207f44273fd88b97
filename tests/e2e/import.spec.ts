import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, node, shot, test, write } from './support/test.ts';

const stories = join(import.meta.dirname, '../fixtures/stories');
const builtIn = join(import.meta.dirname, '../../resources/models/animatic');

/** Drops a file on the window, as from a folder. */
async function drop(page: Page, name: string, text: string): Promise<void> {
  const data = await page.evaluateHandle(
    `(() => { const data = new DataTransfer(); data.items.add(new File([${JSON.stringify(text)}], ${JSON.stringify(name)})); return data; })()`,
  );
  await page.dispatchEvent('body', 'dragover', { dataTransfer: data });
  await page.dispatchEvent('body', 'drop', { dataTransfer: data });
}

for (const [name, least] of [
  ['memflow-interactive-example.jsonl', 6],
  ['scope-timeline-beekeeper.json', 2],
] as const) {
  test(`${name} becomes a story`, async ({ editor }) => {
    const { page, known, until } = editor;
    const text = readFileSync(join(stories, name), 'utf8');
    await drop(page, name, text);
    await page
      .getByRole('dialog', { name: `Import ${name}` })
      .getByRole('button', { name: /^Import \d+ shots$/ })
      .click();
    await until(({ project }) => (project?.document.shots.length ?? 0) >= least, 'the shots are there');
    await expect(page.getByText(/^Brought in \d+ shots from/)).toBeVisible();
    for (const { prompt } of known.project?.document.shots ?? []) {
      expect(text.includes(JSON.stringify(prompt).slice(1, -1))).toBe(true);
    }
  });
}

test('a bad file is refused with the line that is wrong', async ({ editor }) => {
  const { page, known } = editor;
  await drop(page, 'story.jsonl', '{"prompts": ["A cat."]}\n{"prompts": ["A dog."}\n');
  await expect(page.getByText(/line 2/).first()).toBeVisible();
  expect(known.project?.document.shots).toHaveLength(0);
});

test('a project dropped on a browser, which does not say where it lies, is answered with the way that works', async ({
  editor,
}) => {
  const { page } = editor;
  await drop(page, 'film.throughline', 'SQLite format 3');
  await expect(page.getByText('A browser does not say where a dropped project lies.', { exact: true })).toBeVisible();
});

test('words the model does not know are underlined, with others to take', async ({ editor }) => {
  const { page, until, api } = editor;
  await api.settings.update({ modelFolder: builtIn });
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
  await api.settings.update({ modelFolder: null });
});

test('a script is previewed with its unknown words; a shot can be left out', async ({ editor }) => {
  const { page, until, api } = editor;
  await api.settings.update({ modelFolder: builtIn });
  await page.keyboard.press('Control+i');
  await page
    .getByRole('textbox', { name: 'Script' })
    .fill('A sunny cat waves in the meadow.\n\nA dog runs on the beach.\n\nA frog sits.');
  await page.getByRole('button', { name: 'Preview' }).click();
  const dialog = page.getByRole('dialog', { name: 'Import pasted.txt' });
  await expect(dialog).toContainText('The model does not know a word and leaves it out:');
  await expect(dialog).toContainText('sunny shot 1 · near: day');
  await dialog.getByRole('checkbox', { name: /A dog runs/ }).uncheck();
  await dialog.getByRole('button', { name: 'Import 2 shots' }).click();
  await until(({ project }) => project?.document.shots.length === 2, 'two shots were brought in');
  await expect(dialog).toBeHidden();
  await api.settings.update({ modelFolder: null });
});

test('a screenplay shows what becomes what, and a changed one updates what was made of it', async ({ editor }) => {
  const { page, until, known } = editor;
  const text = readFileSync(join(stories, 'script.fountain'), 'utf8');
  await drop(page, 'script.fountain', text);
  const dialog = page.getByRole('dialog', { name: 'Import script.fountain' });
  await expect(dialog).toContainText('Fountain screenplay · 3 scenes · 4 shots');
  await expect(dialog).toContainText('INT. KITCHEN - DAY');
  await expect(dialog).toContainText('Kitchen, day. A blue robot stands in the kitchen.');
  await expect(dialog).toContainText('4 chunks · action · dialogue · notes');
  await dialog.getByRole('button', { name: 'Import 4 shots' }).click();
  await until(({ project }) => project?.document.shots.length === 4, 'four shots were brought in');
  expect(known.project?.document.shots[0]?.fields).toMatchObject({
    number: '1',
    scene: 'INT. KITCHEN - DAY',
    dialogue: 'ROBOT: (quietly) Is anybody here?',
  });

  await drop(
    page,
    'script.fountain',
    text.replace('A red cat walks', 'A red cat and a dog walk').concat('\nIt waves.\n'),
  );
  await expect(dialog).toContainText('A script of this name was brought in before.');
  await dialog.getByRole('button', { name: 'Update', exact: true }).click();
  await until(
    ({ project }) => project?.document.shots.some(({ prompt }) => prompt.includes('A red cat and a dog walk')) === true,
    'the shot follows the script',
  );
});

test('a word is completed while it is typed, and taken from the list of all', async ({ editor }) => {
  const { page, until, api } = editor;
  await api.settings.update({ modelFolder: builtIn });
  await write(editor, [shot('one', { prompt: 'A red cat' })]);
  await node(page, 'one').getByText('one', { exact: true }).click();
  const prompt = page.getByRole('textbox', { name: 'Prompt' });
  await prompt.fill('A red cat wa');
  await expect(page.getByRole('option', { name: /^walks/ })).toBeVisible();
  await prompt.press('ArrowDown');
  await expect(prompt).toHaveAttribute('aria-activedescendant', /.+/);
  await prompt.press('Enter');
  await until(({ project }) => /^A red cat w\w{3,}$/.test(project?.document.shots[0]?.prompt ?? ''), 'completed');
  await prompt.fill('A red cat');
  await page.getByRole('button', { name: 'Words the model knows' }).click();
  const dialog = page.getByRole('dialog', { name: 'Words the model knows' });
  await dialog.getByRole('textbox', { name: 'Find a word' }).fill('crims');
  await dialog.getByRole('button', { name: 'red' }).click();
  await until(({ project }) => project?.document.shots[0]?.prompt === 'A red cat red', 'a word was added');
  await page.keyboard.press('Escape');
  await api.settings.update({ modelFolder: null });
});
