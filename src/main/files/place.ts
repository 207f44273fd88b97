import { accessSync, constants, existsSync, mkdirSync, type Stats, statfsSync, statSync } from 'node:fs';
import path from 'node:path';
import { ThroughlineError } from '../../shared/errors.ts';

/** Which file it is, whatever it is called: two names with the same id are one file. */
export interface FileId {
  readonly device: bigint;
  readonly inode: bigint;
}

/** Null where no file is, or the place cannot be reached. Opens nothing: closing a descriptor would drop locks. */
export function fileIdOf(file: string): FileId | null {
  try {
    const { dev, ino } = statSync(file, { bigint: true });
    return { device: dev, inode: ino };
  } catch {
    return null;
  }
}

export function isSameFile(a: FileId | null, b: FileId | null): boolean {
  return a !== null && b !== null && a.device === b.device && a.inode === b.inode;
}

/** File systems whose files are not on a disk; reading some of them waits for ever. As `statfs` numbers them on Linux. */
const systemOwnFileSystems = new Set([0x9fa0, 0x62656572, 0x64626720, 0x74726163, 0x27e0eb, 0x63677270, 0xcafe4a11]);

/**
 * Refuses whatever is not a file on a disk: folders, pipes, devices, files that the system makes up.
 * @throws ThroughlineError `bad-input`, or `database` where nothing is
 */
export function requireRegularFile(file: string): void {
  let stats: Stats;
  try {
    stats = statSync(file);
  } catch (cause) {
    throw new ThroughlineError('database', `There is no file ${file}.`, 'It may have been moved or deleted.', {
      cause,
    });
  }
  if (stats.isDirectory()) throw new ThroughlineError('bad-input', `${file} is a folder.`, 'Choose a file.');
  if (!stats.isFile() || isSystemsOwn(file)) {
    throw new ThroughlineError(
      'bad-input',
      `${file} is not a file on a disk (${kindOf(stats)}).`,
      'Choose a project file. This one was not read.',
    );
  }
}

/**
 * Refuses a file that may not be written, or whose folder may not: SQLite keeps a log beside it.
 * @throws ThroughlineError `database`
 */
export function requireWritable(file: string): void {
  const folder = path.dirname(file);
  const hint = (what: string) => `Allow writing to ${what}, or copy the file to another folder and open the copy.`;
  if (existsSync(file) && !mayWrite(file))
    throw new ThroughlineError('database', `${file} is read only.`, hint('the file'));
  if (!mayWrite(folder)) {
    throw new ThroughlineError(
      'database',
      `${file} cannot be opened: its folder is read only, and a log has to lie beside it while it is open.`,
      hint('the folder'),
    );
  }
}

/**
 * Makes a folder and what is missing of the folders above it. Unlike Node's own way it ends on file systems where nothing can be
 * made (`/proc`), and where the path is a relative one and the folder that this process works in was deleted.
 * @returns the first folder that was missing; undefined where none was
 * @throws what the system throws; `EEXIST` where something else has that name
 */
export function makeFolder(folder: string): string | undefined {
  const whole = path.resolve(folder);
  const missing: string[] = [];
  for (let at = whole; !existsSync(at); at = path.dirname(at)) missing.push(at);
  if (missing.length === 0 && !statSync(whole).isDirectory()) mkdirSync(whole); // throws that there is something else
  for (const next of missing.reverse()) {
    try {
      mkdirSync(next);
    } catch (error) {
      if (!existsSync(next)) throw error; // somebody else made it meanwhile
    }
  }
  return missing[0];
}

/** Bytes that may still be written where `file` lies; unknown: infinite. */
export function freeBytesAt(file: string): number {
  try {
    const { bavail, bsize } = statfsSync(path.dirname(file));
    return bavail * bsize;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

function mayWrite(place: string): boolean {
  try {
    accessSync(place, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function isSystemsOwn(file: string): boolean {
  if (process.platform !== 'linux') return false;
  try {
    return systemOwnFileSystems.has(statfsSync(file).type);
  } catch {
    return false;
  }
}

function kindOf(stats: Stats): string {
  if (stats.isFIFO()) return 'a pipe';
  if (stats.isSocket()) return 'a socket';
  if (stats.isCharacterDevice() || stats.isBlockDevice()) return 'a device';
  return "the system's own";
}
