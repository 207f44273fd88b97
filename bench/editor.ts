import { statSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright';
import { findBrowser } from '../scripts/find-browser.ts';
import { ensureRenderer } from '../scripts/setup/renderer.ts';
import type { ModelInfo } from '../src/shared/render.ts';
import { pixelFramesOfChunks } from '../src/shared/timing.ts';
import type { StudioConnection } from '../tests/e2e/support/connection.ts';
import { type BigProject, thousandShots, writeBigProject } from './big-project.ts';
import type { BenchContext } from './context.ts';
import { compareExport } from './editor-export.ts';
import { generate, gestures, typeSomething, undoTime } from './editor-gestures.ts';
import { median, printTable } from './figures.ts';
import { type FrameTimes, followFrames, framesDuring, quantile, shareOver } from './frame-times.ts';
import { ProbedHost } from './probed-host.ts';

const viewport = { width: 1440, height: 900 };
/** A display's frame at 60 a second, and what anyone notices, in milliseconds. */
const [frameMs, noticedMs] = [1000 / 60, 50];
/** What `--quick` opens instead of a thousand shots. */
const fewShots = { main: 40, branches: 3, shotsPerBranch: 4 };

/** The editor at a thousand shots: opening, frames while it is used, the host while chunks are committed, export. */
export async function editor(context: BenchContext): Promise<void> {
  ensureRenderer();
  const { path } = findBrowser(() => {});
  const browser = await chromium.launch({
    executablePath: path,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
  try {
    const model = await coldStart(context, browser);
    const file = join(context.folder, 'thousand.throughline');
    const startedAt = performance.now();
    const project = await writeBigProject(file, model, context.quick ? fewShots : thousandShots);
    const seconds = (performance.now() - startedAt) / 1000;
    const bytes = statSync(file).size / 1e6;
    const { shots } = project.document;
    console.log(
      `\n${shots.length} shots, ${project.chunks} chunks; ${bytes.toFixed(0)} MB, written in ${seconds.toFixed(0)} s\n`,
    );
    await bigProject(context, browser, project);
  } finally {
    await browser.close();
  }
}

/** From starting the host to a page one can use, with the sample project. Returns the model it has loaded. */
async function coldStart(context: BenchContext, browser: Browser): Promise<ModelInfo> {
  const times: { readonly host: number; readonly page: number }[] = [];
  let model: ModelInfo | null = null;
  for (let i = 0; i < (context.quick ? 1 : 5); i++) {
    const startedAt = performance.now();
    const { connection, page, hostMs, close } = await enter(context, browser, `cold-${i}`);
    try {
      await page.locator('[data-shot] img').first().waitFor();
      times.push({ host: hostMs, page: performance.now() - startedAt });
      await connection.until((known) => known.model !== null, 'the model is loaded');
      ({ model } = connection.known);
    } finally {
      await close();
    }
  }
  const row = (what: string, values: readonly number[]) => [
    what,
    median(values),
    Math.min(...values),
    Math.max(...values),
  ];
  printTable(
    ['cold start with the sample, ms', 'median', 'least', 'most'],
    [
      row(
        'host started, link there',
        times.map(({ host }) => host),
      ),
      row(
        'a shot with its pictures on the page',
        times.map(({ page }) => page),
      ),
    ],
  );
  if (!model) throw new Error('No model was loaded');
  return model;
}

interface Entered {
  readonly host: ProbedHost;
  readonly connection: StudioConnection;
  readonly page: Page;
}

/** A host of its own, the API for the benchmark, and a page. Owner: the caller; call `close`. */
async function enter(
  context: BenchContext,
  browser: Browser,
  name: string,
): Promise<Entered & { readonly hostMs: number; readonly close: () => Promise<void> }> {
  const startedAt = performance.now();
  const host = await ProbedHost.start({ home: join(context.folder, name), model: context.model });
  const hostMs = performance.now() - startedAt;
  const connection = await host.enter();
  const visit = await browser.newContext({ viewport });
  const close = async (): Promise<void> => {
    connection.close();
    await visit.close();
    await host.stop();
  };
  await visit.addCookies([connection.cookie]);
  const page = await visit.newPage();
  await page.goto(host.origin);
  return { host, connection, page, hostMs, close };
}

async function bigProject(context: BenchContext, browser: Browser, project: BigProject): Promise<void> {
  const { host, connection, page, close } = await enter(context, browser, 'home');
  try {
    await connection.until(({ model }) => model !== null, 'the model is loaded');
    await opening(context, { host, connection, page }, project);
    await usage({ host, connection, page }, project);
    await undoing(context, page);
    const { model } = connection.known;
    if (!model) throw new Error('The model is gone');
    await compareExport({
      ...{ connection, leaf: project.trailer, source: model.video, folder: context.folder },
      filmSec: pixelFramesOfChunks(project.trailerChunks, model.chunkFrames) / model.video.fps,
    });
  } finally {
    await close();
  }
}

async function opening(context: BenchContext, { host, connection, page }: Entered, project: BigProject): Promise<void> {
  await page.goto('about:blank');
  const openedAt = performance.now();
  await connection.api.projects.open({ file: project.file });
  await connection.until(({ chunks }) => chunks.size > 0, 'the summaries are there');
  const hostMs = performance.now() - openedAt;
  const pages: number[] = [];
  for (let i = 0; i < (context.quick ? 1 : 5); i++) {
    const startedAt = performance.now();
    await page.goto(host.origin);
    await page.locator('[data-shot][data-state=fresh] img').first().waitFor();
    pages.push(performance.now() - startedAt);
  }
  printTable(
    ['opening, ms', 'median', 'most'],
    [
      ['host: document and summaries there', hostMs, hostMs],
      ['page: from navigation to fresh shots with pictures', median(pages), Math.max(...pages)],
    ],
  );
}

async function usage({ host, connection, page }: Entered, project: BigProject): Promise<void> {
  await followFrames(page);
  const rows: (string | number)[][] = [];
  const measure = async (name: string, act: () => Promise<void>): Promise<void> => {
    const { result, delay } = await host.duringIts(() => framesDuring(page, act));
    rows.push(rowOf(name, result, delay.maxMs));
  };
  for (const { name, prepare, act } of gestures) {
    await prepare?.(page);
    await measure(name, () => act(page));
  }
  await measure('play while chunks come', () => generate(page, project, connection));
  console.log('\nFrames of the page, and the longest time that the host did nothing else, ms:\n');
  printTable(['gesture', 'median', 'p95', 'worst', '> 16.7, %', '> 50, %', 'long tasks', 'longest', 'host'], rows);
}

async function undoing(context: BenchContext, page: Page): Promise<void> {
  const undos: number[] = [];
  for (let i = 0; i < (context.quick ? 1 : 7); i++) {
    await typeSomething(page);
    undos.push(await undoTime(page));
  }
  console.log('');
  printTable(['ms', 'median', 'most'], [['undo, from key to page', median(undos), Math.max(...undos)]]);
  console.log('');
}

function rowOf(name: string, { frames, longTasks }: FrameTimes, hostMs: number): (string | number)[] {
  return [
    ...[name, median(frames), quantile(frames, 0.95), Math.max(...frames)],
    ...[shareOver(frames, frameMs), shareOver(frames, noticedMs)],
    ...[String(longTasks.length), Math.max(0, ...longTasks), hostMs],
  ];
}
