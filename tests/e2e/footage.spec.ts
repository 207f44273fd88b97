import { readFileSync, writeFileSync } from 'node:fs';
import { openFilm } from '../../src/main/export/index.ts';
import { comparisonSchema } from '../../src/shared/lab/index.ts';
import { builtInModel } from './support/host.ts';
import { expect, expectState, keysOf, shot, test, write } from './support/test.ts';

test.use({ model: builtInModel }); // with an encoder

/** 160x96 at 24 a second: 30 of the model's frames, so that the third chunk ends before the film's does. */
async function writeClip(path: string, seconds = 3.75): Promise<void> {
  const [width, height] = [160, 96];
  const film = await openFilm({
    path,
    source: { width, height },
    fps: 24,
    targetHeight: 96,
    metadata: { title: 'Clip' },
  });
  for (let frame = 0; frame < seconds * 24; frame++) {
    const rgb = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
      const [x, y, colour] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width), i % 3];
      return colour === 2 ? 90 : colour === 1 ? y * 2 : (x + frame) % 256;
    });
    await film.addFrames(rgb, 1);
  }
  await film.finish();
}

test('memories are compared on footage: the truth plays beside them, it is stopped, goes on, and one is used', async ({
  editor,
}, info) => {
  test.setTimeout(600_000); // the built-in model makes four chunks
  const { page, known, until } = editor;
  const clip = info.outputPath('clip.mp4');
  await writeClip(clip);
  const broken = info.outputPath('broken.mp4');
  writeFileSync(broken, 'no film at all');
  await write(editor, [
    shot('one', { chunks: 1, prompt: 'A red cat in the meadow' }),
    shot('away', { chunks: 1, prompt: 'A white robot in the city' }),
    shot('back', { chunks: 1, prompt: 'A red cat in the meadow waves' }),
  ]);
  await page.getByRole('button', { name: 'What to generate' }).click();
  await page.getByRole('menuitem', { name: 'Compare memories…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Compare memories' });
  for (const box of await dialog.getByRole('group', { name: 'Memories' }).getByRole('checkbox').all()) {
    const name = (await box.locator('..').textContent())?.trim();
    await box.setChecked(name === 'Window' || name === 'NAM');
  }
  const pick = async (button: string, file: string): Promise<void> => {
    const [chooser] = await Promise.all([
      page.waitForEvent('filechooser'),
      dialog.getByRole('button', { name: button }).click(),
    ]);
    await chooser.setFiles(file);
  };
  await pick('Choose footage…', broken);
  await expect(page.getByText('"broken.mp4" is something else, and no MP4.')).toBeVisible();
  await pick('Choose footage…', clip);
  await expect(page.getByText('"broken.mp4" is something else')).toBeHidden(); // another one worked
  await expect(dialog.getByText('of at most 2 chunks are given; the clip fills 2')).toBeVisible();
  const given = dialog.getByRole('spinbutton', { name: 'Chunks that are given' });
  await expect(given).toHaveValue('2');
  await dialog.getByRole('button', { name: 'Chunks that are given: one less' }).click();
  await expect(given).toHaveValue('1');
  await expect(dialog.getByRole('columnheader', { name: /Truth clip\.mp4/ })).toBeVisible();
  await expect(dialog.getByRole('img', { name: 'The footage, frame 1', exact: true })).toBeVisible();

  const compare = dialog.getByRole('button', { name: 'Compare', exact: true });
  await compare.click();
  await dialog.getByRole('button', { name: 'Stop; what is made stays' }).click();
  await until(({ jobs }) => jobs.every(({ state }) => state === 'cancelled'), 'all are stopped');
  expect(known.chunks.size).toBeLessThan(6);
  await dialog.getByRole('button', { name: 'Close' }).click();
  await page.getByRole('button', { name: 'What to generate' }).click();
  await page.getByRole('menuitem', { name: 'Compare memories…' }).click();
  for (const box of await dialog.getByRole('group', { name: 'Memories' }).getByRole('checkbox').all()) {
    const name = (await box.locator('..').textContent())?.trim();
    await box.setChecked(name === 'Window' || name === 'NAM');
  }
  await expect(given).toHaveValue('1'); // it is opened again as it was
  await compare.click();
  // One after the other: each may take long where the machine does other work.
  while (known.chunks.size < 6) {
    const { size } = known.chunks;
    await until(({ chunks }) => chunks.size > size, `chunk ${size + 1} of three under each of two memories`);
  }
  for (const measure of ['Truth, PSNR', 'Truth, SSIM', 'Truth, structure', 'Given, PSNR'])
    await expect(dialog.getByRole('row', { name: measure }).getByText(/^\d+\.\d+( dB)?$/)).toHaveCount(2, {
      timeout: 120_000, // they are measured first
    });

  await dialog.getByRole('slider', { name: 'Time' }).press('End');
  await expect(dialog.getByText('the footage is over')).toBeVisible();
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    dialog
      .getByRole('button', { name: /^Save/ })
      .click()
      .then(() => page.getByRole('menuitem', { name: 'Everything (JSON)' }).click()),
  ]);
  const { films } = comparisonSchema.parse(JSON.parse(readFileSync(await file.path(), 'utf8')));
  expect(films.map(({ measures }) => [measures.given?.length, measures.truth?.length])).toEqual([
    [1, 2],
    [1, 2],
  ]);

  await dialog.getByRole('button', { name: 'Use NAM' }).click();
  await expect(dialog).toBeHidden();
  for (const name of ['one', 'away', 'back']) await expectState(page, name, 'fresh');
  await until(({ project }) => project?.document.shots[0]?.memory.policy === 'nam', 'the studio knows it too');
  const nam = films.find(({ memory }) => memory === 'nam');
  expect(['one-shot', 'away-shot', 'back-shot'].flatMap((id) => keysOf(editor, id))).toEqual(nam?.keys);
  expect(known.chunks.size).toBe(6);

  // One step back it is a comparison's again, and two more there is no footage.
  await page.keyboard.press('Control+z');
  await until(({ project }) => project?.document.shots[0]?.footage?.begins === undefined, 'the story is as it was');
  expect(known.project?.document.shots[0]?.footage?.given).toBe(1);
});
