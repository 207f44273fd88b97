import { DatabaseSync } from 'node:sqlite';
import { expect, make, node, shot, test, write } from './support/test.ts';

test('a project of a newer Throughline says that it is read only, and what would change it is greyed', async ({
  editor,
}) => {
  const { page, api, known } = editor;
  await write(editor, [shot('one', { chunks: 1 }), shot('two', { chunks: 1 })]);
  await make(editor, 'two');
  const file = known.project?.file ?? '';
  await api.projects.close();
  const db = new DatabaseSync(file);
  const { data } = db.prepare('SELECT data FROM document').get() as { data: string };
  const newer = { ...JSON.parse(data), version: 99, weather: 'fine' };
  db.prepare('UPDATE document SET data = ?').run(JSON.stringify(newer));
  db.close();
  await api.projects.open({ file });

  await expect(page.getByText(/^Read only\. .*made by a newer Throughline/)).toBeVisible();
  await expect(page.getByLabel('Project title')).toHaveJSProperty('readOnly', true);
  await expect(page.getByRole('button', { name: 'Branch', exact: true })).toBeDisabled();
  await expect(page.getByRole('button', { name: 'Generate', exact: true })).toBeDisabled();
  const made = api.queue.generate({ shotIds: ['one-shot'] });
  await expect(made).rejects.toThrow(/made by a newer Throughline/);
  // Right after opening the graph may still be brought into view under the pointer; a person clicks again.
  await expect(async () => {
    await node(page, 'one').getByText('one', { exact: true }).click();
    await expect(page.getByLabel('Prompt', { exact: true })).toBeVisible({ timeout: 5_000 });
  }).toPass();
  for (const label of ['Prompt', 'Length in chunks', 'Seed'])
    await expect(page.getByLabel(label, { exact: true })).toBeDisabled();
  await page.getByRole('tab', { name: /Takes/ }).click();
  await expect(page.getByRole('button', { name: 'New take' })).toBeDisabled();
  await page.locator('[data-graph]').focus();
  await page.keyboard.press('Delete');
  await page.keyboard.press('n');
  await expect(page.locator('[data-shot]')).toHaveCount(2);
  // It plays and leaves.
  await expect(page.locator('[data-player] canvas')).toBeVisible();
  await page.keyboard.press('Control+Shift+e');
  await expect(page.getByText('Every shot is fresh.')).toBeVisible();
});
