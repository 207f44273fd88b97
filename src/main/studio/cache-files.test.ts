import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CacheFiles } from './cache-files.ts';

let folder: string;
let caches: CacheFiles;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'throughline-caches-'));
  caches = new CacheFiles(join(folder, 'memory'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const nameOf = (i: number) => i.toString(16).padStart(24, '0');
const projectOf = (i: number) => join(folder, `project-${i}.throughline`);

/** A project with a cache of so many bytes. */
function make(i: number, bytes = 1000, project = projectOf(i)): void {
  writeFileSync(projectOf(i), 'project');
  caches.note(nameOf(i), project);
  for (const ending of ['', '-wal', '-shm'])
    writeFileSync(`${caches.fileOf(nameOf(i))}${ending}`, Buffer.alloc(bytes / 2));
}

const everything = { open: null, budgetBytes: 1e12 };
const left = () => readdirSync(join(folder, 'memory')).sort();
const filesOf = (i: number) => ['json', 'kv', 'kv-shm', 'kv-wal'].map((ending) => `${nameOf(i)}.${ending}`);

test('the caches of projects that were deleted or moved go, the others stay', () => {
  for (const i of [1, 2, 3]) make(i);
  rmSync(projectOf(1));
  renameSync(projectOf(2), join(folder, 'moved.throughline'));
  expect(caches.collect(everything).sort()).toEqual([nameOf(1), nameOf(2)]);
  expect(left()).toEqual(filesOf(3));
});

test('one that was moved and opened since keeps its cache', () => {
  make(1);
  const moved = join(folder, 'moved.throughline');
  renameSync(projectOf(1), moved);
  caches.note(nameOf(1), moved);
  expect(caches.collect(everything)).toEqual([]);
});

test('what an older Throughline left, and what a kill left, goes; what is not ours is not touched', () => {
  make(1);
  writeFileSync(caches.fileOf('ab'.repeat(12)), 'named by a path');
  writeFileSync(`${caches.fileOf(nameOf(9))}-wal`, 'half removed');
  writeFileSync(join(folder, 'memory', 'notes.txt'), 'mine');
  expect(caches.collect(everything)).toHaveLength(2);
  expect(left()).toEqual([...filesOf(1), 'notes.txt']);
});

test('the cache in use stays, wherever its project is', () => {
  make(1);
  rmSync(projectOf(1));
  expect(caches.collect({ ...everything, open: nameOf(1) })).toEqual([]);
});

test('a disk that is away keeps its caches for a while', () => {
  const away = join(folder, 'away');
  mkdirSync(away);
  make(1, 1000, join(away, 'story.throughline'));
  rmSync(away, { recursive: true });
  make(2);
  expect(caches.collect(everything)).toEqual([]);
  for (let i = 0; i < 21; i++) caches.note(nameOf(2), projectOf(2));
  expect(caches.collect(everything)).toEqual([nameOf(1)]);
});

test('beyond the budget the least recently used go, whatever the clock says', () => {
  for (const i of [3, 1, 2, 4]) make(i);
  expect(caches.collect({ open: nameOf(4), budgetBytes: 2500 })).toEqual([nameOf(3)]);
  caches.note(nameOf(1), projectOf(1));
  expect(caches.collect({ open: nameOf(4), budgetBytes: 1000 })).toEqual([nameOf(2)]);
});

test('a folder that is not there, or cannot be read, is no error', () => {
  expect(new CacheFiles(join(folder, 'nowhere')).collect(everything)).toEqual([]);
  writeFileSync(join(folder, 'file'), '');
  const strange = new CacheFiles(join(folder, 'file'));
  strange.note(nameOf(1), projectOf(1));
  expect(strange.collect(everything)).toEqual([]);
});

test('killed while it collects, the next one finishes and keeps what is to be kept', async () => {
  const count = 40;
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < count; i++) make(i);
    for (let i = 0; i < count; i += 2) rmSync(projectOf(i));
    const code = `
      const { CacheFiles } = await import(${JSON.stringify(join(import.meta.dirname, 'cache-files.ts'))});
      process.stdout.write('now');
      for (;;) new CacheFiles(${JSON.stringify(join(folder, 'memory'))}).collect({ open: null, budgetBytes: 1e12 });`;
    const child = spawn(process.execPath, ['--no-warnings', '--input-type=module', '-e', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    await new Promise((resolve) => child.stdout.once('data', resolve));
    // As soon as something is gone, so in the midst of it.
    while (round > 0 && existsSync(join(folder, 'memory', filesOf(round * 2)[1] ?? '')))
      await new Promise(setImmediate);
    child.kill('SIGKILL');
    await ended;
    caches.collect(everything);
    const odd = Array.from({ length: count / 2 }, (_, i) => 2 * i + 1);
    expect(left()).toEqual(odd.flatMap(filesOf).sort());
  }
});
