import { constants } from 'node:fs';
import { access, mkdir, open, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { systemError, ThroughlineError } from '../../../shared/errors.ts';
import { errnoOf, writeFileAtomically } from '../../files/index.ts';
import { largestArtifactBytes, tooLarge } from './artifact-format.ts';
import { type ArtifactStore, storeFull } from './artifact-store.ts';

/** Artifacts in a folder that all machines of a farm share. */
export class FolderStore implements ArtifactStore {
  readonly place: string;

  constructor(folder: string) {
    this.place = resolve(folder);
  }

  async has(name: string): Promise<boolean> {
    try {
      return (await stat(this.#file(name))).isFile();
    } catch (error) {
      if (isMissing(error)) return false;
      throw this.#unreachable(error);
    }
  }

  async get(name: string): Promise<Uint8Array | null> {
    const file = this.#file(name);
    try {
      const handle = await open(file, 'r');
      try {
        const status = await handle.stat();
        if (!status.isFile()) return null;
        if (status.size > largestArtifactBytes) throw tooLarge(file, status.size);
        const bytes = Buffer.alloc(status.size);
        let done = 0;
        while (done < bytes.length) {
          const { bytesRead } = await handle.read(bytes, done, bytes.length - done, done);
          if (bytesRead === 0) break; // shorter than a moment ago: its digest tells
          done += bytesRead;
        }
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
      await mkdir(dirname(file), { recursive: true });
      await writeFileAtomically(file, bytes);
      return true;
    } catch (error) {
      if (systemError(error)?.code === 'disk-full') throw storeFull(`folder ${this.place}`, error);
      throw this.#unreachable(error);
    }
  }

  async check(): Promise<void> {
    try {
      await mkdir(this.place, { recursive: true });
      await access(this.place, constants.R_OK | constants.W_OK | constants.X_OK);
    } catch (error) {
      throw this.#unreachable(error);
    }
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

function isMissing(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(errnoOf(error) ?? '');
}
