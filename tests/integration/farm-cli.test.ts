import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { decodeFilm } from '../../src/main/export/index.ts';
import { ChunkStore } from '../../src/main/persistence/index.ts';
import { reportSchema } from '../../src/shared/report.ts';
import { noServer, QueueServer } from './farm-fixtures.ts';

// Engines are started, and the machine may be busy.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 60_000 });

const root = join(import.meta.dirname, '../..');
const tinyModel = join(root, 'tests/fixtures/reference-small');
let folder: string;
let server: QueueServer;
const children = new Set<ChildProcess>();
const at = (name: string): string => join(folder, name);

function start(...args: string[]) {
  let text = '';
  const watchers = new Set<() => void>();
  const child = spawn(process.execPath, [join(root, 'src/main/cli.ts'), ...args], {
    cwd: folder,
    env: { ...process.env, XDG_CACHE_HOME: at('system-cache'), NO_COLOR: '1' },
  });
  children.add(child);
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data) => {
      text += data;
      for (const look of watchers) look();
    });
  const exit = new Promise<number | string | null>((resolve) =>
    child.once('exit', (code, signal) => resolve(signal ?? code)),
  );
  const says = (words: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (words.test(text)) resolve();
      };
      watchers.add(look);
      look();
      void exit.then((code) => reject(new Error(`it ended with ${code}: ${text}`)));
    });
  return { child, exit, says, output: () => text };
}

const worker = (name: string, ...rest: string[]) =>
  start(
    'worker',
    '--queue',
    server.url,
    '--store',
    'store',
    '--model',
    tinyModel,
    '--device',
    'cpu',
    '--cache',
    name,
    ...rest,
  );
const render = (film: string, cache: string, ...rest: string[]) =>
  start(
    'render',
    'story.txt',
    '--out',
    film,
    '--model',
    tinyModel,
    '--device',
    'cpu',
    '--cache',
    cache,
    '--height',
    '64',
    ...rest,
  );

/** Digests of every chunk's latents, by key. */
async function latents(cache: string, report: string): Promise<string[]> {
  const store = await ChunkStore.open(join(at(cache), 'chunks.sqlite'));
  const { chunks } = reportSchema.parse(JSON.parse(readFileSync(at(report), 'utf8')));
  const digests = chunks.map(({ key }) => `${key} ${store.get(key)?.latentsDigest}`);
  store.dispose();
  return digests;
}

/** A digest of every decoded frame; the file itself holds the time it was made. */
async function pictures(name: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const frame of decodeFilm(at(name))) hash.update(frame.i420);
  return hash.digest('hex');
}

describe.skipIf(noServer !== null)(`the farm from the command line${noServer ? ` (${noServer})` : ''}`, () => {
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'throughline-farm-'));
    writeFileSync(
      at('story.txt'),
      'a cat in the meadow [3 chunks]\n\n[cut] a robot in the city [4 chunks]\n\n[cut] the meadow [3 chunks]\n',
    );
    server = await QueueServer.start(folder);
  });
  afterEach(async () => {
    for (const child of children) child.kill('SIGKILL');
    children.clear();
    await server.kill();
    rmSync(folder, { recursive: true });
  });

  test('a film of the farm is that of this machine to the bit, though a worker is killed and another leaves', async () => {
    const first = worker('worker-1', '--lease', '3');
    await first.says(/Working for redis:\/\/127\.0\.0\.1:\d+ with .* on cpu-/);
    const film = render('farm.mp4', 'client', '--report', 'farm.json', '--farm', server.url, '--store', 'store');
    await first.says(/chunk 2, .*: made/);
    first.child.kill('SIGKILL');
    // It replays what the first has made, from the store; another number of threads gives the same bits.
    const second = worker('worker-2', '--lease', '3', '--threads', '1');
    await second.says(/chunk 5, .*: made/);
    second.child.kill('SIGTERM');
    expect(await second.exit, second.output()).toBe(0);
    expect(second.output()).toContain('Left; what was not finished is in the queue.');
    const third = worker('worker-3', '--lease', '3');
    expect(await film.exit, film.output()).toBe(0);
    expect(film.output()).toContain('10 chunks made in');
    third.child.kill('SIGTERM');
    expect(await third.exit).toBe(0);

    const local = render('local.mp4', 'local', '--report', 'local.json');
    expect(await local.exit, local.output()).toBe(0);
    expect(await latents('client', 'farm.json')).toEqual(await latents('local', 'local.json'));
    expect(await pictures('farm.mp4')).toBe(await pictures('local.mp4'));
  });

  test('half of a farm, and a farm that is not there, are told before any work', async () => {
    const half = render('film.mp4', 'client', '--farm', server.url);
    expect(await half.exit).toBe(1);
    expect(half.output()).toContain('Error: --farm needs --store.');
    await server.kill();
    const gone = render('film.mp4', 'client', '--farm', server.url, '--store', 'store');
    expect(await gone.exit).toBe(1);
    expect(gone.output()).toMatch(
      /Error: The queue at redis:\/\/127\.0\.0\.1:\d+ cannot be reached: nothing listens there \(ECONNREFUSED\)\.\n {2}Start the server/,
    );
  });
});
