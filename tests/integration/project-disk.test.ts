import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { freeBytesAt } from '../../src/main/files/index.ts';
import { openProjectFile } from '../../src/main/persistence/index.ts';
import { ProjectFile } from '../../src/main/persistence/project-file.ts';
import type { ThroughlineError } from '../../src/shared/errors.ts';
import { addChunks, retitle, sampleDocument, titleOf } from './project-samples.ts';

let folder: string;
let disk: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'throughline-disk-'));
  disk = path.join(folder, 'disk');
  mkdirSync(disk);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Returns what went wrong; empty: nothing. */
function run(command: string, ...args: string[]): string {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  return status === 0 ? '' : `${command}: ${error?.message ?? stderr}`;
}

const unmount = () => {
  while (run('umount', '-l', disk) === ''); // as often as it was mounted
};

/** Ends a file system at once, for whoever has files open on it: as a disk that is pulled out. */
const pullOut = `import fcntl, os, struct, sys
fcntl.ioctl(os.open(sys.argv[1], os.O_RDONLY), 0x8004587D, struct.pack('I', 0))`;

test('a disk that died and is back is noticed: the file is opened again, and nothing is lost', async (context) => {
  const image = path.join(folder, 'image');
  writeFileSync(image, Buffer.alloc(24 * 2 ** 20));
  const mount = () => run('mount', '-o', 'loop', image, disk);
  const reason = run('mkfs.ext4', '-q', image) || mount() || run('python3', '-c', 'import fcntl');
  if (reason) return context.skip(`needs a file system to end: ${reason}`);
  try {
    const file = path.join(disk, 'story.throughline');
    const project = await ProjectFile.open(file, sampleDocument('Story'));
    project.setFact('id', 'mine');
    addChunks(project, 2);
    const key = project.contents().chunks[0]?.key ?? '';
    retitle(project, 'Saved');
    const failed = run('python3', '-c', pullOut, disk);
    if (failed) return context.skip(`cannot end a file system: ${failed}`);
    expect(() => retitle(project, 'Lost?')).toThrow(/could not be written: the disk reported an error/);
    unmount();
    expect(() => retitle(project, 'Lost?')).toThrow(/is not there any more/);
    expect(mount()).toBe('');
    expect(project.latents(key)).not.toBeNull();
    expect(titleOf(project)).toBe('Saved');
    retitle(project, 'Saved again');
    expect(project.contents().chunks).toHaveLength(2);
    project.close();
    const again = await ProjectFile.open(file, null);
    expect(titleOf(again)).toBe('Saved again');
    again.close();
  } finally {
    unmount();
  }
});

test('a full disk keeps its kind, loses nothing, and is written to once there is room', async (context) => {
  const reason = run('mount', '-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk);
  if (reason) return context.skip(`needs a small disk: ${reason}`);
  try {
    const project = await ProjectFile.open(path.join(disk, 'story.throughline'), sampleDocument('Story'));
    const ballast = path.join(disk, 'ballast');
    writeFileSync(ballast, Buffer.alloc(Math.max(0, freeBytesAt(ballast) - 100_000)));
    const failed = (): ThroughlineError => {
      for (let i = 0; i < 1000; i++) {
        try {
          retitle(project, `${i} `.repeat(4000));
        } catch (error) {
          return error as ThroughlineError;
        }
      }
      throw new Error('the disk never filled');
    };
    expect(failed()).toMatchObject({ code: 'disk-full' });
    const kept = titleOf(project);
    expect(() => retitle(project, 'No room '.repeat(8000))).toThrow(expect.objectContaining({ code: 'disk-full' }));
    expect(titleOf(project)).toBe(kept);
    rmSync(ballast);
    retitle(project, 'Room');
    project.close();
    const again = await ProjectFile.open(path.join(disk, 'story.throughline'), null);
    expect(titleOf(again)).toBe('Room');
    again.close();
  } finally {
    unmount();
  }
});

test('a file that is moved while nothing is written is told within seconds, and when it is back', async () => {
  const file = path.join(folder, 'story.throughline');
  const told: (string | null)[] = [];
  let wake = () => {};
  const store = await openProjectFile(file, sampleDocument('Story'), {
    onLost: (error) => {
      told.push(error?.message ?? null);
      wake();
    },
  });
  onTestFinished(() => store.close());
  const next = () => new Promise<void>((resolve) => (wake = resolve));
  const lost = next();
  renameSync(file, `${file}.moved`);
  await lost;
  const back = next();
  renameSync(`${file}.moved`, file);
  await back;
  expect(told).toEqual([expect.stringMatching(/is not there any more: it was moved or deleted/), null]);
});
