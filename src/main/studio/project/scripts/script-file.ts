import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import { ThroughlineError } from '../../../../shared/errors.ts';
import { type DecodedText, decodeText, maxScriptSize } from '../../../../shared/story-import/index.ts';

const hint = 'Give a story: plain text, Fountain (.fountain), Final Draft (.fdx), .json or .jsonl.';

/** A script as it lies on the disk, decoded. */
export interface ScriptFile extends DecodedText {
  /** Name without folders. */
  readonly name: string;
}

/**
 * Reads a script, in whatever encoding. A pipe, a device or a folder is refused before anything is read of it, and a
 * file that grows meanwhile is read no further than it was.
 * @throws ThroughlineError `bad-story`
 */
export function readScriptFile(path: string): ScriptFile {
  return { name: basename(path), ...decodeText(readBytes(path)) };
}

function readBytes(path: string): Uint8Array {
  let fd = -1;
  try {
    // Without waiting: opening a pipe that nobody writes to would never come back.
    fd = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    return readOpen(path, fd);
  } catch (cause) {
    throw cause instanceof ThroughlineError ? cause : notRead(path, cause);
  } finally {
    if (fd >= 0) closeSync(fd);
  }
}

function readOpen(path: string, fd: number): Uint8Array {
  const stats = fstatSync(fd);
  if (stats.isDirectory()) throw new ThroughlineError('bad-story', `This is a folder: ${path}`, hint);
  if (!stats.isFile()) {
    throw new ThroughlineError('bad-story', `This is no file but a pipe or a device: ${path}`, hint);
  }
  if (stats.size > maxScriptSize) {
    const sizeMb = Math.ceil(stats.size / 1e6);
    throw new ThroughlineError(
      'bad-story',
      `${basename(path)} is too large to be a script: ${sizeMb} MB; a script has at most ${maxScriptSize / 1e6}.`,
      'Choose another file, or split it.',
    );
  }
  const bytes = new Uint8Array(stats.size);
  let read = 0;
  while (read < bytes.length) {
    const count = readSync(fd, bytes, read, bytes.length - read, read);
    if (count === 0) break;
    read += count;
  }
  return bytes.subarray(0, read);
}

function notRead(path: string, cause: unknown): ThroughlineError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : '';
  const what = code === 'ENOENT' ? 'There is no file' : code === 'EISDIR' ? 'This is a folder:' : 'Cannot read';
  return new ThroughlineError('bad-story', `${what} ${path}`, hint, { cause });
}
