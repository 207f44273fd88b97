import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { writeSmallFile } from '../../files/index.ts';

/** Prompts kept, some 200 kB each at the published size. */
const mostKept = 2_000;

/**
 * What a text encoder made of prompts, on disk, so that gigabytes are loaded only for prompts that are new. A cache: whatever
 * goes wrong with it costs a run of the encoder.
 */
export class KeptEmbeddings {
  readonly #folder: string;

  /** @param folder of this model alone; made when needed */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** @param length values expected; what has another length is none */
  read(ids: readonly number[], length: number): Float32Array | null {
    try {
      const bytes = readFileSync(this.#file(ids));
      if (bytes.length !== length * Float32Array.BYTES_PER_ELEMENT) return null;
      return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
    } catch {
      return null;
    }
  }

  write(ids: readonly number[], values: Float32Array): void {
    try {
      writeSmallFile(this.#file(ids), new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
      this.#thin();
    } catch {} // it is computed again
  }

  /** Beyond the limit, half of them go, the oldest first. */
  #thin(): void {
    const names = readdirSync(this.#folder);
    if (names.length <= mostKept) return;
    const byAge = names
      .map((name) => ({ name, time: statSync(join(this.#folder, name), { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
      .sort((a, b) => a.time - b.time);
    for (const { name } of byAge.slice(0, mostKept / 2)) rmSync(join(this.#folder, name), { force: true });
  }

  #file(ids: readonly number[]): string {
    return join(this.#folder, `${createHash('sha256').update(ids.join()).digest('hex')}.f32`);
  }
}
