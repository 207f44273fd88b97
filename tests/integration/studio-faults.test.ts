import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import type { EngineOptions } from '../../src/main/engine/client.ts';
import { FakeStudioEngine } from '../fakes/fake-studio-engine.ts';
import { smallDisk } from './export-fixtures.ts';
import { CountedEngines, studioOptions, TestWindow, testFolder } from './studio-fixtures.ts';

/** A studio in a process of its own that generates until it is killed. */
class Victim {
  readonly child: ChildProcess;
  readonly chunks: string[] = [];
  file = '';
  shotId = '';
  readonly #lines: Promise<void>;
  #wake = () => {};

  constructor(folder: string) {
    this.child = spawn(
      process.execPath,
      ['--no-warnings', fileURLToPath(new URL('./studio-victim.ts', import.meta.url)), folder],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    onTestFinished(() => void this.child.kill('SIGKILL'));
    this.#lines = this.#read();
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await Promise.race([this.#lines, new Promise<void>((resolve) => (this.#wake = resolve))]);
      if (this.child.exitCode !== null) throw new Error('the other process ended too soon');
    }
  }

  /** As a power cut would, as far as this process is concerned. */
  async kill(): Promise<void> {
    const gone = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGKILL');
    await gone;
  }

  async #read(): Promise<void> {
    let text = '';
    for await (const data of this.child.stdout ?? []) {
      text += data;
      const lines = text.split('\n');
      text = lines.pop() ?? '';
      for (const line of lines) {
        const [what, value = ''] = line.split(/ (.*)/);
        if (what === 'file') this.file = value;
        if (what === 'shot') this.shotId = value;
        if (what === 'chunk') this.chunks.push(value);
      }
      this.#wake();
    }
  }
}

test('kill -9 of everything: what was said to be stored is there, and the queue waits to go on', async () => {
  const folder = testFolder();
  const victim = new Victim(folder);
  const engines = new CountedEngines();
  const window = new TestWindow({ ...studioOptions(folder), startEngine: engines.start });
  await victim.until(() => victim.chunks.length >= 3);

  // While it lives, its project is its own.
  await expect(window.api.projects.open({ file: victim.file })).rejects.toMatchObject({
    data: { code: 'database', message: `${victim.file} is open in another Throughline.` },
  });

  await victim.kill();
  const state = await window.api.projects.open({ file: victim.file });
  expect(state.document.shots).toHaveLength(1);
  await window.until(() => window.project?.file === victim.file && window.chunks.size > 0);
  for (const key of victim.chunks) expect(window.chunks.has(key)).toBe(true);
  const stored = window.chunks.size;
  expect(window.queue).toMatchObject({ paused: true, jobs: [{ state: 'waiting', shotIds: [victim.shotId] }] });

  await window.api.queue.resume();
  await window.until(() => window.chunks.size >= stored + 2);
  expect(engines.requests[0]?.recipe.chunkIndex).toBe(stored);
  await window.api.queue.cancel({ jobId: window.queue.jobs[0]?.id ?? '' });
});

test('an engine that dies is started again and the job goes on; one that keeps dying stops the job', async () => {
  const engines: FakeStudioEngine[] = [];
  let deadly = 1;
  const window = new TestWindow({
    ...studioOptions(testFolder()),
    startEngine: async (options) => {
      const engine = new FakeStudioEngine(options);
      engines.push(engine);
      engine.beforePhase = (request, phase) => {
        if (deadly > 0 && request.recipe.chunkIndex === 1 && phase.phase === 'committing') {
          deadly--;
          throw engine.die();
        }
      };
      return engine;
    },
  });
  await window.api.projects.create({});
  const shot = await window.add(null, 'a cat', 3);
  expect(await window.generate(shot)).toMatchObject({ state: 'done', error: null });
  expect(engines).toHaveLength(2);
  expect(engines.map((engine) => engine.made.length)).toEqual([1, 2]);
  expect(window.events.filter((event) => event.type === 'notice')).toHaveLength(1);

  deadly = Number.POSITIVE_INFINITY;
  const other = await window.add(null, 'a dog', 3);
  const failed = await window.generate(other);
  expect(failed).toMatchObject({ state: 'failed', chunksDone: 1, error: { code: 'engine-died' } });
  expect(engines.length).toBeLessThanOrEqual(6);

  // A new wish is a new attempt.
  deadly = 0;
  await window.api.queue.retry({ jobId: failed?.id ?? '' });
  await window.until(() => window.job(failed?.id ?? '')?.state === 'done');
});

test('without a model a project opens, and says what is missing when it is to be generated', async () => {
  const folder = testFolder();
  const { startEngine: _, ...options } = studioOptions(folder);
  const window = new TestWindow({ ...options, modelFolder: join(folder, 'nowhere') });
  await window.api.projects.create({ title: 'Without' });
  const shot = await window.add(null, 'a cat', 1);
  await expect(window.api.queue.generate({ shotIds: [shot] })).rejects.toMatchObject({
    data: { code: 'model-missing' },
  });
  await window.until(() => window.events.some((event) => event.type === 'engine' && event.engine.state === 'failed'));
});

test('a damaged project is refused in a sentence, and left as it is', async () => {
  const folder = testFolder();
  const window = new TestWindow({
    ...studioOptions(folder),
    startEngine: async (options) => new FakeStudioEngine(options),
  });
  const { file } = await window.api.projects.create({ title: 'Whole' });
  const shot = await window.add(null, 'a cat', 6);
  await window.generate(shot);
  await window.api.projects.close();
  const at = (name: string) => join(folder, name);
  const damaged: Record<string, (path: string) => void> = {
    'half.throughline': (path) => truncateSync(path, 50_000),
    'empty.throughline': (path) => truncateSync(path, 0),
    'scribbled.throughline': (path) => {
      const bytes = readFileSync(path);
      bytes.fill(0xa5, 8192, bytes.length - 4096);
      writeFileSync(path, bytes);
    },
    'other.throughline': (path) => writeFileSync(path, 'not a database at all'),
  };
  for (const [name, damage] of Object.entries(damaged)) {
    copyFileSync(file, at(name));
    damage(at(name));
    const before = readFileSync(at(name));
    const refused = await window.api.projects.open({ file: at(name) }).then(
      () => null,
      (error) => error.data,
    );
    expect(refused, name).toMatchObject({ code: 'database', message: expect.stringContaining(at(name)) });
    expect(readFileSync(at(name)).equals(before), name).toBe(true);
  }
  // The whole one still opens, in the same studio.
  expect((await window.api.projects.open({ file })).document.shots).toHaveLength(1);
  expect(existsSync(`${file}-wal`)).toBe(true);
  await window.close();
  expect(readdirSync(join(folder, 'projects'))).toEqual(['Whole.throughline']);
});

test('chunks that were altered on the disk are shown as missing, and made again alone', async () => {
  const window = new TestWindow({
    ...studioOptions(testFolder()),
    startEngine: async (options) => new FakeStudioEngine(options),
  });
  const { file } = await window.api.projects.create({ title: 'Altered' });
  const shot = await window.add(null, 'a cat', 5);
  await window.generate(shot);
  const keys = window.takes[0]?.keys ?? [];
  await window.api.projects.close();
  const db = new DatabaseSync(file);
  db.prepare('UPDATE chunk SET latents = zeroblob(length(latents)) WHERE key = ?').run(keys[1] ?? '');
  db.prepare("UPDATE media SET data = zeroblob(length(data)) WHERE kind = 'strip.webp' AND chunk_key = ?").run(
    keys[3] ?? '',
  );
  db.close();

  await window.api.projects.open({ file });
  const notice = () => window.events.find((event) => event.type === 'notice' && /damaged/.test(event.message));
  await window.until(() => notice() !== undefined);
  expect(notice()).toMatchObject({
    message: '2 chunks of this project were damaged on the disk and must be made again.',
  });
  expect(keys.map((key) => window.chunks.has(key))).toEqual([true, false, true, false, true]);
  expect(await window.generate(shot)).toMatchObject({ state: 'done', chunksDone: 2 });
  expect(keys.every((key) => window.chunks.has(key))).toBe(true);
  const { store } = window.studio.workspace.project;
  expect(await store.findDamaged(0, 100)).toEqual({ damaged: [], next: null });
  expect(await store.latents(keys[1] ?? '')).toBeInstanceOf(Float32Array);
});

test('a full disk: the save indicator says so, nothing is lost, and it is saved once there is room', async () => {
  const disk = smallDisk('size=3m');
  if (disk === null) return; // only where this process may mount
  const window = new TestWindow({
    ...studioOptions(testFolder()),
    startEngine: async (options) => new FakeStudioEngine(options),
  });
  const { file } = await window.api.projects.create({ file: join(disk, 'small.throughline') });
  const shot = await window.add(null, 'a cat', 1);
  await window.generate(shot);
  const filler = join(disk, 'filler');
  let bytes = 3 * 1024 ** 2;
  for (; bytes > 4096 && !fill(filler, bytes); bytes = Math.floor(bytes * 0.9)) rmSync(filler, { force: true });
  await window.api.document.apply({
    commands: [{ type: 'edit-shot', id: shot, patch: { prompt: 'x'.repeat(4000) } }],
    gesture: null,
  });
  for (let i = 0; i < 60 && window.project?.save.state !== 'failed'; i++) {
    await window.add(null, 'y'.repeat(4000), 1);
    await window.studio.workspace.project.saved();
  }
  await window.until(() => window.project?.save.state === 'failed');
  expect(window.project?.save).toMatchObject({
    error: { code: 'disk-full', message: expect.stringContaining('full') },
  });
  const job = await window.generate(shot);
  expect(job).toMatchObject({ state: 'failed', error: { message: expect.stringContaining('full') } });

  rmSync(filler);
  await window.until(() => window.project?.save.state === 'saved');
  const shots = window.project?.document.shots.length;
  await window.api.projects.close();
  expect((await window.api.projects.open({ file })).document.shots).toHaveLength(shots ?? 0);
  await window.close();
});

/** Whether a file of that size still fits. */
function fill(file: string, bytes: number): boolean {
  try {
    writeFileSync(file, Buffer.alloc(bytes));
    return true;
  } catch {
    return false;
  }
}

test('a project written by kill -9 in the middle of edits opens with the last one that was said to be saved', async () => {
  const folder = testFolder();
  const fake = {
    ...studioOptions(folder),
    startEngine: async (options: EngineOptions) => new FakeStudioEngine(options),
  };
  const window = new TestWindow(fake);
  const { file } = await window.api.projects.create({ title: 'Edits' });
  for (let i = 0; i < 5; i++) await window.add(null, `shot ${i}`, 1);
  await window.until(() => window.project?.document.shots.length === 5 && window.project.save.state === 'saved');
  // What a crash leaves behind: the database and its log, as they are on the disk now.
  const copy = join(folder, 'crashed.throughline');
  for (const ending of ['', '-wal']) copyFileSync(`${file}${ending}`, `${copy}${ending}`);
  const again = new TestWindow(fake);
  const state = await again.api.projects.open({ file: copy });
  expect(state.document.shots.map(({ prompt }) => prompt)).toEqual([0, 1, 2, 3, 4].map((i) => `shot ${i}`));
  expect(state.undo).toBe('add a shot');
  await again.api.document.undo();
  await again.until(() => again.project?.document.shots.length === 4);
});
