import { constants } from 'node:fs';
import { access, link, lstat, open, realpath, rename, stat, unlink } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { ThroughlineError } from '../../shared/errors.ts';
import { textWithin } from '../../shared/text.ts';
import { numbered } from './file-names.ts';
import { letGo } from './leftovers.ts';
import { errnoOf, writeError } from './write-error.ts';

/** One state of one file. */
interface Identity {
  readonly device: bigint;
  readonly inode: bigint;
  readonly sizeBytes: bigint;
  readonly changedNs: bigint;
}

/** A place for a file that will be written, and what stood there when that was decided. */
export interface Target {
  /** Links resolved: where a link led to a file, the file it led to. */
  readonly path: string;
  /** What may be replaced; null where there was nothing. */
  readonly before: Identity | null;
}

/**
 * Looks at the place where a file is to be written, before any work is done.
 * @param mayReplace whether a file that is there now may be replaced
 * @throws ThroughlineError `export-failed` for a missing or read-only folder, for what is no regular file, and for a
 *   file that may not be replaced
 */
export async function lookAtTarget(file: string, mayReplace: boolean): Promise<Target> {
  try {
    const named = await throughLinks(path.resolve(file));
    const folder = path.dirname(named);
    if (!(await stat(folder)).isDirectory()) throw Object.assign(new Error('not a folder'), { code: 'ENOTDIR' });
    await access(folder, constants.W_OK);
    const before = await identityOf(named);
    if (before !== null && !mayReplace) throw alreadyThere(named);
    return { path: named, before };
  } catch (error) {
    throw writeError(error, file);
  }
}

/**
 * Puts a finished, synced file in its place. What stood there when {@link lookAtTarget} looked is replaced, if it is
 * still the same. A file that came or changed since is never touched: ours then takes the next free name, `film 2.mp4`.
 * @param temporary in the same folder; gone afterwards
 * @returns where the file is
 * @throws ThroughlineError `export-failed`; the temporary file is then still there
 */
export async function putInPlace(temporary: string, { path: file, before }: Target): Promise<string> {
  try {
    const now = await identityOf(file);
    const replaces = before !== null && now !== null && isSame(before, now);
    const place = replaces ? file : await placeBeside(temporary, file);
    if (replaces) await patiently(() => rename(temporary, file));
    letGo(temporary);
    await syncFolder(path.dirname(file));
    return place;
  } catch (error) {
    throw writeError(error, file);
  }
}

/** Of most disks, less room for a number. */
const longestNameBytes = 248;

/** Moves a file to the first of `film.mp4`, `film 2.mp4`, ... that nobody has, without ever replacing one. */
async function placeBeside(temporary: string, file: string): Promise<string> {
  const { dir, name, ext } = path.parse(file);
  for (let count = 1; ; count++) {
    // Room for the number, where the name is as long as a disk takes.
    const stem = count === 1 ? name : textWithin(name, longestNameBytes - ext.length);
    const place = numbered(path.join(dir, stem), ext, count);
    try {
      await patiently(() => moveWithoutReplacing(temporary, place));
      return place;
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw error;
    }
  }
}

/** @throws Error with code EEXIST where something has the name */
async function moveWithoutReplacing(from: string, to: string): Promise<void> {
  try {
    // Unlike a rename, a link is refused where there is a file.
    await link(from, to);
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') throw error;
    // A disk without hard links: take the name first, then replace what is ours.
    await (await open(to, 'wx')).close();
    try {
      await rename(from, to);
    } catch (failure) {
      await unlink(to).catch(() => undefined);
      throw failure;
    }
    return;
  }
  await unlink(from).catch(() => undefined);
}

const attempts = 10;
const firstWaitMs = 20;

/** Windows refuses while a virus scanner or a player holds a file, so a refusal is tried again for a second or so. */
export async function patiently(work: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await work();
      return;
    } catch (error) {
      const passing = ['EBUSY', 'EPERM', 'EACCES'].includes(errnoOf(error) ?? '');
      if (!passing || attempt === attempts) throw error;
      await wait(firstWaitMs * attempt);
    }
  }
}

/** Makes the move itself last through a power cut. Windows cannot open folders, and some shares refuse; neither matters. */
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch {}
}

/** The file that a path leads to where it is a link to one; else the path with the links of its folder resolved. */
async function throughLinks(file: string): Promise<string> {
  try {
    return await realpath(file);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
    return path.join(await realpath(path.dirname(file)), path.basename(file));
  }
}

async function identityOf(file: string): Promise<Identity | null> {
  const status = await lstat(file, { bigint: true }).catch((error) => {
    if (errnoOf(error) === 'ENOENT') return null;
    throw error;
  });
  if (status === null) return null;
  if (status.isDirectory()) throw Object.assign(new Error('a folder'), { code: 'EISDIR' });
  if (!status.isFile()) {
    throw new ThroughlineError('export-failed', `${file} is not a file that can be replaced.`, 'Choose another name.');
  }
  return { device: status.dev, inode: status.ino, sizeBytes: status.size, changedNs: status.mtimeNs };
}

function isSame(a: Identity, b: Identity): boolean {
  return a.device === b.device && a.inode === b.inode && a.sizeBytes === b.sizeBytes && a.changedNs === b.changedNs;
}

function alreadyThere(file: string): ThroughlineError {
  return new ThroughlineError('bad-input', `There is already a file ${file}.`, 'Choose another name.');
}
