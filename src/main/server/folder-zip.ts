import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { makeZip, predictLength } from 'client-zip';

/** A folder as one file to be downloaded. */
export interface FolderZip {
  readonly sizeBytes: number;
  /** Reads one file of the folder at a time. */
  stream(): Readable;
}

/**
 * The files of a folder as a ZIP, stored as they are: films and pictures are packed already.
 * @throws what the disk says where the folder is gone
 */
export async function zipOfFolder(folder: string): Promise<FolderZip> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
    .sort();
  const files = await Promise.all(
    names.map(async (name) => {
      const { size, mtime } = await stat(join(folder, name));
      return { path: join(folder, name), name: `${basename(folder)}/${name}`, size, lastModified: mtime };
    }),
  );
  async function* contents() {
    for (const { path, ...facts } of files) yield { ...facts, input: createReadStream(path) };
  }
  return {
    sizeBytes: Number(predictLength(files.map(({ name, size }) => ({ name, size })))),
    stream: () => Readable.from(makeZip(contents())),
  };
}
