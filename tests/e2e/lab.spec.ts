import { readFileSync } from 'node:fs';
import { comparisonSchema } from '../../src/shared/lab/index.ts';
import { expect, expectState, keysOf, shot, test, write } from './support/test.ts';

/** A story that leaves a place and comes back to it. */
const story = [
  shot('one', { chunks: 1, prompt: 'A red cat in the meadow' }),
  shot('away', { chunks: 1, prompt: 'A white robot in the city' }),
  shot('back', { chunks: 1, prompt: 'A red cat in the meadow waves' }),
];

test('memories are compared and one is adopted in five actions, and what it made is there', async ({ editor }) => {
  const { page, known, until } = editor;
  await write(editor, story);
  const dialog = page.getByRole('dialog', { name: 'Compare memories' });

  await page.getByRole('button', { name: 'What to generate' }).click(); // 1
  await page.getByRole('menuitem', { name: 'Compare memories…' }).click(); // 2
  await expect(dialog.getByText('not made yet')).toHaveCount(4);
  await expect(dialog.getByText('This model has no encoder, so it cannot look at footage')).toBeVisible();
  await expect(dialog.getByRole('button', { name: 'Choose footage…' })).toBeDisabled();
  await dialog.getByRole('checkbox', { name: 'Window' }).uncheck();
  await dialog.getByRole('checkbox', { name: 'Sink' }).uncheck();
  await expect(dialog.getByText('not made yet')).toHaveCount(2);
  await dialog.getByRole('button', { name: 'All 4' }).click();
  await expect(dialog.getByText('not made yet')).toHaveCount(4);
  await expect(dialog.getByRole('button', { name: 'All 4' })).toBeHidden();
  await expect(dialog.getByText(/^To make: 12 chunks/)).toBeVisible();
  await dialog.getByRole('button', { name: 'Compare', exact: true }).click(); // 3
  await until(({ chunks }) => chunks.size === 12, 'three chunks under each of four memories');
  await expect(dialog.getByRole('button', { name: 'Use Sink' })).toBeEnabled();
  const row = dialog.getByRole('row', { name: /^Return, PSNR/ });
  await expect(row.getByText(/^\d+\.\d dB$/)).toHaveCount(4);
  await expect(dialog.getByText('meadow: shot 1, again in 3')).toBeVisible();

  await dialog.getByRole('slider', { name: 'Time' }).press('End');
  await expect(dialog.getByRole('img', { name: /, frame 33$/ })).toHaveCount(4);
  await dialog.getByText('meadow: shot 1, again in 3').click();
  await expect(row.getByText('–')).toHaveCount(4);
  await dialog.getByText('meadow: shot 1, again in 3').click();

  const saved = async (entry: string): Promise<string> => {
    await dialog.getByRole('button', { name: /^Save/ }).click();
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: entry }).click(),
    ]);
    return readFileSync(await file.path(), 'latin1');
  };
  expect((await saved('Numbers (CSV)')).trim().split('\r\n')).toHaveLength(5);
  const picture = Buffer.from(await saved('Picture (PNG)'), 'latin1');
  expect(picture.subarray(1, 4).toString()).toBe('PNG');
  // Its buttons are left out, and so is the room that they took.
  const { height = 0 } = (await dialog.getByRole('table').boundingBox()) ?? {};
  expect(picture.readUInt32BE(20) / 2).toBeLessThan(height);
  // Letters are of one font file each: another one would come after the picture was drawn, with the system's font in it.
  const ranges = await page.evaluate<string[]>('[...document.fonts].map(({ unicodeRange }) => unicodeRange)');
  expect(ranges).not.toContain('U+0-10FFFF');
  const comparison = comparisonSchema.parse(JSON.parse(await saved('Everything (JSON)')));
  const sink = comparison.films.find(({ memory }) => memory === 'sink');

  await dialog.getByRole('button', { name: 'Use Sink' }).click(); // 4
  await expect(dialog).toBeHidden();
  for (const name of ['one', 'away', 'back']) await expectState(page, name, 'fresh');
  await until(({ project }) => project?.document.shots[0]?.memory.policy === 'sink', 'the studio knows it too');
  const shown = ['one-shot', 'away-shot', 'back-shot'].flatMap((id) => keysOf(editor, id));
  expect(shown).toEqual(sink?.keys);
  expect(known.chunks.size).toBe(12);
});

test('a comparison of two memories is stopped as soon as it is begun, and goes on', async ({ editor }) => {
  const { page, known, until } = editor;
  // So long that no machine has made it before it is stopped.
  await write(editor, [shot('one', { chunks: 150, prompt: 'A red cat in the meadow' })]);
  await page.getByRole('button', { name: 'What to generate' }).click();
  await page.getByRole('menuitem', { name: 'Compare memories…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Compare memories' });
  await dialog.getByRole('checkbox', { name: 'Sink' }).uncheck();
  await dialog.getByRole('checkbox', { name: 'NAM', exact: true }).uncheck();
  await expect(dialog.getByText('not made yet')).toHaveCount(2);
  const compare = dialog.getByRole('button', { name: 'Compare', exact: true });
  const stop = dialog.getByRole('button', { name: 'Stop; what is made stays' });
  const isStopped = () => until(({ jobs }) => jobs.every(({ state }) => state === 'cancelled'), 'all are stopped');

  await compare.click();
  await stop.click();
  await expect(compare).toBeEnabled();
  await isStopped();
  const made = known.chunks.size;
  expect(made).toBeLessThan(300);

  await compare.click();
  await until(({ chunks }) => chunks.size > made + 1, 'it goes on');
  await until(({ jobs }) => jobs.filter(({ state }) => state !== 'cancelled').length === 2, 'with both memories');
  await stop.click();
  await expect(compare).toBeEnabled();
  await isStopped();
  expect(known.chunks.size).toBeLessThan(300);
});
