import { createHash } from 'node:crypto';
import { assetPieceBytes, type ProjectStore } from '../../persistence/index.ts';

/** Writes bytes that come in any portions to an asset's pieces. */
export class PieceWriter {
  readonly #store: ProjectStore;
  readonly #number: number;
  readonly #hash = createHash('sha256');
  #piece = new Uint8Array(assetPieceBytes);
  #filled = 0;
  #written = 0;

  /** @param number of the asset, which was begun */
  constructor(store: ProjectStore, number: number) {
    this.#store = store;
    this.#number = number;
  }

  /** Bytes that came so far. */
  get sizeBytes(): number {
    return this.#written + this.#filled;
  }

  /** Await each call before the next. */
  async write(bytes: Uint8Array): Promise<void> {
    this.#hash.update(bytes);
    for (let at = 0; at < bytes.length; ) {
      const part = bytes.subarray(at, at + assetPieceBytes - this.#filled);
      this.#piece.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      if (this.#filled === assetPieceBytes) await this.#flush();
    }
  }

  /** Writes the rest. @returns SHA-256 of all of it, 64 hex digits */
  async finish(): Promise<string> {
    if (this.#filled > 0) await this.#flush();
    return this.#hash.digest('hex');
  }

  async #flush(): Promise<void> {
    const piece = this.#piece.slice(0, this.#filled);
    this.#written += this.#filled;
    this.#filled = 0;
    await this.#store.appendToAsset(this.#number, piece);
  }
}
