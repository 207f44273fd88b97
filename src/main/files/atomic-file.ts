import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { letGo, removeTemporary, temporaryName } from './leftovers.ts';
import { makeFolder } from './place.ts';
import { lookAtTarget, putInPlace, type Target } from './target.ts';
import { writeError } from './write-error.ts';

/**
 * Writes a whole file at once: a temporary file beside it, synced, moved into its place. What is there is either the
 * old file or the whole new one.
 * @param target a path, which may be replaced; or a place that was looked at before work began, so that nothing which
 *   appeared meanwhile is replaced
 * @returns where it is
 * @throws ThroughlineError `export-failed`
 */
export async function writeFileAtomically(target: string | Target, bytes: Uint8Array | string): Promise<string> {
  const place = typeof target === 'string' ? await lookAtTarget(target, true) : target;
  const temporary = temporaryName(place.path, 'part');
  try {
    const handle = await open(temporary, 'wx');
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    return await putInPlace(temporary, place);
  } catch (error) {
    await removeTemporary(temporary);
    throw writeError(error, place.path);
  }
}

/**
 * The same for a file of our own, at once and before it returns; makes its folder. For settings, graphs and the like,
 * which nobody else writes and which may always be replaced.
 * @throws ThroughlineError `export-failed`
 */
export function writeSmallFile(file: string, content: string | Uint8Array): void {
  const temporary = temporaryName(file, 'part');
  try {
    makeFolder(path.dirname(file));
    const descriptor = openSync(temporary, 'wx');
    try {
      writeFileSync(descriptor, content);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(temporary, file);
  } catch (error) {
    try {
      rmSync(temporary, { force: true });
    } catch {} // its folder is none
    throw writeError(error, file);
  } finally {
    letGo(temporary);
  }
}
