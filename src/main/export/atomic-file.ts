import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, open, readdir, rename, stat, unlink } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { ThroughlineError } from '../../shared/errors.ts';

/** A name beside `target` that no other export uses; hidden on Unix. The same folder, so that the last rename is atomic. */
export function temporaryName(target: string, ending: string): string {
  return path.join(path.dirname(target), `.${path.basename(target)}.${randomBytes(4).toString('hex')}.${ending}`);
}

/** An export that still runs touches its files every few seconds. */
const leftoverAgeMs = 3_600_000;

/** Removes what exports to `target` left beside it when their process was killed. */
export async function removeLeftovers(target: string): Promise<void> {
  const folder = path.dirname(target);
  const start = `.${path.basename(target)}.`;
  for (const name of await readdir(folder).catch(() => [])) {
    if (!name.startsWith(start) || !/^[0-9a-f]{8}\.(frames|part)$/.test(name.slice(start.length))) continue;
    const file = path.join(folder, name);
    const { mtimeMs } = await stat(file).catch(() => ({ mtimeMs: Infinity }));
    if (Date.now() - mtimeMs > leftoverAgeMs) await removeQuietly(file);
  }
}

/**
 * Refuses a target that could not be written, before any work is done.
 * @throws ThroughlineError `export-failed` for a missing or read-only folder, or a folder at the target
 */
export async function checkTarget(target: string): Promise<void> {
  const folder = path.dirname(target);
  try {
    if (!(await stat(folder)).isDirectory()) {
      throw Object.assign(new Error(`${folder} is not a folder`), { code: 'ENOTDIR' });
    }
    await access(folder, constants.W_OK);
  } catch (error) {
    throw writeError(error, target);
  }
  const existing = await stat(target).catch(() => null);
  if (existing?.isDirectory()) throw writeError(Object.assign(new Error('is a folder'), { code: 'EISDIR' }), target);
}

const renameAttempts = 10;
const firstRenameWaitMs = 20;

/**
 * Puts a finished, synced file in its place, over whatever was there. Windows refuses while a virus scanner or a
 * player holds either file, so a refusal is tried again for a few seconds.
 */
export async function renameIntoPlace(from: string, to: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await rename(from, to);
      break;
    } catch (error) {
      const code = errnoOf(error);
      const passing = code === 'EBUSY' || code === 'EPERM' || code === 'EACCES';
      if (!passing || attempt === renameAttempts) throw writeError(error, to);
      await wait(firstRenameWaitMs * attempt);
    }
  }
  await syncFolder(path.dirname(to));
}

/** Makes the rename itself last through a power cut. Windows cannot open folders, and some shares refuse; neither matters. */
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

/** Removes a file if it is there. */
export async function removeQuietly(file: string): Promise<void> {
  await unlink(file).catch(() => undefined);
}

/** Writes a whole file at once: temporary file, sync, rename. The target is either old or complete. */
export async function writeFileAtomically(target: string, bytes: Uint8Array): Promise<void> {
  await checkTarget(target);
  const temporary = temporaryName(target, 'part');
  try {
    const handle = await open(temporary, 'wx');
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await renameIntoPlace(temporary, target);
  } catch (error) {
    await removeQuietly(temporary);
    throw writeError(error, target);
  }
}

/** Turns an error of the file system into a sentence and a next step. Ours pass through unchanged. */
export function writeError(error: unknown, target: string): ThroughlineError {
  if (error instanceof ThroughlineError) return error;
  const folder = path.dirname(target);
  const name = path.basename(target);
  const failed = (message: string, hint: string) =>
    new ThroughlineError('export-failed', message, hint, { cause: error });
  switch (errnoOf(error)) {
    case 'ENOENT':
      return failed(`The folder ${folder} does not exist.`, 'Create it, or choose another folder.');
    case 'ENOTDIR':
      return failed(`${folder} is a file, not a folder.`, 'Choose another folder.');
    case 'EISDIR':
      return failed(`There is a folder named ${name} in ${folder}.`, 'Choose another file name.');
    case 'EROFS':
      return failed(`The disk that holds ${folder} can only be read.`, 'Choose a folder on another disk.');
    case 'EACCES':
    case 'EPERM':
    case 'EBUSY':
      return failed(
        `${name} could not be written in ${folder}: the system refused.`,
        'Close the file where it is open, check the permissions of the folder, or choose another folder.',
      );
    case 'ENOSPC':
    case 'EDQUOT':
      return failed(
        `The disk that holds ${folder} is full, so ${name} was not written.`,
        'Free some space or choose another disk, then export again.',
      );
    case 'ENAMETOOLONG':
      return failed(`The file name ${name} is too long.`, 'Choose a shorter name.');
    default:
      return failed(
        `${name} could not be written in ${folder}: ${error instanceof Error ? error.message : String(error)}.`,
        'Export again; if it fails again, choose another folder.',
      );
  }
}

/** The system's error code, looked for along the chain of causes: libraries wrap what the disk said. */
function errnoOf(error: unknown): string | undefined {
  for (let e = error, depth = 0; e instanceof Error && depth < 5; e = e.cause, depth++) {
    if ('code' in e && typeof e.code === 'string') return e.code;
  }
  return undefined;
}
