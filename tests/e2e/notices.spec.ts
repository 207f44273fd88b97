import { expect, node, shot, test, write } from './support/test.ts';

test('an error goes when the same call works, and lies beside the inspector', async ({ editor }) => {
  const { page } = editor;
  await write(editor, [shot('one')]);
  const wrong = page.getByText('film.throughline', { exact: false });
  await page.keyboard.press('Control+o');
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox').fill('/nowhere/film.throughline');
  await dialog.getByRole('button', { name: 'Open', exact: true }).click();
  const notice = page.locator('[data-sonner-toast]').filter({ has: wrong });
  await expect(notice).toBeVisible();
  await page.keyboard.press('Escape');
  const [message, inspector] = await Promise.all([
    notice.boundingBox(),
    page.getByRole('complementary', { name: 'Inspector' }).boundingBox(),
  ]);
  expect((message?.x ?? 0) + (message?.width ?? 0)).toBeLessThanOrEqual(inspector?.x ?? 0);
  // Another file that is there: that the first was not is over.
  const file = editor.known.project?.file ?? '';
  await page.keyboard.press('Control+o');
  await dialog.getByRole('textbox').fill(file);
  await dialog.getByRole('button', { name: 'Open', exact: true }).click();
  await expect(notice).toHaveCount(0);
});

test('a message lies beside the queue, also in a small window', async ({ editor }) => {
  const { page } = editor;
  await page.setViewportSize({ width: 1280, height: 800 });
  await write(editor, [shot('one')]);
  await page.keyboard.press('Control+o');
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox').fill('/nowhere/film.throughline');
  await dialog.getByRole('button', { name: 'Open', exact: true }).click();
  const notice = page.locator('[data-sonner-toast]').filter({ hasText: 'film.throughline' });
  await expect(notice).toBeVisible();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+j');
  const queue = page.getByRole('region', { name: 'Queue' });
  await expect(queue).toBeVisible();
  const right = async () => {
    const box = await notice.boundingBox();
    return (box?.x ?? 0) + (box?.width ?? 0);
  };
  await expect.poll(right).toBeLessThanOrEqual((await queue.boundingBox())?.x ?? 0);
});

test('Escape closes the queue before it takes the selection away', async ({ editor }) => {
  const { page } = editor;
  await write(editor, [shot('one')]);
  await node(page, 'one').getByText('one', { exact: true }).click();
  await page.keyboard.press('Control+j');
  const queue = page.getByRole('region', { name: 'Queue' });
  await expect(queue).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(queue).toBeHidden();
  await expect(page.getByLabel('Prompt', { exact: true })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByLabel('Prompt', { exact: true })).toBeHidden();
});

test('keys do nothing behind a window over the app', async ({ editor }) => {
  const { page, known } = editor;
  await write(editor, [shot('one')]);
  await node(page, 'one').getByText('one', { exact: true }).click();
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
  for (const key of ['Control+Enter', 'n', 'Delete', 'Control+d']) await page.keyboard.press(key);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  expect(known.jobs).toHaveLength(0);
  expect(known.project?.document.shots).toHaveLength(1);
});
