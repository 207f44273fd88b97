import { createHash } from 'node:crypto';
import { closeSync, fdatasync, fsyncSync, openSync, writeSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { throwIfCancelled } from '../../../../shared/errors.ts';
import { FileSource } from '../byte-source.ts';
import { elementBytes, elementCount } from '../stored-tensor.ts';
import { convertInThreads, type InOrder, type WaitingConversion } from './conversion-threads.ts';
import { type Conversion, Converter, roomBytes, scalesName, type WrittenTensor } from './convert.ts';

export type { WrittenTensor } from './convert.ts';

/** What to write: a tensor, and what is done to its values on the way. */
export interface PlannedTensor extends Omit<Conversion, 'change'> {
  /** Made when it is needed: added in fp32 after scaling, [all elements]; null for most. */
  readonly change: (() => Promise<Float32Array>) | null;
}

/** Threads beyond these wait for the one that writes. */
const mostThreads = 4;
/** Starting threads takes longer than converting so little. */
const worthThreadsBytes = 32 * 1024 ** 2;
/** The disk is given so much to write at a time, while the next is converted. */
const flushedBytes = 128 * 1024 ** 2;

/**
 * Writes tensors as a safetensors file in fp16; a tensor that leaves its range stays in fp32, whole. Piece by piece, in several
 * threads: memory does not grow with the file.
 * @param threads that convert; chosen by size and processors unless given, and 0 means this one
 * @param onBytes told how many bytes of the file were written since the last call
 * @returns what became of each tensor, and the file's digest, see {@link digestOfParts}
 * @throws CancelledError; the file is then of no use
 */
export async function writeWeights(
  path: string,
  tensors: readonly PlannedTensor[],
  {
    signal,
    onBytes,
    threads = threadsFor(tensors),
  }: {
    readonly signal?: AbortSignal | undefined;
    readonly onBytes?: ((bytes: number) => void) | undefined;
    readonly threads?: number;
  } = {},
): Promise<{ written: WrittenTensor[]; sha256: string; sizeBytes: number }> {
  // The header is written last, when every type is known, into room that suffices for the worst.
  const headerBytes = Math.ceil(largestHeader(tensors) / 8) * 8;
  const file = new FlushedFile(path);
  try {
    const written: WrittenTensor[] = [];
    const places: HeaderEntry[] = [];
    const digests: Uint8Array[] = [];
    let [begin, at] = [0, 0];
    const into: InOrder = {
      write: (bytes) => {
        file.write(bytes, 8 + headerBytes + at);
        at += bytes.length;
        onBytes?.(bytes.length);
      },
      again: () => {
        onBytes?.(begin - at);
        at = begin;
      },
      done: ({ result, parts }) => {
        written.push(result);
        for (const { name, dtype, shape, sizeBytes, digest } of parts) {
          places.push({ name, dtype, shape, begin, end: begin + sizeBytes });
          digests.push(digest);
          begin += sizeBytes;
        }
      },
    };
    const sources = tensors.map(({ tensor }) => tensor.source);
    if (threads > 0 && sources.every((source) => source instanceof FileSource)) {
      await convertInThreads(threads, tensors.map(waiting), into, signal);
    } else {
      await convertHere(tensors, into, signal);
    }
    const header = Buffer.concat([lengthOf(headerBytes), headerOf(places, headerBytes)]);
    file.write(header, 0);
    await file.finish();
    return { written, sha256: digestOfParts(header, digests), sizeBytes: 8 + headerBytes + at };
  } finally {
    await file.dispose();
  }
}

async function convertHere(
  tensors: readonly PlannedTensor[],
  into: InOrder,
  signal: AbortSignal | undefined,
): Promise<void> {
  const room = new ArrayBuffer(roomBytes);
  const pieces = {
    room: () => room,
    take: (_: ArrayBuffer, lengthBytes: number) => {
      if (lengthBytes > 0) into.write(new Uint8Array(room, 0, lengthBytes));
    },
    again: () => into.again(),
  };
  const converter = new Converter(pieces, signal);
  for (const planned of tensors) {
    throwIfCancelled(signal, 'The import');
    into.done(await converter.convert({ ...planned, change: planned.change ? await planned.change() : null }));
  }
}

/** For threads; its source is a file. */
function waiting(planned: PlannedTensor): WaitingConversion {
  const { tensor, change } = planned;
  const count = elementCount(tensor.shape);
  return {
    // A change is made of its two matrices in a moment that takes some room too; what lies out of order is gathered in fp32.
    heldBytes: (change ? 8 * count : 0) + (tensor.strides ? (8 + elementBytes[tensor.type]) * count : 0),
    make: async () => ({
      ...planned,
      tensor: { ...tensor, source: (tensor.source as FileSource).share() },
      change: change ? await change() : null,
    }),
  };
}

function threadsFor(tensors: readonly PlannedTensor[]): number {
  const bytes = tensors.reduce((sum, { tensor }) => sum + elementCount(tensor.shape) * elementBytes[tensor.type], 0);
  return bytes < worthThreadsBytes ? 0 : Math.min(mostThreads, availableParallelism());
}

/** A new file that goes to the disk while it is being written. `dispose` it. */
class FlushedFile {
  readonly #fd: number;
  #waitingBytes = 0;
  #flushing: Promise<void> | null = null;
  #failure: Error | null = null;

  constructor(path: string) {
    this.#fd = openSync(path, 'wx');
  }

  /** @throws what the system says, be it of bytes that were written before */
  write(bytes: Uint8Array, position: number): void {
    if (this.#failure) throw this.#failure;
    for (let done = 0; done < bytes.length; ) {
      done += writeSync(this.#fd, bytes, done, bytes.length - done, position + done);
    }
    this.#waitingBytes += bytes.length;
    if (this.#waitingBytes < flushedBytes || this.#flushing) return;
    this.#waitingBytes = 0;
    this.#flushing = new Promise((resolve) => {
      fdatasync(this.#fd, (error) => {
        this.#failure ??= error;
        this.#flushing = null;
        resolve();
      });
    });
  }

  /** All of it is on the disk afterwards. */
  async finish(): Promise<void> {
    await this.#flushing;
    if (this.#failure) throw this.#failure;
    fsyncSync(this.#fd);
  }

  async dispose(): Promise<void> {
    await this.#flushing;
    closeSync(this.#fd);
  }
}

/**
 * A weights file's digest: SHA-256 over its header and the SHA-256 of every tensor, in the order they lie in. It can be made
 * while the file is written, although the header comes last.
 */
export function digestOfParts(header: Uint8Array, tensors: readonly Uint8Array[]): string {
  const hash = createHash('sha256').update(header);
  for (const digest of tensors) hash.update(digest);
  return hash.digest('hex');
}

interface HeaderEntry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly begin: number;
  readonly end: number;
}

/** The JSON of a safetensors header, filled up with spaces to `bytes`. */
function headerOf(entries: readonly HeaderEntry[], bytes = 0): Buffer {
  const fields = entries.map(({ name, shape, dtype, begin, end }) => [
    name,
    { dtype, shape, data_offsets: [begin, end] },
  ]);
  const text = JSON.stringify({ __metadata__: { format: 'pt' }, ...Object.fromEntries(fields) });
  const json = Buffer.from(text);
  return Buffer.concat([json, Buffer.alloc(Math.max(0, bytes - json.length), ' ')]);
}

function lengthOf(headerBytes: number): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(headerBytes));
  return length;
}

/** The length of a header whose every number is as long as can be. */
function largestHeader(tensors: readonly PlannedTensor[]): number {
  return headerOf(
    tensors.flatMap(({ name, shape }) =>
      [name, scalesName(name)].map((key) => ({
        name: key,
        shape: [...shape, 1e9],
        dtype: 'F32',
        begin: 1e15,
        end: 1e15,
      })),
    ),
  ).length;
}
