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
  await api.settings.update({ modelFolder: join(import.meta.dirname, '../fixtures/reference-small') });
});
