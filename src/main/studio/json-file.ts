import { readFileSync } from 'node:fs';
import { writeSmallFile } from '../files/index.ts';

/** What a small file of ours holds; undefined if it is not there or is not JSON. */
export function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Replaces a small file of ours; a kill leaves the old one or the new one. @throws ThroughlineError `export-failed` */
export function writeJson(file: string, value: unknown): void {
  writeSmallFile(file, `${JSON.stringify(value, null, 2)}\n`);
}
