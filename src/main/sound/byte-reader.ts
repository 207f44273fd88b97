/** A file's bytes, wherever they lie. */
export interface ByteReader {
  readonly sizeBytes: number;
  /** From `start` up to `end`, which lie inside. */
  read(start: number, end: number): Promise<Uint8Array>;
}
