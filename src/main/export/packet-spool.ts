import { type FileHandle, open } from 'node:fs/promises';
import { removeTemporary } from '../files/index.ts';
import type { CodedFrame } from './h264-encoder.ts';

/**
 * Coded frames on disk, in order. A film's index comes before its pictures in a file that starts to play at once,
 * and is known only when the last frame is coded; so frames wait here and memory holds their sizes alone.
 */
export class PacketSpool {
  private readonly path: string;
  private readonly handle: FileHandle;
  private readonly entries: { frameIndex: number; isKey: boolean; sizeBytes: number }[] = [];
  private sizeBytes = 0;
  private closing: Promise<void> | undefined;

  private constructor(path: string, handle: FileHandle) {
    this.path = path;
    this.handle = handle;
  }

  /** Creates the file, which must not exist yet. The spool owns it until `dispose`. */
  static async create(path: string): Promise<PacketSpool> {
    return new PacketSpool(path, await open(path, 'wx+'));
  }

  get frameCount(): number {
    return this.entries.length;
  }

  async append(frame: CodedFrame): Promise<void> {
    for (let written = 0; written < frame.bytes.length; ) {
      const { bytesWritten } = await this.handle.write(
        frame.bytes,
        written,
        frame.bytes.length - written,
        this.sizeBytes + written,
      );
      written += bytesWritten;
    }
    this.sizeBytes += frame.bytes.length;
    this.entries.push({ frameIndex: frame.frameIndex, isKey: frame.isKey, sizeBytes: frame.bytes.length });
  }

  /** The frames again, one at a time. */
  async *frames(): AsyncGenerator<CodedFrame> {
    let position = 0;
    for (const { frameIndex, isKey, sizeBytes } of this.entries) {
      const bytes = new Uint8Array(sizeBytes);
      const { bytesRead } = await this.handle.read(bytes, 0, sizeBytes, position);
      if (bytesRead !== sizeBytes) throw new Error(`the temporary file ${this.path} was cut short`);
      position += sizeBytes;
      yield { bytes, frameIndex, isKey };
    }
  }

  /** Closes and removes the file. Idempotent; every call resolves when the file is gone. */
  dispose(): Promise<void> {
    this.closing ??= this.handle
      .close()
      .catch(() => undefined)
      .then(() => removeTemporary(this.path));
    return this.closing;
  }
}
