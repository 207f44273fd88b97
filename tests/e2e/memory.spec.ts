import { readFileSync } from 'node:fs';
import type { Locator, Page } from '@playwright/test';
import { formatScore, mean } from '../../src/renderer/memory/parts/value-scale.ts';
import { recallEdges } from '../../src/renderer/memory/recall/recall-edges.ts';
import { Host, tinyModel } from './support/host.ts';
import { type Editor, expect, expectState, keysOf, make, node, shot, test, write } from './support/test.ts';

/** A story that leaves and returns, so that its last shot has something to remember. */
const story = [
  shot('one'),
  shot('away', { transition: 'cut', prompt: 'A white robot in the city' }),
  shot('back', { transition: 'cut', prompt: 'A red cat one' }),
];

const panel = (page: Page): Locator => page.getByRole('tabpanel', { name: /Memory/ });
const section = (page: Page, title: string): Locator => page.getByRole('region', { name: title, exact: true });

/** Generates the story and opens the Memory tab on the first chunk of the return. */
async function openReturn(editor: Editor) {
  const { page, api } = editor;
  await write(editor, story);
  await make(editor, 'back');
  await node(page, 'back').getByRole('button', { name: 'Chunk 1 of 2, fresh' }).click();
  await page.getByRole('tab', { name: 'Memory' }).click();
  await expect(section(page, 'What it remembered')).toBeVisible();
  return api.chunks.record({ key: keysOf(editor, 'back-shot')[0] ?? '' });
}

/** Presses an entry of a section's export menu and reads the file that comes. */
async function download(page: Page, title: string, entry: RegExp): Promise<{ name: string; text: string }> {
  await section(page, title)
    .getByRole('button', { name: `Export “${title}”` })
    .click();
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: entry }).click(),
  ]);
  return { name: file.suggestedFilename(), text: readFileSync(await file.path(), 'utf8') };
}

test('the panel shows what the record says, on the page, on hover and in its files', async ({ editor }) => {
  const { page } = editor;
  const record = await openReturn(editor);
  expect(record.candidates.length).toBeGreaterThan(0);
  const scoreOf = (frame: number) => mean(record.scores.map((row) => row[record.candidates.indexOf(frame)] ?? 0));

  const kept = [...new Set(record.bank.flat())];
  for (const frame of kept) {
    const layers = record.bank.filter((layer) => layer.includes(frame)).length;
    const words = `score ${formatScore(scoreOf(frame))}, kept by ${layers} of ${record.bank.length} layers`;
    await expect(panel(page).getByRole('button', { name: words }).first()).toBeVisible();
  }

  const heatmap = section(page, 'Layers × frames').getByRole('application');
  const best = Math.max(...record.scores.flat());
  await expect(heatmap).toHaveAccessibleName(
    new RegExp(
      `${record.scores.length} layers for ${record.candidates.length} frames\\. The highest, ${formatScore(best)},`,
    ),
  );
  await heatmap.locator('[data-row="1"][data-column="0"]').first().hover();
  await expect(page.getByText(`Layer 2: score ${record.scores[1]?.[0]}`)).toBeVisible();

  const json = await download(page, 'Layers × frames', /JSON/);
  expect(json.name).toMatch(/, shot 3, chunk 1, memory retrieval\.json$/);
  const cells = JSON.parse(json.text) as Record<string, unknown>[];
  expect(cells).toHaveLength(record.scores.flat().length);
  const written = (score: number) => String(Number(score.toPrecision(6)));
  expect(json.text).toContain(written(record.scores[0]?.[0] ?? 0));

  const csv = await download(page, 'What it remembered', /CSV/);
  const [header = '', ...rows] = csv.text.trimEnd().split('\r\n');
  expect(header.split(',')).toEqual(expect.arrayContaining(['frame', 'role', 'score_mean']));
  for (const frame of kept) expect(rows.some((row) => row.startsWith(`${frame},`) && row.includes('bank'))).toBe(true);
  expect(rows.some((row) => row.includes(written(scoreOf(kept[0] ?? 0))))).toBe(true);

  const png = section(page, 'Layers × frames');
  await png.getByRole('button', { name: /^Export/ }).click();
  const [picture] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: /PNG/ }).click(),
  ]);
  expect(
    readFileSync(await picture.path())
      .subarray(1, 4)
      .toString(),
  ).toBe('PNG');
});

test('every view says what it shows, and the words say how much they pulled', async ({ editor }) => {
  const { page } = editor;
  const record = await openReturn(editor);
  for (const title of [
    'What it remembered',
    'Why',
    'Layers × frames',
    'Sparse activation',
    'Bank flow over this cut',
  ]) {
    await expect(section(page, title).locator('p').first()).toContainText(/\.$/);
  }
  for (const { text } of record.words.filter(({ known }) => known)) {
    await expect(
      section(page, 'Why')
        .getByRole('button', { name: new RegExp(`^${text}, pull `) })
        .first(),
    ).toBeVisible();
  }
  await expect(section(page, 'Sparse activation').getByRole('application')).toBeVisible();
  await expect(section(page, 'Bank flow over this cut')).toContainText(/frame|recall/i);
});

test('a frame pinned from the view makes what follows stale, and undoing it fresh', async ({ editor }) => {
  const { page, known, until, api } = editor;
  const record = await openReturn(editor);
  const frame = [...new Set(record.bank.flat())].find((candidate) => candidate % record.frames === 0);
  expect(frame).toBeDefined();
  await section(page, 'Why').getByRole('button', { name: 'Always remember this' }).click();
  const dialog = page.getByRole('dialog', { name: 'Always remember this frame' });
  await dialog.getByLabel('Who or what is it?').fill('The cat');
  await dialog.getByRole('button', { name: 'Remember it' }).click();
  await until(
    ({ project }) => project?.document.shots.some(({ memory }) => memory.pins?.length === 1) ?? false,
    'pinned',
  );
  await expectState(page, 'one', 'fresh');
  await expectState(page, 'away', 'fresh');
  await expectState(page, 'back', 'stale');
  await expect(panel(page).getByRole('list', { name: 'Directed memory' })).toContainText('The cat');

  await make(editor, 'back');
  await expectState(page, 'back', 'fresh');
  const pinned = known.project?.document.shots[2]?.memory.pins?.[0]?.frame;
  const directed = await api.chunks.record({ key: keysOf(editor, 'back-shot')[0] ?? '' });
  for (const layer of directed.bank) expect(layer).toContain(pinned);

  const made = known.chunks.size;
  await page.keyboard.press('Control+z');
  await until(({ project }) => !project?.document.shots[2]?.memory.pins?.length, 'taken back');
  await expectState(page, 'back', 'fresh');
  expect(known.chunks.size).toBe(made);
});

test('a banned frame is never used', async ({ editor }) => {
  const { page, known, until, api } = editor;
  await openReturn(editor);
  await section(page, 'Why').getByRole('button', { name: 'Never use this' }).click();
  await until(({ project }) => project?.document.shots[2]?.memory.bans?.length === 1, 'banned');
  const banned = known.project?.document.shots[2]?.memory.bans?.[0];
  await expectState(page, 'back', 'stale');
  await make(editor, 'back');
  const record = await api.chunks.record({ key: keysOf(editor, 'back-shot')[0] ?? '' });
  expect(record.bank.flat()).not.toContain(banned);
  expect(record.candidates).not.toContain(banned);
  await panel(page)
    .getByRole('button', { name: /^Allow .* again$/ })
    .first()
    .click();
  await until(({ project }) => !project?.document.shots[2]?.memory.bans?.length, 'allowed again');
  await expectState(page, 'back', 'fresh');
});

test('the same numbers are there after a restart', async ({ editor, browser }) => {
  const { known, host, page } = editor;
  const before = await openReturn(editor);
  const file = known.project?.file ?? '';
  const shown = await panel(page)
    .getByRole('button', { name: /, remembered, score / })
    .first()
    .getAttribute('aria-label');
  await editor.api.projects.close();
  const second = await Host.start({ home: host.home, model: tinyModel });
  const connection = await second.enter();
  await connection.api.projects.open({ file });
  const keyNow = () => keysOf(connection, 'back-shot')[0] ?? '';
  await connection.until(
    ({ project, model, chunks }) => project?.file === file && model !== null && chunks.has(keyNow()),
    'the project is open again with its chunks',
  );
  expect(await connection.api.chunks.record({ key: keyNow() })).toEqual(before);
  const context = await browser.newContext();
  await context.addCookies([connection.cookie]);
  const again = await context.newPage();
  await again.goto(second.origin);
  await node(again, 'back').getByRole('button', { name: 'Chunk 1 of 2, fresh' }).click();
  await again.getByRole('tab', { name: 'Memory' }).click();
  await expect(
    panel(again)
      .getByRole('button', { name: shown ?? '-', exact: true })
      .first(),
  ).toBeVisible();
  await context.close();
  connection.close();
  await second.stop();
});

test('a recall arc under the pointer says its exact score', async ({ editor }) => {
  const { page } = editor;
  const record = await openReturn(editor);
  const [strongest] = recallEdges(record);
  if (!strongest) throw new Error('Nothing was recalled');
  await page.mouse.move(5, 5);
  const arcs = page.locator('[data-recall]');
  await expect(arcs).toHaveCount(recallEdges(record).length);
  const middle = (await page.evaluate(`(() => {
    const path = document.querySelector('[data-recall]');
    const { x, y } = path.getPointAtLength(path.getTotalLength() / 2).matrixTransform(path.getScreenCTM());
    return { x, y };
  })()`)) as { x: number; y: number };
  await page.mouse.move(middle.x, middle.y);
  await expect(page.locator('[data-under]')).toHaveCount(1);
  const chunk = strongest.fromChunk + 1;
  const exactly = page.getByText(
    new RegExp(`^${strongest.score?.toFixed(4)}chunk ${chunk} in chunk ${record.chunkIndex + 1}, `),
  );
  await expect(exactly).toBeVisible();
});

test('an older result names the frames of the cut that it was made in', async ({ editor }) => {
  const { page, until } = editor;
  const record = await openReturn(editor);
  expect(
    record.candidates.some((frame) => frame >= 6 && frame < 12),
    'the second shot could be recalled',
  ).toBe(true);
  await expect(
    panel(page)
      .getByText(/^2 Away/)
      .first(),
  ).toBeVisible();
  await editor.api.document.apply({
    commands: [{ type: 'edit-shot', id: 'away-shot', patch: { prompt: 'A yellow duck on the beach' } }],
    gesture: null,
  });
  await expectState(page, 'back', 'stale');
  await make(editor, 'away');
  await until(({ chunks }) => chunks.size === 8, 'the middle was replaced');
  await expect(panel(page).getByText(/Frames marked “once” are from the cut as it was then/)).toBeVisible();
  await expect(
    panel(page)
      .getByText(/^once White robot/)
      .first(),
  ).toBeVisible();
  await expect(panel(page).getByText(/^2 Away/)).toHaveCount(0);
  await expect(
    panel(page)
      .getByText(/^1 One/)
      .first(),
  ).toBeVisible();
});
