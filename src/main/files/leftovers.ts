import { createHash, randomBytes } from 'node:crypto';
import { unlinkSync } from 'node:fs';
import { readdir, stat, unlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';

/** What a temporary file is: coded frames of a film, or a file on its way into its place. */
export type TemporaryKind = 'frames' | 'sound' | 'part';

/** Tells this machine's temporary files from another's in a folder that both see. */
const machine = createHash('sha256').update(hostname()).digest('hex').slice(0, 6);
/** A file of another machine, or of a process whose number was given away again, is left over once it is so old. */
const oldAgeMs = 24 * 3_600_000;
const pattern = /^\.throughline-([0-9a-f]{6})-(\d{1,10})-[0-9a-f]{8}\.(?:frames|sound|part)$/;

/** Temporary files of this process that are in use. */
const ours = new Set<string>();

/**
 * A name for a temporary file beside `target`: the same folder, so that it can be moved into its place at once; hidden
 * on Unix; and it says which process of which machine it belongs to, so that what a killed one left can be told.
 * The file is removed when this process ends, however it ends but by SIGKILL. Let go of it with {@link letGo}.
 */
export function temporaryName(target: string, kind: TemporaryKind): string {
  const random = randomBytes(4).toString('hex');
  const file = join(dirname(target), `.throughline-${machine}-${process.pid}-${random}.${kind}`);
  if (ours.size === 0) process.on('exit', removeOurs);
  ours.add(file);
  return file;
}

/** Removes a temporary file if it is still there. */
export async function removeTemporary(file: string): Promise<void> {
  await unlink(file).catch(() => undefined);
  letGo(file);
}

/** The file is no longer ours to remove: it was moved into its place, or is gone. */
export function letGo(file: string): void {
  ours.delete(file);
  if (ours.size === 0) process.off('exit', removeOurs);
}

function removeOurs(): void {
  for (const file of ours) {
    try {
      unlinkSync(file);
    } catch {} // it never was there
  }
}

/**
 * Removes the temporary files in a folder whose process was killed. Those of a process that still runs, here or on
 * another machine, are left alone.
 * @param isRunning whether a process of this machine runs; given in tests
 * @returns how many were removed; 0 for a folder that cannot be read
 */
export async function removeLeftovers(
  folder: string,
  isRunning: (processId: number) => boolean = processRuns,
): Promise<number> {
  let removed = 0;
  for (const name of await readdir(folder).catch(() => [])) {
    const file = join(folder, name);
    if (!(await isLeftOver(file, isRunning))) continue;
    const gone = await unlink(file).then(
      () => true,
      () => false,
    );
    if (gone) removed++;
  }
  return removed;
}

async function isLeftOver(file: string, isRunning: (processId: number) => boolean): Promise<boolean> {
  const [, where, owner] = pattern.exec(basename(file)) ?? [];
  if (where === undefined || ours.has(file)) return false;
  const processId = Number(owner);
  // A container gives its processes the same numbers each time.
  if (where === machine && (processId === process.pid || !isRunning(processId))) return true;
  const { mtimeMs } = await stat(file).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
  return Date.now() - mtimeMs > oldAgeMs;
}

function processRuns(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
