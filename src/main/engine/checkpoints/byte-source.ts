import { closeSync, fstatSync, openSync, readSync, realpathSync } from 'node:fs';
import { basename } from 'node:path';
import { ThroughlineError } from '../../../shared/errors.ts';

/** A file that is read by ranges; never as a whole. */
export interface ByteSource {
  /** As a person knows it. */
  readonly name: string;
  readonly sizeBytes: number;
  /** @throws ThroughlineError `model-truncated` where the file ends before */
  read(offsetBytes: number, lengthBytes: number): Buffer;
  /** Into the start of `target`; for reading much without new memory. */
  readInto(target: Uint8Array, offsetBytes: number): void;
}

/** What another thread needs to read the same open file. */
export interface SharedFile {
  readonly name: string;
  readonly sizeBytes: number;
  readonly fd: number;
}

/** A file that another thread keeps open, for as long as it does. */
export function sharedSource({ name, sizeBytes, fd }: SharedFile): ByteSource {
  const source: ByteSource = {
    name,
    sizeBytes,
    read: (offsetBytes, lengthBytes) => {
      const bytes = Buffer.alloc(lengthBytes);
      source.readInto(bytes, offsetBytes);
      return bytes;
    },
    readInto: (target, offsetBytes) => readRange(fd, source, target, offsetBytes),
  };
  return source;
}

/** An open file on disk. Symbolic links are followed; whoever opens it disposes it. */
export class FileSource implements ByteSource {
  readonly name: string;
  readonly path: string;
  readonly sizeBytes: number;
  #fd: number | null;

  private constructor(name: string, path: string, fd: number, sizeBytes: number) {
    this.name = name;
    this.path = path;
    this.#fd = fd;
    this.sizeBytes = sizeBytes;
  }

  /** @throws ThroughlineError `model-missing` where there is no such file, `model-inconsistent` where it is none */
  static open(path: string): FileSource {
    const name = basename(path);
    let fd: number;
    try {
      fd = openSync(realpathSync(path), 'r');
    } catch (cause) {
      throw new ThroughlineError(
        'model-missing',
        `The model file ${name} cannot be opened (${path}).`,
        'Check that it is there and may be read; a link may lead to a file that is gone.',
        { cause },
      );
    }
    const stat = fstatSync(fd);
    if (stat.isFile()) return new FileSource(name, path, fd, stat.size);
    closeSync(fd);
    throw damaged(name, 'it is not a file');
  }

  read(offsetBytes: number, lengthBytes: number): Buffer {
    const bytes = Buffer.alloc(lengthBytes);
    this.readInto(bytes, offsetBytes);
    return bytes;
  }

  readInto(target: Uint8Array, offsetBytes: number): void {
    readRange(this.#open(), this, target, offsetBytes);
  }

  /** For threads, which must have ended before this is disposed. */
  share(): SharedFile {
    return { name: this.name, sizeBytes: this.sizeBytes, fd: this.#open() };
  }

  dispose(): void {
    if (this.#fd !== null) closeSync(this.#fd);
    this.#fd = null;
  }

  #open(): number {
    if (this.#fd === null) throw new Error(`${this.name} was closed`);
    return this.#fd;
  }
}

function readRange(
  fd: number,
  source: Pick<ByteSource, 'name' | 'sizeBytes'>,
  target: Uint8Array,
  offsetBytes: number,
): void {
  if (offsetBytes < 0 || offsetBytes + target.length > source.sizeBytes) throw truncated(source);
  for (let done = 0; done < target.length; ) {
    const got = readSync(fd, target, done, target.length - done, offsetBytes + done);
    if (got === 0) throw truncated(source);
    done += got;
  }
}

export function truncated({ name, sizeBytes }: Pick<ByteSource, 'name' | 'sizeBytes'>): ThroughlineError {
  return new ThroughlineError(
    'model-truncated',
    `The model file ${name} ends too early (${sizeBytes} bytes).`,
    'It was not copied or downloaded whole: get it again.',
  );
}

export function damaged(name: string, what: string, cause?: unknown): ThroughlineError {
  return new ThroughlineError(
    'model-inconsistent',
    `The model file ${name} is damaged: ${what}.`,
    'Get the file again.',
    { cause },
  );
}

/** A whole file of a kind that is not read here. */
export function unsupported(name: string, what: string, hint: string): ThroughlineError {
  return new ThroughlineError('model-inconsistent', `${name} ${what}.`, hint);
}
