import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { ThroughlineError } from '../../shared/errors.ts';

/** What a small file of ours holds; undefined if it is not there or is not JSON. */
export function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Replaces a small file; a kill leaves the old one or the new one. @throws ThroughlineError `bad-input` */
export function writeJson(file: string, value: unknown): void {
  const partial = `${file}.${process.pid}.part`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(partial, `${JSON.stringify(value, null, 2)}\n`, { flush: true });
    renameSync(partial, file);
  } catch (cause) {
    rmSync(partial, { force: true });
    throw new ThroughlineError('bad-input', `${file} could not be written.`, 'Check the folder and its free space.', {
      cause,
    });
  }
}
