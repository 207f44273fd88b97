import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { throwIfCancelled } from '../../../shared/errors.ts';
import { damaged } from './byte-source.ts';
import { blockSize, type QuantBits, quantizeBlocks } from './quantize.ts';
import { elementBytes, elementCount, readPieces, readStored, type StoredTensor } from './stored-tensor.ts';
import { type DirectType, isDirect, toHalves } from './to-halves.ts';

/** How one tensor was stored. */
export interface WrittenTensor {
  readonly name: string;
  readonly from: string;
  readonly to: 'F16' | 'F32' | 'int8' | 'int4';
  readonly shape: readonly number[];
  /** Largest magnitude. */
  readonly peak: number;
  /** Values that are not 0 and became 0. */
  readonly vanished: number;
}

/** What to write: a tensor, and what is done to its values on the way. */
export interface PlannedTensor {
  readonly name: string;
  readonly tensor: StoredTensor;
  /** Shape to write; the tensor's, unless some of its rows are left out. */
  readonly shape: readonly number[];
  /** Leading elements to leave out. */
  readonly skip: number;
  readonly scale: number;
  /** Added in fp32 after scaling, [all elements]; null for most. */
  readonly change: (() => Promise<Float32Array>) | null;
  /** Stored in blocks of whole numbers of so many bits, with `<name>.scales` beside it; null for halves. */
  readonly bits: QuantBits | null;
}

/** Elements handled at once: 16 MB of fp32. */
const pieceElements = 1 << 22;
/** Values below this become at most the largest half by rounding; from here on, infinite. */
const roundsToLargestHalf = 65_520;

/**
 * Writes tensors as a safetensors file in fp16; a tensor that leaves its range stays in fp32, whole. Piece by piece: memory
 * does not grow with the file.
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
  }: { readonly signal?: AbortSignal | undefined; onBytes?: ((bytes: number) => void) | undefined } = {},
): Promise<{ written: WrittenTensor[]; sha256: string; sizeBytes: number }> {
  const fd = openSync(path, 'wx');
  try {
    // The header is written last, when every type is known, into room that suffices for the worst.
    const room = headerOf(
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
    const headerBytes = Math.ceil(room / 8) * 8;
    const written: WrittenTensor[] = [];
    const places: HeaderEntry[] = [];
    const digests: Buffer[] = [];
    let at = 0;
    for (const planned of tensors) {
      throwIfCancelled(signal, 'The import');
      if (planned.bits !== null) {
        const { data, scales, result } = await quantized(planned, planned.bits, signal);
        for (const { name, dtype, shape, bytes } of [data, scales]) {
          writeAll(fd, bytes, 8 + headerBytes + at);
          digests.push(createHash('sha256').update(bytes).digest());
          places.push({ name, dtype, shape, begin: at, end: at + bytes.length });
          at += bytes.length;
          onBytes?.(bytes.length);
        }
        written.push(result);
        continue;
      }
      const begin = at;
      let hash = createHash('sha256');
      const result = await convertTensor(planned, signal, {
        take: (bytes) => {
          writeAll(fd, bytes, 8 + headerBytes + at);
          hash.update(bytes);
          at += bytes.length;
          onBytes?.(bytes.length);
        },
        again: () => {
          onBytes?.(begin - at);
          at = begin;
          hash = createHash('sha256');
        },
      });
      digests.push(hash.digest());
      written.push(result);
      places.push({ name: planned.name, shape: planned.shape, dtype: result.to, begin, end: at });
    }
    const header = Buffer.concat([lengthOf(headerBytes), headerOf(places, headerBytes)]);
    writeAll(fd, header, 0);
    fsyncSync(fd);
    return { written, sha256: digestOfParts(header, digests), sizeBytes: 8 + headerBytes + at };
  } finally {
    closeSync(fd);
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

/** Where the scales of a tensor in blocks are. */
export function scalesName(name: string): string {
  return `${name}.scales`;
}

interface StoredPart {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/** A matrix [out, in] in blocks along its rows; whole in memory, some 50 megabytes for the largest there is. */
async function quantized(
  { name, tensor, shape, scale }: PlannedTensor,
  bits: QuantBits,
  signal: AbortSignal | undefined,
): Promise<{ data: StoredPart; scales: StoredPart; result: WrittenTensor }> {
  const [rows, columns] = shape as [number, number];
  const blocks = columns / blockSize;
  const packed = new Uint8Array((rows * columns * bits) / 8);
  const scales = new Float32Array(rows * blocks);
  let peak = 0;
  await readPieces(tensor, pieceElements, (values, from) => {
    throwIfCancelled(signal, 'The import');
    if (scale !== 1) for (let i = 0; i < values.length; i++) values[i] = (values[i] as number) * scale;
    peak = Math.max(peak, largest(values));
    const end = from + values.length;
    quantizeBlocks(
      values,
      bits,
      packed.subarray((from * bits) / 8, (end * bits) / 8),
      scales.subarray(from / blockSize, end / blockSize),
    );
  });
  if (!Number.isFinite(peak)) throw damaged(tensor.source.name, `${name} holds values that are no numbers`);
  return {
    data: { name, dtype: 'U8', shape: [rows, blocks, (blockSize * bits) / 8], bytes: packed },
    scales: { name: scalesName(name), dtype: 'F32', shape: [rows, blocks], bytes: new Uint8Array(scales.buffer) },
    result: { name, from: tensor.type, to: bits === 8 ? 'int8' : 'int4', shape, peak, vanished: 0 },
  };
}

interface Sink {
  take(bytes: Uint8Array): void;
  /** Everything taken of this tensor is void. */
  again(): void;
}

async function convertTensor(
  planned: PlannedTensor,
  signal: AbortSignal | undefined,
  sink: Sink,
): Promise<WrittenTensor> {
  const { name, tensor, shape, change } = planned;
  const added = change ? await change() : null;
  const narrow = isPlain(planned)
    ? await halvesOf(planned, signal, sink)
    : await convertTo('F16', planned, added, signal, sink);
  if (!narrow) sink.again();
  const result =
    narrow ?? ((await convertTo('F32', planned, added, signal, sink)) as { peak: number; vanished: number });
  return { name, from: tensor.type, to: narrow ? 'F16' : 'F32', shape, ...result };
}

/** A tensor whose stored bits become halves without arithmetic. */
interface PlainTensor extends PlannedTensor {
  readonly tensor: StoredTensor & { readonly type: DirectType };
}

function isPlain(planned: PlannedTensor): planned is PlainTensor {
  const { tensor, scale, change } = planned;
  return scale === 1 && change === null && tensor.strides === null && isDirect(tensor.type);
}

/** The same as {@link convertTo} halves, in one pass. */
async function halvesOf(
  { tensor, shape, skip }: PlainTensor,
  signal: AbortSignal | undefined,
  sink: Sink,
): Promise<{ peak: number; vanished: number } | null> {
  const halves = new Uint16Array(Math.min(pieceElements, elementCount(shape)));
  let [peak, vanished, fits] = [0, 0, true];
  await readStored(tensor, pieceElements, skip, (bytes) => {
    throwIfCancelled(signal, 'The import');
    if (!fits) return;
    const some = halves.subarray(0, bytes.length / elementBytes[tensor.type]);
    const found = toHalves(tensor.type, bytes, some);
    peak = Math.max(peak, found.peak);
    vanished += found.vanished;
    fits = peak < roundsToLargestHalf;
    if (fits) sink.take(new Uint8Array(some.buffer, some.byteOffset, some.byteLength));
  });
  return fits ? { peak, vanished } : null;
}

/** @returns null where a value leaves the type's range */
async function convertTo(
  to: 'F16' | 'F32',
  { tensor, shape, skip, scale }: PlannedTensor,
  added: Float32Array | null,
  signal: AbortSignal | undefined,
  sink: Sink,
): Promise<{ peak: number; vanished: number } | null> {
  const end = skip + elementCount(shape);
  const halves = new Float16Array(to === 'F16' ? Math.min(pieceElements, end) : 0);
  let [peak, vanished, fits] = [0, 0, true];
  await readPieces(tensor, pieceElements, (values, from) => {
    throwIfCancelled(signal, 'The import');
    const some = values.subarray(Math.max(0, skip - from), Math.max(0, Math.min(values.length, end - from)));
    if (!fits || some.length === 0) return;
    if (scale !== 1) for (let i = 0; i < some.length; i++) some[i] = (some[i] as number) * scale;
    if (added) {
      const offset = Math.max(skip, from);
      for (let i = 0; i < some.length; i++) some[i] = (some[i] as number) + (added[offset + i] as number);
    }
    peak = Math.max(peak, largest(some));
    if (to === 'F32') {
      sink.take(new Uint8Array(some.buffer, some.byteOffset, some.byteLength));
      return;
    }
    fits = peak < roundsToLargestHalf;
    if (!fits) return;
    const rounded = halves.subarray(0, some.length);
    rounded.set(some);
    vanished += vanishedIn(some, rounded);
    sink.take(new Uint8Array(rounded.buffer, rounded.byteOffset, rounded.byteLength));
  });
  return fits ? { peak, vanished } : null;
}

/** Largest magnitude; infinite where something is no number. */
function largest(values: Float32Array): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) {
    const value = Math.abs(values[i] as number);
    if (!(value <= most)) most = Number.isNaN(value) ? Number.POSITIVE_INFINITY : value;
  }
  return most;
}

function vanishedIn(values: Float32Array, rounded: Float16Array): number {
  let count = 0;
  // Looking at single elements of a Float16Array takes some four times as long.
  const bits = new Uint16Array(rounded.buffer, rounded.byteOffset, rounded.length);
  for (let i = 0; i < values.length; i++) if (((bits[i] as number) & 0x7fff) === 0 && values[i] !== 0) count++;
  return count;
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

function writeAll(fd: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done, bytes.length - done, position + done);
}
