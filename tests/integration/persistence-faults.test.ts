import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ChunkStore, KvCache, type StoredKvState } from '../../src/main/persistence/index.ts';
import { sampleCacheOptions, sampleChain, samplePage, sampleState } from './persistence-samples.ts';

const writer = path.join(import.meta.dirname, 'persistence-writer.ts');

let folder: string;
let file: string;
const children = new Set<ChildProcess>();
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'throughline-faults-'));
  file = path.join(folder, 'file.db');
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
  rmSync(folder, { recursive: true, force: true });
});

/** Starts the writer; `lines` grows as it reports. */
function start(task: string, argument = '') {
  const child = spawn(process.execPath, [writer, task, file, argument], { stdio: ['ignore', 'pipe', 'pipe'] });
  children.add(child);
  let [output, complaints] = ['', ''];
  child.stdout.on('data', (data) => {
    output += data;
  });
  child.stderr.on('data', (data) => {
    complaints += data;
  });
  const ended = new Promise<NodeJS.Signals | number | null>((resolve) => {
    child.on('close', (code, signal) => resolve(signal ?? code));
  });
  // A line that the kill cut in two was not said.
  const lines = () => output.split('\n').slice(0, -1);
  const said = async (count: number) => {
    while (lines().length < count) {
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(`the writer ended early: ${complaints}`);
      await wait(5);
    }
  };
  return { child, ended, lines, said, complaints: () => complaints };
}

function expectWhole(stored: StoredKvState | undefined, index: number) {
  const { description, pages } = sampleState(index);
  expect(stored).toMatchObject({ description, pages });
  for (const ref of pages) {
    const [page, due] = [stored!.load(ref), samplePage(ref)];
    expect(Buffer.compare(page.k, due.k) || Buffer.compare(page.v, due.v)).toBe(0);
  }
}

/** All that was reported is there and right; nothing later than the one that was under way is. */
function expectCache(committed: readonly string[]) {
  const { cache, discarded } = KvCache.open(file, sampleCacheOptions);
  try {
    expect(discarded).toBeUndefined();
    for (const index of committed) expectWhole(cache.getState(sampleState(Number(index)).key), Number(index));
    const next = committed.length;
    const unreported = cache.getState(sampleState(next).key);
    if (unreported) expectWhole(unreported, next);
    expect(cache.usage().states).toBe(next + (unreported ? 1 : 0));
    for (const index of [next, next + 1]) cache.putState(sampleState(index).key, sampleState(index));
    expectWhole(cache.getState(sampleState(next + 1).key), next + 1);
  } finally {
    cache.dispose();
  }
}

describe('kill -9', () => {
  // Two pages a state: the first page of all; the second; between states; a later one.
  test.each([1, 2, 16])('of a cache inside the transaction, at page %d', async (page) => {
    const { ended, lines } = start('cache', String(page));
    expect(await ended).toBe('SIGKILL');
    expect(lines()).toHaveLength(Math.floor((page - 1) / 2));
    expectCache(lines());
  });

  test.each([0, 5, 30])('of a cache %d ms after a commit, whatever it is doing', async (delayMs) => {
    const { child, ended, lines, said } = start('cache', '0');
    await said(3);
    await wait(delayMs);
    child.kill('SIGKILL');
    await ended;
    expectCache(lines());
  });

  test.each([0, 3, 15])('of a store %d ms after a commit, whatever it is doing', async (delayMs) => {
    const { child, ended, lines, said } = start('store');
    await said(2);
    await wait(delayMs);
    child.kill('SIGKILL');
    await ended;
    const store = await ChunkStore.open(file);
    const chain = sampleChain(60, { values: 200_000 });
    expect(lines()).toEqual(chain.slice(0, lines().length).map((chunk) => chunk.key));
    for (const chunk of chain.slice(0, lines().length + 1)) {
      const reported = lines().includes(chunk.key);
      if (reported || store.has(chunk.key))
        expect(Buffer.compare(bytes(store.latents(chunk.key)), bytes(chunk.latents))).toBe(0);
      if (reported) expect(store.get(chunk.key)?.record).toEqual(chunk.record);
    }
    expect(store.usage().chunks - lines().length).toBeLessThanOrEqual(1);
    expect(store.missing(chain.map((chunk) => chunk.key))).toHaveLength(60 - store.usage().chunks);
    for (const chunk of chain.slice(0, lines().length + 2)) store.put(chunk);
    store.dispose();
  });

  test('of a migration: the file is at the version before, and the next one goes on', async () => {
    const first = start('migration', 'first');
    expect(await first.ended).toBe(0);
    expect(await start('migration', 'die').ended).toBe('SIGKILL');
    const again = start('migration');
    expect(await again.ended).toBe(0);
    expect(again.lines()).toEqual(['[{"prompt":"a cat","seed":7}]']);
    expect(readdirSync(folder)).toEqual(['file.db', 'file.db.v1.backup']);
  });
});

describe('two processes', () => {
  test('on one cache: the second waits for the first', async () => {
    const { ended, said, complaints } = start('hold', '400');
    await said(1);
    const { cache } = KvCache.open(file, sampleCacheOptions);
    cache.putState(sampleState(1).key, sampleState(1));
    expect(await ended, complaints()).toBe(0);
    for (const index of [0, 1]) expectWhole(cache.getState(sampleState(index).key), index);
    cache.dispose();
  });

  test('on one store: each chunk is stored once', async () => {
    const writers = [start('share'), start('share')];
    for (const { ended, complaints } of writers) expect(await ended, complaints()).toBe(0);
    expect(writers.reduce((sum, { lines }) => sum + Number(lines()[0]), 0)).toBe(20);
    const store = await ChunkStore.open(file);
    const chain = sampleChain(20, { values: 2000 });
    for (const chunk of chain) expect(store.latents(chunk.key)).toEqual(chunk.latents);
    store.dispose();
  });
});

describe('disk full', () => {
  const small = path.join(tmpdir(), `throughline-small-${process.pid}`);
  /** Why there is no small disk to fill, or undefined once there is one. */
  function mountSmallDisk(sizeKiB: number): string | undefined {
    if (process.platform !== 'linux') return 'only Linux has tmpfs';
    if (process.getuid?.() !== 0) return 'mounting a small tmpfs takes root';
    mkdirSync(small, { recursive: true });
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeKiB}k`, 'tmpfs', small], { stdio: 'pipe' });
      return undefined;
    } catch (error) {
      return `mounting a small tmpfs is not allowed here: ${error}`;
    }
  }
  afterEach(() => {
    try {
      // Lazily: a test that failed may have left a file open.
      execFileSync('umount', ['-l', small], { stdio: 'pipe' });
    } catch {}
    rmSync(small, { recursive: true, force: true });
  });

  /** Writes until it throws; returns how many were written, and the error. */
  function fill(write: (index: number) => void): { written: number; error: unknown } {
    for (let written = 0; written < 1000; written++) {
      try {
        write(written);
      } catch (error) {
        return { written, error };
      }
    }
    throw new Error('the disk never filled');
  }

  const full = expect.objectContaining({ code: 'disk-full', message: expect.stringMatching(/the disk is full/) });

  test('a cache says so, keeps what it has, and works again once it is cleared', (context) => {
    const reason = mountSmallDisk(8192);
    if (reason) return context.skip(reason);
    const cacheFile = path.join(small, 'cache', 'story.kv');
    const { cache } = KvCache.open(cacheFile, sampleCacheOptions);
    const put = (index: number) => cache.putState(sampleState(index).key, sampleState(index));
    const { written, error } = fill(put);
    expect(error).toEqual(full);
    expect(written).toBeGreaterThan(2);
    for (let index = 0; index < written; index++) expectWhole(cache.getState(sampleState(index).key), index);
    expect(cache.getState(sampleState(written).key)).toBeUndefined();
    expect(() => put(500)).toThrow(/full/);
    cache.dispose();
    const again = KvCache.open(cacheFile, sampleCacheOptions);
    expect(again.discarded).toBeUndefined();
    for (let index = 0; index < written; index++) expectWhole(again.cache.getState(sampleState(index).key), index);
    again.cache.clear();
    again.cache.putState(sampleState(3).key, sampleState(3));
    expectWhole(again.cache.getState(sampleState(3).key), 3);
    again.cache.dispose();
  });

  test('a store says so, and loses nothing that it committed', async (context) => {
    const reason = mountSmallDisk(4096);
    if (reason) return context.skip(reason);
    const store = await ChunkStore.open(path.join(small, 'chunks.db'));
    const chain = sampleChain(100, { values: 50_000 });
    const { written, error } = fill((index) => store.put(chain[index]!));
    expect(error).toEqual(full);
    expect(written).toBeGreaterThan(2);
    store.dispose();
    const again = await ChunkStore.open(path.join(small, 'chunks.db'));
    expect(again.missing(chain.map((chunk) => chunk.key))).toHaveLength(100 - written);
    for (const chunk of chain.slice(0, written)) {
      expect(Buffer.compare(bytes(again.latents(chunk.key)), bytes(chunk.latents))).toBe(0);
    }
    again.dispose();
  });

  test('a cache that cannot even be made says so', (context) => {
    const reason = mountSmallDisk(512);
    if (reason) return context.skip(reason);
    const open = () => KvCache.open(path.join(small, 'story.kv'), sampleCacheOptions);
    expect(open).toThrow(full);
    expect(open).toThrow(full);
  });
});

const bytes = (values: Float32Array) => Buffer.from(values.buffer);
