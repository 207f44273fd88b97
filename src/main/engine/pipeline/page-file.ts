import { closeSync, openSync, readdirSync, readSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { systemError, ThroughlineError } from '../../../shared/errors.ts';
import { makeFolder } from '../../files/index.ts';

const leftover = /^pages-\d+-\d+\.bin$/;
let made = 0;

/**
 * Pages in a file, each in a slot of its own. The file has no name while it is used, where the system allows that,
 * so a process that is killed leaves nothing; elsewhere the next one removes it.
 */
export class PageFile {
  readonly #path: string;
  readonly #slotBytes: number;
  readonly #free: number[] = [];
  #descriptor: number | null = null;
  #slots = 0;

  /**
   * @param folder made when the first page comes
   * @param slotBytes of one page
   */
  constructor(folder: string, slotBytes: number) {
    this.#path = join(folder, `pages-${process.pid}-${made++}.bin`);
    this.#slotBytes = slotBytes;
  }

  /** @returns the slot. @throws ThroughlineError `disk-full` or `export-failed`; nothing has changed then */
  write(parts: readonly Uint8Array[]): number {
    const file = this.#open();
    const slot = this.#free.at(-1) ?? this.#slots;
    let at = slot * this.#slotBytes;
    try {
      for (const part of parts) {
        for (let done = 0; done < part.length; ) done += writeSync(file, part, done, part.length - done, at + done);
        at += part.length;
      }
    } catch (cause) {
      throw unwritable(this.#path, cause);
    }
    if (slot === this.#slots) this.#slots++;
    else this.#free.pop();
    return slot;
  }

  /** @param sizes of the parts, in the order they were written in */
  read(slot: number, sizes: readonly number[]): Uint8Array[] {
    const file = this.#open();
    let at = slot * this.#slotBytes;
    return sizes.map((size) => {
      const part = new Uint8Array(size);
      for (let done = 0; done < size; ) {
        const got = readSync(file, part, done, size - done, at + done);
        if (got === 0)
          throw new ThroughlineError('database', 'Remembered frames were lost from their file.', 'Start again.');
        done += got;
      }
      at += size;
      return part;
    });
  }

  free(slot: number): void {
    this.#free.push(slot);
  }

  dispose(): void {
    if (this.#descriptor === null) return;
    closeSync(this.#descriptor);
    this.#descriptor = null;
    rmSync(this.#path, { force: true });
  }

  #open(): number {
    if (this.#descriptor !== null) return this.#descriptor;
    const folder = join(this.#path, '..');
    try {
      makeFolder(folder);
      for (const name of readdirSync(folder).filter((name) => leftover.test(name))) removeUnused(join(folder, name));
      this.#descriptor = openSync(this.#path, 'wx+');
      removeUnused(this.#path);
    } catch (cause) {
      throw unwritable(this.#path, cause);
    }
    return this.#descriptor;
  }
}

/** Windows refuses while somebody has it open. */
function removeUnused(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {}
}

function unwritable(path: string, cause: unknown): ThroughlineError {
  return (
    systemError(cause) ??
    new ThroughlineError(
      'export-failed',
      `Remembered frames could not be written to ${path}.`,
      'Check the permissions of the folder, or use smaller frames.',
      { cause },
    )
  );
}
