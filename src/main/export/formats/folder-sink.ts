import { existsSync } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ThroughlineError } from '../../../shared/errors.ts';
import { type Target, temporaryName, writeError } from '../../files/index.ts';

/**
 * A folder of files that appears whole, or not at all: files are written into a hidden folder beside it, which takes its name
 * at the end. A folder that is there already is refused.
 */
export class FolderWriter {
  readonly #target: string;
  readonly #folder: string;
  #done = false;

  private constructor(target: string, folder: string) {
    this.#target = target;
    this.#folder = folder;
  }

  /** @throws ThroughlineError `export-failed` if the place cannot be written, `bad-input` if something is there already */
  static async create({ path }: Target): Promise<FolderWriter> {
    if (existsSync(path)) throw isThere(path);
    const folder = temporaryName(path, 'part');
    try {
      await mkdir(folder);
    } catch (error) {
      throw writeError(error, path);
    }
    return new FolderWriter(path, folder);
  }

  /** Where a file of the folder is written meanwhile. */
  pathOf(name: string): string {
    return join(this.#folder, name);
  }

  async write(name: string, bytes: Uint8Array): Promise<void> {
    try {
      const handle = await open(this.pathOf(name), 'wx');
      try {
        await handle.writeFile(bytes);
        await handle.sync();
      } finally {
        await handle.close();
      }
    } catch (error) {
      throw writeError(error, join(this.#target, name));
    }
  }

  /** Gives the folder its name; resolves to it. */
  async finish(): Promise<string> {
    if (existsSync(this.#target)) throw isThere(this.#target);
    try {
      await rename(this.#folder, this.#target);
    } catch (error) {
      throw writeError(error, this.#target);
    }
    this.#done = true;
    return this.#target;
  }

  /** Removes what was written, unless it is in its place. Idempotent. */
  async abort(): Promise<void> {
    if (!this.#done) await rm(this.#folder, { recursive: true, force: true });
  }
}

function isThere(path: string): ThroughlineError {
  return new ThroughlineError('bad-input', `There is already something named ${path}.`, 'Choose another name.');
}
