import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, readSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readSafetensors } from '../model/safetensors.ts';
import { digestOfParts } from './writing/weights-writer.ts';

export const digestFile = 'digest.json';

const fileSchema = z.strictObject({
  name: z.string().regex(/^[\w.-]+$/),
  sizeBytes: z.int().min(0),
  modifiedMs: z.number(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export const modelDigestSchema = z.strictObject({
  formatVersion: z.literal(1),
  /** Of the whole model: part of every key. */
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  files: z.array(fileSchema).min(1).max(16),
});
export type ModelDigest = z.infer<typeof modelDigestSchema>;
export type DigestedFile = z.infer<typeof fileSchema>;

/** @returns what was written down when the model was imported; null where nothing was, or it cannot be read */
export function readModelDigest(folder: string): ModelDigest | null {
  try {
    return modelDigestSchema.parse(JSON.parse(readFileSync(join(folder, digestFile), 'utf8')));
  } catch {
    return null;
  }
}

/** Whether the files are, by size and time, those that were digested: so gigabytes are not read at every start. */
export function isAsDigested(folder: string, { files }: ModelDigest): boolean {
  return files.every(({ name, sizeBytes, modifiedMs }) => {
    const stat = statSync(join(folder, name), { throwIfNoEntry: false });
    return stat?.size === sizeBytes && Math.abs(stat.mtimeMs - modifiedMs) < 1;
  });
}

/**
 * The digest that was made when the model was imported; gigabytes are not read for it. A folder that was copied is told by its
 * times: it is read once more, and where it is the same its digest stays.
 * @returns null where there is none or the files are others: the model is then digested as it is
 */
export function importedDigest(folder: string): string | null {
  const known = readModelDigest(folder);
  if (!known) return null;
  if (isAsDigested(folder, known) || changedFiles(folder, known).length === 0) return known.digest;
  return null;
}

/** Reads every file again. @returns names of those that are missing or are not what was digested */
export function changedFiles(folder: string, { files }: ModelDigest): string[] {
  return files
    .filter(({ name, sizeBytes, sha256 }) => {
      const path = join(folder, name);
      if (statSync(path, { throwIfNoEntry: false })?.size !== sizeBytes) return true;
      try {
        return (name.endsWith('.safetensors') ? weightsDigest(path) : plainDigest(path)) !== sha256;
      } catch {
        return true;
      }
    })
    .map(({ name }) => name);
}

/** Writes down the digests of a model's files. @returns the whole model's */
export function writeModelDigest(folder: string, sha256: ReadonlyMap<string, string>): string {
  const files = [...sha256].map(([name, digest]): DigestedFile => {
    const { size, mtimeMs } = statSync(join(folder, name));
    return { name, sizeBytes: size, modifiedMs: mtimeMs, sha256: digest };
  });
  const hash = createHash('sha256');
  for (const file of files) hash.update(`${file.name} ${file.sizeBytes} ${file.sha256}\n`);
  const digest = hash.digest('hex');
  const value: ModelDigest = { formatVersion: 1, digest, files };
  writeFileSync(join(folder, digestFile), `${JSON.stringify(value, null, 1)}\n`);
  return digest;
}

/** Of any file but weights. */
export function plainDigest(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

const blockBytes = 8 * 1024 ** 2;

/** Reads a weights file whole and digests it as it was when it was written. */
export function weightsDigest(path: string): string {
  const entries = [...readSafetensors(path).values()].sort((a, b) => a.offsetBytes - b.offsetBytes);
  const fd = openSync(path, 'r');
  const block = Buffer.alloc(blockBytes);
  try {
    const length = Buffer.alloc(8);
    readSync(fd, length, 0, 8, 0);
    const header = Buffer.alloc(8 + Number(length.readBigUInt64LE()));
    readSync(fd, header, 0, header.length, 0);
    const digests = entries.map(({ offsetBytes, sizeBytes }) => {
      const hash = createHash('sha256');
      for (let done = 0; done < sizeBytes; ) {
        const got = readSync(fd, block, 0, Math.min(blockBytes, sizeBytes - done), offsetBytes + done);
        if (got === 0) break; // shorter than its header says: another digest
        hash.update(block.subarray(0, got));
        done += got;
      }
      return hash.digest();
    });
    return digestOfParts(header, digests);
  } finally {
    closeSync(fd);
  }
}
