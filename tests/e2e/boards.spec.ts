import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadImage } from '@napi-rs/canvas';
import type { Locator, Page } from '@playwright/test';
import { XMLParser } from 'fast-xml-parser';
import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs';
import { verifyFilm } from '../../src/main/export/index.ts';
import { openSound } from '../../src/main/sound/index.ts';
import { drop } from './support/drop.ts';
import { expect, make, node, shot, test, write } from './support/test.ts';

/** Half a second: silence, and a click at 0.25 s. */
const recording = join(import.meta.dirname, '../fixtures/sounds/click.wav');
const script = join(import.meta.dirname, '../fixtures/stories/script.fountain');

async function exported(page: Page, format: string, set: (dialog: Locator) => Promise<unknown> = async () => {}) {
  await page.getByRole('button', { name: 'Export', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Export' });
  await dialog.getByLabel('As', { exact: true }).selectOption(format);
  await set(dialog);
  await dialog.getByRole('button', { name: 'Export', exact: true }).click();
  const download = dialog.getByRole('button', { name: 'Download' });
  await expect(download).toBeVisible({ timeout: 60_000 });
  const [file] = await Promise.all([page.waitForEvent('download'), download.click()]);
  const bytes = await readFile(await file.path());
  await page.keyboard.press('Escape');
  return { name: file.suggestedFilename(), bytes };
}

/** Where a film begins to be heard, at 48 kHz. */
async function firstLoudSample(film: Uint8Array): Promise<number> {
  const bytes = new Uint8Array(film);
  const reader = await openSound({ sizeBytes: bytes.length, read: async (a, b) => bytes.slice(a, b) }, 'film.mp4');
  const samples: number[] = [];
  for await (const [left] of reader.blocks()) samples.push(...(left as Float32Array));
  reader.dispose();
  return samples.findIndex((value) => Math.abs(value) > 0.1);
}

test('a script comes in; boards, an edit and subtitles go out', async ({ editor }) => {
  const { page, api, until, known } = editor;
  await api.document.importScript({ name: 'script.fountain', text: await readFile(script, 'utf8') });
  await until(({ project }) => (project?.document.shots.length ?? 0) > 1, 'the script is in');
  const shots = known.project?.document.shots ?? [];
  const spoken = shots.filter(({ fields }) => fields?.dialogue !== undefined);
  expect(spoken.length).toBeGreaterThan(0);
  const { jobId } = await api.queue.generate({ shotIds: shots.map(({ id }) => id) });
  await until(({ jobs }) => jobs.find(({ id }) => id === jobId)?.state === 'done', 'all is made');

  const boards = await exported(page, 'Boards (PDF)', (dialog) => dialog.getByLabel('Panels a page').selectOption('4'));
  expect(boards.name).toMatch(/\.pdf$/);
  const pdf = await getDocument({ data: new Uint8Array(boards.bytes), verbosity: 0 }).promise;
  expect(pdf.numPages).toBe(Math.ceil(shots.length / 4));
  const first = await (await pdf.getPage(1)).getTextContent();
  expect(first.items.map((item) => ('str' in item ? item.str : '')).join(' ')).toContain(shots[0]?.fields?.scene);

  const sheet = await exported(page, 'Contact sheet (PNG)', (dialog) =>
    dialog.getByLabel('Pictures of each shot').selectOption('1'),
  );
  expect(sheet.name).toMatch(/\.png$/);
  const { width, height } = await loadImage(sheet.bytes);
  expect(width).toBeGreaterThan(600);
  expect(height).toBeGreaterThan(shots.length * 90);

  const edit = await exported(page, 'OpenTimelineIO');
  const timeline = JSON.parse(edit.bytes.toString());
  expect(timeline.tracks.children[0].children).toHaveLength(shots.length);

  const subtitles = await exported(page, 'Subtitles (SRT)');
  expect(subtitles.bytes.toString()).toContain('00:00:0');
});

test('the whole way: a script and a recording in; trimmed; a film with sound, boards and an edit of the same frames out', async ({
  editor,
}, info) => {
  const { page, api, until, known } = editor;
  await drop(page, 'script.fountain', await readFile(script, 'utf8'));
  const importing = page.getByRole('dialog', { name: 'Import script.fountain' });
  await importing.getByRole('button', { name: 'Import 4 shots' }).click();
  await until(({ project }) => (project?.document.shots.length ?? 0) > 1, 'the script is in');
  const shots = known.project?.document.shots ?? [];
  const { jobId } = await api.queue.generate({ shotIds: shots.map(({ id }) => id) });
  await until(({ jobs }) => jobs.find(({ id }) => id === jobId)?.state === 'done', 'all is made');
  const [, second] = shots;
  if (!second) throw new Error('no second shot');
  const trim = { head: 3, tail: 2 };
  await api.document.apply({ commands: [{ type: 'edit-shot', id: second.id, patch: { trim } }], gesture: null });
  await until(({ project }) => project?.document.shots[1]?.trim !== undefined, 'it is trimmed');
  await page.getByRole('region', { name: 'Player' }).last().focus();
  await page.keyboard.press('Home');
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Add a sound at the playhead' }).click();
  await (await chooser).setFiles(recording);
  await expect(page.getByRole('button', { name: 'Sound click.wav, from 0:00.0, 0.5 s' })).toBeVisible();

  const film = await exported(page, 'Film (MP4)', (dialog) => dialog.getByLabel('Frames a second').selectOption('24'));
  const path = info.outputPath('film.mp4');
  await writeFile(path, film.bytes);
  const sound = await firstLoudSample(film.bytes);
  expect(Math.abs(sound - 0.25 * 48_000)).toBeLessThan(64);
  const { frameCount, chapters } = await verifyFilm(path);
  // The model of these tests makes 8 frames a second: each is shown three times.
  const own = shots.map(({ chunks }, i) => 12 * chunks - (i === 0 ? 3 : 0) - (i === 1 ? 5 : 0));
  expect(frameCount).toBe(3 * own.reduce((sum, frames) => sum + frames, 0));
  // A shot is called by how its prompt begins.
  expect(chapters.map(({ title }) => title.replace(/…$/, ''))).toEqual(
    shots.map(({ prompt, fields }, i) => {
      const whole = `${fields?.number ?? i + 1} ${prompt}`;
      return whole.slice(0, chapters[i]?.title.endsWith('…') ? chapters[i].title.length - 1 : undefined);
    }),
  );

  const boards = await exported(page, 'Boards (PDF)');
  const pdf = await getDocument({ data: new Uint8Array(boards.bytes), verbosity: 0 }).promise;
  const items = (await (await pdf.getPage(1)).getTextContent()).items;
  const text = items.map((item) => ('str' in item ? item.str : '')).join(' ');
  for (const { fields } of shots) expect(text).toContain(fields?.scene);
  expect(text).toContain('Is anybody here?');

  const edit = await exported(page, 'Final Cut Pro, Resolve (FCPXML)', (dialog) =>
    dialog.getByLabel('Film file').fill(film.name),
  );
  const options = {
    ignoreAttributes: false,
    attributeNamePrefix: '',
    isArray: (name: string) => name === 'asset-clip',
  };
  const { fcpxml } = new XMLParser(options).parse(edit.bytes.toString());
  const { spine } = fcpxml.library.event.project.sequence;
  let at = 0;
  for (const [i, clip] of spine['asset-clip'].entries()) {
    const frames = 3 * (own[i] ?? 0);
    // Each clip lies in the film where the shot is.
    expect([clip.start, clip.duration]).toEqual([at === 0 ? '0s' : `${at}/24s`, `${frames}/24s`]);
    at += frames;
  }
  const files = fcpxml.resources.asset.map(({ 'media-rep': { src } }: { 'media-rep': { src: string } }) =>
    decodeURIComponent(src),
  );
  expect(files.sort()).toEqual(['click.wav', film.name].sort());
});

test('clips come to a browser as one file', async ({ editor }) => {
  const { page } = editor;
  await write(editor, [shot('one'), shot('two')]);
  await make(editor, 'one', 'two');
  const clips = await exported(page, 'A clip per shot (MP4, a folder)');
  expect(clips.name).toMatch(/\.zip$/);
  expect(clips.bytes.subarray(0, 2).toString()).toBe('PK');
  expect(clips.bytes.toString('latin1')).toContain('002 two.mp4');
});

test('what was chosen for an export is chosen the next time', async ({ editor }) => {
  const { page } = editor;
  await write(editor, [shot('one')]);
  await page.getByRole('button', { name: 'Export', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Export' });
  await dialog.getByLabel('As', { exact: true }).selectOption('Boards (PDF)');
  await dialog.getByLabel('Paper').selectOption('Letter');
  await dialog.getByLabel('Prompt').check();
  await page.reload();
  await page.getByRole('button', { name: 'Export', exact: true }).click();
  await expect(dialog.getByLabel('As', { exact: true })).toHaveValue('pdf');
  await expect(dialog.getByLabel('Paper')).toHaveValue('letter');
  await expect(dialog.getByLabel('Prompt')).toBeChecked();
});

test('fields of a shot are written, undone in one step, and make nothing stale; numbers stay once handed out', async ({
  editor,
}) => {
  const { page, until, api } = editor;
  await write(editor, [shot('one'), shot('two')]);
  await node(page, 'two').getByText('two', { exact: true }).click();
  await page.getByText('Boards', { exact: true }).click();
  await page.getByLabel('Dialogue').fill('MIA: Is anybody here?');
  await until(({ project }) => project?.document.shots[1]?.fields?.dialogue === 'MIA: Is anybody here?', 'it is said');
  await api.document.undo();
  await until(({ project }) => project?.document.shots[1]?.fields?.dialogue === undefined, 'it is unsaid');

  await page.getByRole('button', { name: 'Number the shots of this cut' }).click();
  const numbers = (shots: readonly { readonly fields?: { readonly number?: string | undefined } | undefined }[]) =>
    shots.map(({ fields }) => fields?.number).join();
  await until(({ project }) => numbers(project?.document.shots ?? []) === '1,2', 'they are numbered');
  await api.document.apply({
    commands: [{ type: 'insert-shot', before: 'two-shot', shot: shot('between') }],
    gesture: null,
  });
  await page.getByRole('button', { name: 'Number the shots of this cut' }).click();
  await until(({ project }) => numbers(project?.document.shots ?? []) === '1,1A,2', 'the new one is 1A');
});
