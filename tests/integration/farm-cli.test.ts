import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createCanvas } from '@napi-rs/canvas';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { decodeFilm } from '../../src/main/export/index.ts';
import { ChunkStore } from '../../src/main/persistence/index.ts';
import { EventHub } from '../../src/main/studio/event-hub.ts';
import { OpenProject } from '../../src/main/studio/project/open-project.ts';
import { ThroughlineError } from '../../src/shared/errors.ts';
import { type Comparison, comparisonSchema } from '../../src/shared/lab/index.ts';
import { reportSchema } from '../../src/shared/report.ts';
import { CliBench } from '../fakes/cli-bench.ts';
import { FakeEngine } from '../fakes/fake-engine.ts';
import { compiled, noServer, QueueServer, WorkerProcess } from './farm-fixtures.ts';
import { studioOptions, TestWindow } from './studio-fixtures.ts';

// Engines are started, and the machine may be busy.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 60_000 });

const root = join(import.meta.dirname, '../..');
const endWithParent = pathToFileURL(join(root, 'tests/fakes/end-with-parent.ts')).href;
const tinyModel = join(root, 'tests/fixtures/reference-small');
let folder: string;
let server: QueueServer;
const children = new Set<ChildProcess>();
const at = (name: string): string => join(folder, name);

function start(...args: string[]) {
  let text = '';
  const watchers = new Set<() => void>();
  const child = spawn(process.execPath, ['--import', endWithParent, join(root, 'src/main/cli.ts'), ...args], {
    cwd: folder,
    env: { ...process.env, XDG_CACHE_HOME: at('system-cache'), NODE_COMPILE_CACHE: compiled, NO_COLOR: '1' },
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
/** `throughline compare`, as two memories and two seeds. */
const compare = (table: string, cache: string, ...rest: string[]) =>
  start(
    'compare',
    'short.txt',
    ...['--memories', 'window,nam', '--seeds', '2', '--json', table],
    ...['--model', tinyModel, '--device', 'cpu', '--cache', cache],
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

const onFarm = (): string[] => ['--farm', server.url, '--store', 'store'];
const film = (name: string): string[] => [
  ...['--format', 'mp4', '--out', `${name}.mp4`, '--height', '64'],
  ...['--model', tinyModel, '--device', 'cpu', '--cache', `cache-${name}`],
];

/** A project of two cuts that share a shot, nothing of it made. */
async function project(name: string) {
  const options = studioOptions(at(name));
  const window = new TestWindow(options);
  const { file } = await window.api.projects.create({ title: name });
  const root = await window.add(null, 'a cat in the meadow', 2, { id: 'root-shot', seed: 1 });
  const branches = [
    await window.add(root, 'a robot in the city', 2, { id: 'branch-0', name: 'one', seed: 2 }),
    await window.add(root, 'a cat in the city', 2, { id: 'branch-1', name: 'two', seed: 3 }),
  ];
  await window.close();
  return {
    file,
    /** On this machine, in the editor. */
    generate: async (): Promise<void> => {
      const editor = new TestWindow(options);
      await editor.api.projects.open({ file });
      expect(await editor.generate(...branches)).toMatchObject({ state: 'done', chunksDone: 6 });
      await editor.close();
    },
    /** Chunks with digests of their latents, and their pictures; takes. */
    content: async () => {
      const opened = await OpenProject.open(file, new EventHub(() => []));
      const chunks: [string, string | undefined, string][] = [];
      for (const key of [...opened.chunks.keys()].sort()) {
        const strip = (await opened.store.media(key, 'strip.webp')) ?? new Uint8Array();
        chunks.push([key, (await opened.store.chunk(key))?.latentsDigest, Buffer.from(strip).toString('base64')]);
      }
      const takes = opened.takes.map(({ shotId, keys }) => [shotId, ...keys]).sort();
      await opened.close();
      return { chunks, takes };
    },
  };
}

/** Digests of every chunk's latents, by key. */
async function latents(cache: string, report: string): Promise<string[]> {
  const store = await ChunkStore.open(join(at(cache), 'chunks.sqlite'));
  const { chunks } = reportSchema.parse(JSON.parse(readFileSync(at(report), 'utf8')));
  const digests = chunks.map(({ key }) => `${key} ${store.get(key)?.latentsDigest}`);
  store.dispose();
  return digests;
}

const comparison = (name: string): Comparison => comparisonSchema.parse(JSON.parse(readFileSync(at(name), 'utf8')));

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
    writeFileSync(
      at('short.txt'),
      'a cat in the meadow [2 chunks]\n\n[cut] a robot [1 chunk]\n\n[cut] the meadow [2 chunks]\n',
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

  test('a film with pictures in memory, and one that it begins with, is that of this machine to the bit', async () => {
    for (const [name, ink] of [
      ['mia', 'rgb(220, 60, 50)'],
      ['begin', 'rgb(90, 110, 190)'],
    ] as const) {
      const canvas = createCanvas(300, 200);
      const context = canvas.getContext('2d');
      context.fillStyle = 'rgb(120, 190, 110)';
      context.fillRect(0, 0, 300, 200);
      context.fillStyle = ink;
      context.fillRect(90, 40, 100, 120);
      writeFileSync(at(`${name}.png`), await canvas.encode('png'));
    }
    writeFileSync(at('story.txt'), 'a cat in the meadow [1 chunk]\n\n[cut] a robot in the city [1 chunk]\n');
    const model = ['--model', join(root, 'resources/models/animatic')];
    const maker = worker('worker-1', ...model);
    await maker.says(/Working for/);
    const pictured = ['--picture', 'Mia: a red cat=mia.png', '--first-frame', 'begin.png', ...model];
    const farm = render('farm.mp4', 'client', '--report', 'farm.json', ...onFarm(), ...pictured);
    expect(await farm.exit, farm.output()).toBe(0);
    expect(maker.output().match(/^chunk \d+, \w+: made$/gm)).toHaveLength(2);
    const local = render('local.mp4', 'local', '--report', 'local.json', ...pictured);
    expect(await local.exit, local.output()).toBe(0);
    expect(await latents('client', 'farm.json')).toEqual(await latents('local', 'local.json'));
    expect(await pictures('farm.mp4')).toBe(await pictures('local.mp4'));
    const { chunks } = reportSchema.parse(JSON.parse(readFileSync(at('farm.json'), 'utf8')));
    expect(chunks.map(({ memory }) => memory.pictures.map(({ name }) => name))).toEqual([['Mia'], ['Mia']]);
  });

  test('a worker of two models makes the films of both, which are those of this machine to the bit', async () => {
    const models = { small: tinyModel, sharp: join(root, 'tests/fixtures/reference-sharp') };
    writeFileSync(at('story.txt'), 'a cat in the meadow [2 chunks]\n\n[cut] a robot in the city [1 chunk]\n');
    const maker = worker('worker-1', '--name', 'both', '--model', models.sharp, '--model', at('nowhere'));
    await maker.says(/Working for .* with .+ on cpu-\w+, .+ on cpu-\w+; results go to/);
    expect(maker.output()).toContain(`Note: the model ${at('nowhere')} is left out: `);
    const pairs = Object.entries(models);
    const films = pairs.map(([name, model]) =>
      render(`farm-${name}.mp4`, `client-${name}`, '--report', `farm-${name}.json`, ...onFarm(), '--model', model),
    );
    for (const film of films) expect(await film.exit, film.output()).toBe(0);
    // What a worker says of itself may be a second old.
    const status = async (): Promise<string> => {
      const asked = start('farm', 'status', '--queue', server.url);
      expect(await asked.exit, asked.output()).toBe(0);
      return asked.output();
    };
    await expect.poll(status, { timeout: 60_000 }).toContain('; waits for work; 6 made, ');
    expect(await status()).toMatch(/: 1 worker\nboth: .+, .+ on cpu-\w+; waits for work; 6 made, \d+\.\d s a chunk\n$/);
    maker.child.kill('SIGTERM');
    expect(await maker.exit).toBe(0);
    for (const [name, model] of pairs) {
      const local = render(`local-${name}.mp4`, `local-${name}`, '--report', `local-${name}.json`, '--model', model);
      expect(await local.exit, local.output()).toBe(0);
      const here = await latents(`local-${name}`, `local-${name}.json`);
      expect(await latents(`client-${name}`, `farm-${name}.json`)).toEqual(here);
      expect(await pictures(`farm-${name}.mp4`)).toBe(await pictures(`local-${name}.mp4`));
    }
  });

  test('the films of a comparison are made side by side, each chunk once, and measure as those of this machine', async () => {
    const workers = [worker('worker-1'), worker('worker-2')];
    for (const { says } of workers) await says(/Working for/);
    const farm = compare('farm.json', 'client', '--farm', server.url, '--store', 'store');
    expect(await farm.exit, farm.output()).toBe(0);
    expect(farm.output()).toContain('All films on the farm: 20 chunks to make');
    expect(farm.output()).toMatch(/Time a chunk +– +–/);
    expect(farm.output()).toContain('There is no time a chunk: the farm’s workers made the chunks');
    const made = workers.map(({ output }) =>
      [...output().matchAll(/^chunk \d+, (\w+): made$/gm)].map(([, key]) => key),
    );
    for (const one of made) expect(one.length).toBeGreaterThan(0);
    const { films, ...rest } = comparison('farm.json');
    const keys = films.flatMap((film) => film.keys.map((key) => key.slice(0, 12)));
    expect(made.flat().sort()).toEqual(keys.sort());

    const local = compare('local.json', 'local');
    expect(await local.exit, local.output()).toBe(0);
    const here = comparison('local.json');
    expect(here.films.every(({ secondsPerChunk }) => (secondsPerChunk ?? 0) > 0)).toBe(true);
    expect({ ...rest, films }).toEqual({
      ...here,
      films: here.films.map((film) => ({ ...film, secondsPerChunk: null })),
    });
  });

  test('films that begin with footage are those of this machine to the bit, though a worker is killed within the clip', async () => {
    mkdirSync(at('clip'));
    for (let i = 0; i < 45; i++) {
      const canvas = createCanvas(300, 200);
      const context = canvas.getContext('2d');
      context.fillStyle = 'rgb(120, 190, 110)';
      context.fillRect(0, 0, 300, 200);
      context.fillStyle = 'rgb(220, 60, 50)';
      context.fillRect(20 + 4 * i, 60, 90, 90);
      writeFileSync(at(`clip/${i}.png`), await canvas.encode('png'));
    }
    writeFileSync(at('short.txt'), 'a red cat in the meadow [3 chunks]\n\nthe cat waves [1 chunk]\n');
    const model = ['--model', join(root, 'resources/models/animatic')];
    const given = ['--footage', 'clip', '--memories', 'window', '--seeds', '1', ...model];
    const first = worker('worker-1', '--lease', '3', ...model);
    await first.says(/Working for/);
    const farm = compare('farm.json', 'client', ...onFarm(), ...given);
    await first.says(/chunk 1, .*: made/);
    first.child.kill('SIGKILL');
    const second = worker('worker-2', '--lease', '3', ...model);
    expect(await farm.exit, farm.output()).toBe(0);
    expect(second.output()).toMatch(/chunk 4, .*: made/);

    const local = compare('local.json', 'local', ...given);
    expect(await local.exit, local.output()).toBe(0);
    const [there, here] = [comparison('farm.json'), comparison('local.json')];
    expect(there.films.map(({ keys }) => keys)).toEqual(here.films.map(({ keys }) => keys));
    expect(there.films[0]?.measures).toEqual(here.films[0]?.measures);
    expect(there.films[0]?.measures.given).toHaveLength(3);
    const digests = async (cache: string): Promise<(string | undefined)[]> => {
      const store = await ChunkStore.open(join(at(cache), 'chunks.sqlite'));
      const all = here.films.flatMap(({ keys }) => keys.map((key) => store.get(key)?.latentsDigest));
      store.dispose();
      return all;
    };
    expect(await digests('client')).toEqual(await digests('local'));
  }, 600_000);

  test('what a project misses is made on the farm and exported here: keys, latents and pictures are those of this machine', async () => {
    const workers = [worker('worker-1'), worker('worker-2')];
    for (const { says } of workers) await says(/Working for/);
    const [farm, here] = [await project('farm'), await project('here')];
    const nothing = start('export', farm.file, ...film('nothing'));
    expect(await nothing.exit).toBe(1);
    expect(nothing.output()).toContain('Nothing was generated in this project yet');
    const board = start('export', farm.file, ...onFarm(), '--format', 'edl', '--out', 'farm.edl');
    expect(await board.exit).toBe(1);
    expect(board.output()).toContain('The edl format needs no pictures, so --farm has no place in it.');

    const exporting = start('export', farm.file, ...film('farm'), '--every-cut', ...onFarm());
    expect(await exporting.exit, exporting.output()).toBe(0);
    expect(exporting.output()).toContain('On the farm: 6 chunks to make');
    expect(exporting.output()).not.toContain('Note:');
    const again = start('export', farm.file, ...film('again'), ...onFarm());
    expect(await again.exit, again.output()).toBe(0);
    expect(again.output()).not.toContain('On the farm');
    const made = workers.flatMap(({ output }) =>
      [...output().matchAll(/^chunk \d+, (\w+): made$/gm)].map(([, key]) => key),
    );
    expect([made.length, new Set(made).size]).toEqual([6, 6]);

    await here.generate();
    const local = start('export', here.file, ...film('here'), '--every-cut');
    expect(await local.exit, local.output()).toBe(0);
    expect(await farm.content()).toEqual(await here.content());
    const films = readdirSync(folder).filter((name) => /^farm - .*\.mp4$/.test(name));
    expect(films).toHaveLength(2);
    for (const name of films) expect(await pictures(name)).toBe(await pictures(name.replace('farm', 'here')));
  });

  test('the frame size reaches the engine of a worker', async () => {
    const bench = new CliBench(folder);
    bench.failStart = new ThroughlineError('bad-input', 'This size cannot be drawn.', '');
    const queue = ['--queue', server.url, '--store', at('store'), '--model', tinyModel];
    expect(await bench.run('worker', ...queue, '--size', '64x48')).toBe(1);
    expect(bench.started).toMatchObject([{ frameSize: { width: 64, height: 48 } }]);
    expect(bench.terminal.errors).toContain('This size cannot be drawn.');
  });

  test('workers on another kind of device make a film where they are named', async () => {
    const worker = new WorkerProcess(folder, 'cpu', { queue: server.url, chunkMs: 1 }); // on cpu-x64
    onTestFinished(() => worker.kill());
    await worker.until('ready');
    const bench = new CliBench(folder, { engine: new FakeEngine({ device: 'gpu' }) });
    const farm = ['--farm', server.url, '--store', at('store'), '--farm-device', 'cpu-x64'];
    const code = await bench.run('render', at('story.txt'), '--out', at('film.mp4'), '--height', '32', ...farm);
    expect(bench.terminal.errors).not.toContain('Error');
    expect(code).toBe(0);
    expect([worker.made.length, bench.engine.made.length]).toEqual([10, 0]);
  });

  test('half of a farm, and a farm that is not there, are told before any work', async () => {
    const half = render('film.mp4', 'client', '--farm', server.url);
    expect(await half.exit).toBe(1);
    expect(half.output()).toContain('Error: --farm needs --store.');
    await server.kill();
    const gone = render('film.mp4', 'client', '--farm', server.url, '--store', 'unmade');
    expect(await gone.exit).toBe(1);
    expect(gone.output()).toMatch(
      /Error: The queue at redis:\/\/127\.0\.0\.1:\d+ cannot be reached: nothing listens there \(ECONNREFUSED\)\.\n {2}Start the server/,
    );
    expect(existsSync(at('unmade'))).toBe(false);
  });
});
