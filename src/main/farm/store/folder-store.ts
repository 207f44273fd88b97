import { constants, type Dirent } from 'node:fs';
import { access, lstat, open, readdir, rename, stat, unlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { systemError, ThroughlineError } from '../../../shared/errors.ts';
import { errnoOf, makeFolder, patiently, removeTemporary, temporaryName } from '../../files/index.ts';
import { chunkLimit } from './artifact-format.ts';
import {
  type ArtifactStore,
  keptFolders,
  noteUseAfterMs,
  type ReadLimit,
  type StoredFile,
  storeFull,
} from './artifact-store.ts';

/**
 * Artifacts in a folder that all machines of a farm share. What is there can be read whole by everybody, and outlives whoever
 * wrote it. The disk gets it right after that, so that nobody waits for the disk: a cut of power may take the last file, or a
 * part of it, which its digest then tells.
 */
export class FolderStore implements ArtifactStore {
  readonly place: string;
  /** Ends once the disk has what was written last. */
  #synced: Promise<void> = Promise.resolve();
  /** By how much the folder's clock is ahead of this machine's, in milliseconds; null where it cannot be told. */
  #aheadMs: Promise<number | null> | null = null;

  constructor(folder: string) {
    this.place = resolve(folder);
  }

  async has(name: string): Promise<boolean> {
    try {
      const file = this.#file(name);
      const status = await stat(file);
      if (!status.isFile()) return false;
      await this.#noteUse(file, status.mtimeMs);
      return true;
    } catch (error) {
      if (isMissing(error)) return false;
      throw this.#unreachable(error);
    }
  }

  async get(name: string, limit?: ReadLimit): Promise<Uint8Array | null> {
    const file = this.#file(name);
    const { mostBytes, tooLarge } = limit ?? chunkLimit(file);
    try {
      const handle = await open(file, 'r');
      try {
        const status = await handle.stat();
        if (!status.isFile()) return null;
        if (status.size > mostBytes) throw tooLarge(status.size);
        const bytes = Buffer.alloc(status.size);
        let done = 0;
        while (done < bytes.length) {
          const { bytesRead } = await handle.read(bytes, done, bytes.length - done, done);
          if (bytesRead === 0) break; // shorter than a moment ago: its digest tells
          done += bytesRead;
        }
        await this.#noteUse(file, status.mtimeMs);
        return bytes.subarray(0, done);
      } finally {
        await handle.close();
      }
    } catch (error) {
      if (isMissing(error)) return null;
      throw error instanceof ThroughlineError ? error : this.#unreachable(error);
    }
  }

  async put(name: string, bytes: Uint8Array, mayReplace: boolean): Promise<boolean> {
    if (!mayReplace && (await this.has(name))) return false;
    const file = this.#file(name);
    try {
      // At most one file is on its way to the disk, and a disk that fails is told.
      const synced = this.#synced;
      this.#synced = Promise.resolve();
      await synced;
      makeFolder(dirname(file));
      await replaceWhole(file, bytes);
      this.#synced = sync(file);
      this.#synced.catch(() => {}); // told by the next
      return true;
    } catch (error) {
      if (systemError(error)?.code === 'disk-full') throw storeFull(`folder ${this.place}`, error);
      throw this.#unreachable(error);
    }
  }

  async check(): Promise<void> {
    try {
      makeFolder(this.place);
      await access(this.place, constants.R_OK | constants.W_OK | constants.X_OK);
    } catch (error) {
      throw this.#unreachable(error);
    }
  }

  async now(): Promise<number> {
    const probe = temporaryName(join(this.place, 'clock'), 'part');
    try {
      await writeFile(probe, '', { flag: 'wx' });
      return (await stat(probe)).mtimeMs;
    } catch (error) {
      throw this.#unreachable(error);
    } finally {
      await removeTemporary(probe);
    }
  }

  async *list(what: 'everything' | 'leftovers'): AsyncGenerator<StoredFile> {
    const folders = [''];
    for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
      for (const entry of await this.#entries(folder)) {
        const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
        // Where chunks and pictures lie and no deeper; links are not followed.
        const depth = name.split('/').length;
        if (entry.isDirectory()) {
          if (depth <= 3 && (depth > 1 || keptFolders.includes(name))) folders.push(name);
          continue;
        }
        if (what === 'leftovers' && !entry.name.startsWith('.')) continue;
        const status = await lstat(join(this.place, name)).catch(() => null);
        if (status)
          yield { name, bytes: status.size, usedMs: status.isFile() ? status.mtimeMs : Number.POSITIVE_INFINITY };
      }
    }
  }

  async remove({ name, usedMs }: StoredFile): Promise<boolean> {
    const file = join(this.place, ...name.split('/'));
    try {
      const status = await lstat(file);
      if (!status.isFile() || status.mtimeMs !== usedMs) return false;
      await unlink(file);
      return true;
    } catch (error) {
      if (isMissing(error)) return false;
      throw this.#unreachable(error);
    }
  }

  async #entries(folder: string): Promise<Dirent[]> {
    try {
      return await readdir(join(this.place, folder), { withFileTypes: true });
    } catch (error) {
      if (folder !== '' && isMissing(error)) return [];
      throw this.#unreachable(error);
    }
  }

  /** Says that a file was asked for, once a day, so that it is not taken away. Whoever may only read says nothing. */
  async #noteUse(file: string, usedMs: number): Promise<void> {
    this.#aheadMs ??= this.now().then(
      (now) => now - Date.now(),
      () => null,
    );
    const aheadMs = await this.#aheadMs;
    if (aheadMs === null) return;
    const now = Date.now() + aheadMs;
    if (now - usedMs > noteUseAfterMs) await utimes(file, new Date(now), new Date(now)).catch(() => {});
  }

  /** Names are ours: parts of small letters, digits, dots and dashes. */
  #file(name: string): string {
    if (!/^[a-z0-9-]+(\/[a-z0-9-]+)*\.[a-z]+$/.test(name)) throw new Error(`not a name of an artifact: ${name}`);
    return join(this.place, ...name.split('/'));
  }

  #unreachable(cause: unknown): ThroughlineError {
    return new ThroughlineError(
      'farm',
      `The farm's folder ${this.place} cannot be used (${errnoOf(cause) ?? 'unknown reason'}).`,
      'Is it there on this machine, and may it be written to? What was finished is kept.',
      { cause },
    );
  }
}

/** Under its name there is what was before, or all of it. */
async function replaceWhole(file: string, bytes: Uint8Array): Promise<void> {
  const temporary = temporaryName(file, 'part');
  try {
    // Closed before it is moved: a network folder has sent it to its server then.
    await writeFile(temporary, bytes, { flag: 'wx' });
    await patiently(() => rename(temporary, file));
  } finally {
    await removeTemporary(temporary);
  }
}

async function sync(file: string): Promise<void> {
  const handle = await open(file, 'r+').catch(() => null); // somebody may have taken it away
  try {
    await handle?.sync();
  } finally {
    await handle?.close();
  }
}

function isMissing(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(errnoOf(error) ?? '');
}
