import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { decodeFilm, verifyFilm } from '../../src/main/export/index.ts';
import { comparisonSchema } from '../../src/shared/lab/index.ts';
import { type Report, reportSchema } from '../../src/shared/report.ts';

const root = join(import.meta.dirname, '../..');
const tinyModel = join(root, 'tests/fixtures/reference-small');

// Every run starts an engine, and the machine may be busy.
vi.setConfig({ testTimeout: 180_000 });

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'throughline-cli-'));
  writeFileSync(
    at('story.txt'),
    'a cat in the meadow [3 chunks]\n\n[cut] a robot in the city [4 chunks]\n\n[cut] the meadow [2 chunks]\n',
  );
});
afterEach(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(folder, name);

interface Run {
  readonly child: ChildProcess;
  output(): string;
  readonly exit: Promise<number | null>;
}

/** The command line as a process, in a process group of its own as a terminal would start it. */
function start(...args: string[]): Run {
  let text = '';
  const child = spawn(process.execPath, [join(root, 'src/main/cli.ts'), ...args], {
    cwd: folder,
    detached: true,
    env: { ...process.env, XDG_CACHE_HOME: at('system-cache'), NO_COLOR: '1' },
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data) => {
      text += data;
    });
  }
  return { child, output: () => text, exit: new Promise((resolve) => child.on('exit', resolve)) };
}

const render = (cache: string, film: string, ...rest: string[]) =>
  start('render', 'story.txt', '--out', film, '--model', tinyModel, '--cache', at(cache), '--height', '64', ...rest);

const report = (name: string): Report => reportSchema.parse(JSON.parse(readFileSync(at(name), 'utf8')));

/** A digest of every decoded frame; the file itself holds the time it was made. */
async function pictures(name: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const frame of decodeFilm(at(name))) hash.update(frame.i420);
  return hash.digest('hex');
}

test('a story becomes a film, in a process of its own', async () => {
  const run = render('cache', 'film.mp4', '--report', 'report.json', '--contact-sheet', 'sheet.png');
  expect(await run.exit, run.output()).toBe(0);
  expect(await verifyFilm(at('film.mp4'))).toMatchObject({ frameCount: 9 + 8 * 12 });
  const recalled = report('report.json').chunks.map((chunk) => chunk.memory.bank[0]?.length);
  expect(recalled).toEqual([0, 0, 0, 1, 1, 1, 2, 3, 3].map(() => expect.any(Number)));
  const account = start('inspect', 'report.json');
  expect(await account.exit).toBe(0);
  expect(account.output()).toContain('Shot 3');
  expect(account.output()).toMatch(/0:\d\d\.\d shot 1 "a cat in the meadow"/);
});

test.skipIf(process.platform === 'win32')(
  'Ctrl+C leaves no half film; the same command goes on, to the same film',
  async () => {
    const first = render('cache', 'film.mp4');
    await new Promise<void>((resolve) => {
      first.child.stderr?.on('data', () => {
        if (first.output().includes('chunk 3 of 9')) resolve();
      });
    });
    // A terminal sends it to every process of the group: the engine too.
    process.kill(-(first.child.pid as number), 'SIGINT');
    expect(await first.exit, first.output()).toBe(130);
    expect(first.output()).toContain('The same command goes on');
    expect(first.output()).not.toContain('Error');
    expect(readdirSync(folder).filter((name) => name.includes('film'))).toEqual([]);

    const second = render('cache', 'film.mp4', '--report', 'second.json');
    expect(await second.exit, second.output()).toBe(0);
    const { stored, made } = report('second.json').totals;
    expect(stored).toBeGreaterThanOrEqual(3);
    expect(stored + made).toBe(9);

    const whole = render('other-cache', 'whole.mp4', '--report', 'whole.json');
    expect(await whole.exit, whole.output()).toBe(0);
    const remembered = (name: string) =>
      report(name).chunks.map(({ key, memory }) => [key, memory.bank, memory.scores]);
    expect(remembered('second.json')).toEqual(remembered('whole.json'));
    expect(await pictures('film.mp4')).toBe(await pictures('whole.mp4'));
  },
);

test('a story is compared under two memories: a table, its numbers, a picture; a second run makes nothing', async () => {
  const compare = (...rest: string[]) =>
    start('compare', 'story.txt', '--model', tinyModel, '--cache', at('cache'), ...rest);
  const wrong = compare('--memories', 'window,mag');
  expect(await wrong.exit).toBe(1);
  expect(wrong.output()).toContain('has no memory called mag.');
  const run = compare('--memories', 'window,nam+sma', '--csv', 'a.csv', '--json', 'a.json', '--png', 'a.png');
  expect(await run.exit, run.output()).toBe(0);
  expect(run.output()).toContain('It returns to: meadow (shot 1, again in 3).');
  expect(run.output()).toMatch(/ Window +NAM \+ SMA\n/);
  expect(run.output()).toMatch(/Return, PSNR +\d+\.\d dB +\d+\.\d dB\n/);
  expect(readFileSync(at('a.csv'), 'utf8').trim().split('\r\n')).toHaveLength(3);
  expect(readFileSync(at('a.png')).subarray(1, 4).toString()).toBe('PNG');
  const comparison = comparisonSchema.parse(JSON.parse(readFileSync(at('a.json'), 'utf8')));
  // Every chunk of every film came about in the first run.
  const again = compare('--memories', 'nam+sma', '--json', 'b.json');
  expect(await again.exit, again.output()).toBe(0);
  expect(again.output()).not.toMatch(/made in/);
  expect(again.output()).toContain('– (Time a chunk): None of its chunks was made by this machine in this run');
  const { films } = comparisonSchema.parse(JSON.parse(readFileSync(at('b.json'), 'utf8')));
  expect(comparison.films.map(({ secondsPerChunk }) => (secondsPerChunk ?? 0) > 0)).toEqual([true, true]);
  // It made nothing, so that it has no times of its own.
  expect(films).toEqual(comparison.films.slice(1).map((film) => ({ ...film, secondsPerChunk: null })));
});

test('a folder that holds no model is one sentence and a hint', async () => {
  const run = start('render', 'story.txt', '--out', 'film.mp4', '--model', folder, '--cache', at('cache'));
  expect(await run.exit).toBe(1);
  expect(run.output()).toMatch(/^Error: [^\n]+\n {2}[^\n]+\n$/);
  expect(existsSync(at('film.mp4'))).toBe(false);
});

test.skipIf(process.platform === 'win32')(
  'a reader that goes away ends no render, and is no error; a cancel while stored chunks are decoded is a cancel',
  async () => {
    const first = render('cache', 'film.mp4', '--report', 'report.json');
    first.child.stdout?.destroy();
    first.child.stderr?.destroy();
    expect(await first.exit).toBe(0);
    expect(await verifyFilm(at('film.mp4'))).toMatchObject({ frameCount: 9 + 8 * 12 });

    const piped = spawn(
      'sh',
      ['-c', `"${process.execPath}" "${join(root, 'src/main/cli.ts')}" inspect report.json | head -n 1`],
      {
        cwd: folder,
      },
    );
    let said = '';
    for (const stream of [piped.stdout, piped.stderr]) stream.on('data', (data) => (said += data));
    expect(await new Promise((resolve) => piped.on('exit', resolve))).toBe(0);
    expect(said.trim().split('\n')).toHaveLength(1);

    for (const [signal, code] of [
      ['SIGINT', 130],
      ['SIGTERM', 143],
      ['SIGHUP', 129],
    ] as const) {
      const again = render('cache', 'again.mp4');
      await new Promise<void>((resolve) => {
        again.child.stderr?.on('data', () => {
          if (again.output().includes('found finished')) resolve();
        });
      });
      again.child.kill(signal);
      expect(await again.exit, again.output()).toBe(code);
      expect(again.output()).not.toContain('Error');
    }
    expect(readdirSync(folder).filter((name) => /again|throughline-/.test(name))).toEqual([]);
  },
);

test.skipIf(process.platform === 'win32')('SIGTERM is heard while a long story is planned', async () => {
  const shots = Array.from({ length: 9000 }, (_, i) => ({ prompt: `a cat, the ${i}th time`, chunks: 10 }));
  writeFileSync(at('long.json'), JSON.stringify({ format: 'throughline-story', version: 1, shots }));
  const run = start(
    'render',
    'long.json',
    '--out',
    'long.mp4',
    '--model',
    tinyModel,
    '--cache',
    at('cache'),
    '--height',
    '64',
  );
  // The engine's cache appears when the model is loaded; planning begins then.
  while (!existsSync(at('cache/kv.sqlite')) && run.child.exitCode === null)
    await new Promise((resolve) => setTimeout(resolve, 20));
  run.child.kill('SIGTERM');
  expect(await run.exit, run.output()).toBe(143);
  expect(run.output()).not.toContain('chunk 2 of');
});
