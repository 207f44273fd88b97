import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { drop } from './support/drop.ts';
import { expect, test } from './support/test.ts';

const stories = join(import.meta.dirname, '../fixtures/stories');

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
