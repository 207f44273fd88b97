import { createHash, type Hash } from 'node:crypto';
import { throwIfCancelled } from '../../../../shared/errors.ts';
import { damaged } from '../byte-source.ts';
import {
  elementBytes,
  elementCount,
  PieceMemory,
  readPieces,
  readStored,
  type StoredTensor,
} from '../stored-tensor.ts';
import { blockSize, type QuantBits, quantizeBlocks } from './quantize.ts';
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

/** A tensor, and what is done to its values before they are stored. */
export interface Conversion {
  readonly name: string;
  readonly tensor: StoredTensor;
  /** Shape to write; the tensor's, unless some of its rows are left out. */
  readonly shape: readonly number[];
  /** Leading elements to leave out. */
  readonly skip: number;
  readonly scale: number;
  /** Added in fp32 after scaling, [all elements]; null for most. */
  readonly change: Float32Array | null;
  /** Stored in blocks of whole numbers of so many bits, with `<name>.scales` beside it; null for halves. */
  readonly bits: QuantBits | null;
}

/** One entry of the file that is written. Entries lie one after the other, in the order they are told of. */
export interface StoredPart {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly sizeBytes: number;
  /** SHA-256 of its bytes. */
  readonly digest: Uint8Array;
}
export interface Converted {
  readonly result: WrittenTensor;
  readonly parts: readonly StoredPart[];
}

/** Where converted bytes go, piece by piece. */
export interface Pieces {
  /** Room of {@link roomBytes} for the next piece; nobody else's until it is given to `take`. */
  room(): ArrayBuffer | Promise<ArrayBuffer>;
  /** The first bytes of a room; none, where it is given back unused. */
  take(room: ArrayBuffer, lengthBytes: number): void;
  /** Everything taken of this tensor is void. */
  again(): void;
}

/** Elements handled at once. */
const pieceElements = 1 << 20;
/** The most a piece comes to. */
export const roomBytes = 4 * pieceElements;
/** Values below this become at most the largest half by rounding; from here on, infinite. */
const roundsToLargestHalf = 65_520;

/** Where the scales of a tensor in blocks are. */
export function scalesName(name: string): string {
  return `${name}.scales`;
}

/** Converts tensors one after the other, in fp16 where their range allows it. */
export class Converter {
  readonly #memory = new PieceMemory();
  readonly #pieces: Pieces;
  readonly #signal: AbortSignal | undefined;

  constructor(pieces: Pieces, signal?: AbortSignal) {
    this.#pieces = pieces;
    this.#signal = signal;
  }

  /** @throws ThroughlineError where values are no numbers or the file ends; CancelledError */
  convert(conversion: Conversion): Promise<Converted> {
    throwIfCancelled(this.#signal, 'The import');
    return conversion.bits === null ? this.#floats(conversion) : this.#blocks(conversion, conversion.bits);
  }

  async #floats(conversion: Conversion): Promise<Converted> {
    const { name, tensor, shape } = conversion;
    const sink = new HashedPieces(this.#pieces);
    const narrow = isPlain(conversion)
      ? await this.#halvesOf(conversion, sink)
      : await this.#convertTo('F16', conversion, sink);
    if (!narrow) sink.again();
    const found = narrow ?? ((await this.#convertTo('F32', conversion, sink)) as Found);
    const to = narrow ? 'F16' : 'F32';
    return { result: { name, from: tensor.type, to, shape, ...found }, parts: [sink.part(name, to, shape)] };
  }

  /** A matrix [out, in] in blocks along its rows, then its scales. */
  async #blocks({ name, tensor, shape, scale }: Conversion, bits: QuantBits): Promise<Converted> {
    const [rows, columns] = shape as [number, number];
    const blocks = columns / blockSize;
    const sink = new HashedPieces(this.#pieces);
    const scales = new Float32Array(rows * blocks);
    let peak = 0;
    await readPieces(
      tensor,
      pieceElements,
      async (values, from) => {
        throwIfCancelled(this.#signal, 'The import');
        if (scale !== 1) for (let i = 0; i < values.length; i++) values[i] = (values[i] as number) * scale;
        peak = Math.max(peak, largest(values));
        const room = await sink.room();
        const packed = new Uint8Array(room, 0, (values.length * bits) / 8);
        quantizeBlocks(values, bits, packed, scales.subarray(from / blockSize, (from + values.length) / blockSize));
        sink.take(room, packed.length);
      },
      this.#memory,
    );
    if (!Number.isFinite(peak)) throw damaged(tensor.source.name, `${name} holds values that are no numbers`);
    const data = sink.part(name, 'U8', [rows, blocks, (blockSize * bits) / 8]);
    const scaleSink = new HashedPieces(this.#pieces);
    const scaleBytes = new Uint8Array(scales.buffer);
    for (let at = 0; at < scaleBytes.length; at += roomBytes) {
      const room = await scaleSink.room();
      const some = scaleBytes.subarray(at, at + roomBytes);
      new Uint8Array(room).set(some);
      scaleSink.take(room, some.length);
    }
    return {
      result: { name, from: tensor.type, to: bits === 8 ? 'int8' : 'int4', shape, peak, vanished: 0 },
      parts: [data, scaleSink.part(scalesName(name), 'F32', [rows, blocks])],
    };
  }

  /** The same as {@link #convertTo} halves, in one pass over the stored bits. */
  async #halvesOf({ tensor, skip }: PlainConversion, sink: HashedPieces): Promise<Found | null> {
    let [peak, vanished, fits] = [0, 0, true];
    await readStored(
      tensor,
      pieceElements,
      skip,
      async (bytes) => {
        throwIfCancelled(this.#signal, 'The import');
        if (!fits) return;
        const room = await sink.room();
        const halves = new Uint16Array(room, 0, bytes.length / elementBytes[tensor.type]);
        const found = toHalves(tensor.type, bytes, halves);
        peak = Math.max(peak, found.peak);
        vanished += found.vanished;
        fits = peak < roundsToLargestHalf;
        sink.take(room, fits ? halves.byteLength : 0);
      },
      this.#memory,
    );
    return fits ? { peak, vanished } : null;
  }

  /** @returns null where a value leaves the type's range */
  async #convertTo(
    to: 'F16' | 'F32',
    { tensor, shape, skip, scale, change }: Conversion,
    sink: HashedPieces,
  ): Promise<Found | null> {
    const end = skip + elementCount(shape);
    let [peak, vanished, fits] = [0, 0, true];
    await readPieces(
      tensor,
      pieceElements,
      async (values, from) => {
        throwIfCancelled(this.#signal, 'The import');
        const some = values.subarray(Math.max(0, skip - from), Math.max(0, Math.min(values.length, end - from)));
        if (!fits || some.length === 0) return;
        if (scale !== 1) for (let i = 0; i < some.length; i++) some[i] = (some[i] as number) * scale;
        if (change) {
          const offset = Math.max(skip, from);
          for (let i = 0; i < some.length; i++) some[i] = (some[i] as number) + (change[offset + i] as number);
        }
        peak = Math.max(peak, largest(some));
        fits = to === 'F32' || peak < roundsToLargestHalf;
        if (!fits) return;
        const room = await sink.room();
        if (to === 'F32') {
          new Float32Array(room).set(some);
        } else {
          const rounded = new Float16Array(room, 0, some.length);
          rounded.set(some);
          vanished += vanishedIn(some, rounded);
        }
        sink.take(room, (to === 'F32' ? 4 : 2) * some.length);
      },
      this.#memory,
    );
    return fits ? { peak, vanished } : null;
  }
}

/** What was seen of a tensor's values on the way. */
interface Found {
  readonly peak: number;
  readonly vanished: number;
}

/** Digests what goes through. */
class HashedPieces implements Pieces {
  readonly #pieces: Pieces;
  #hash: Hash = createHash('sha256');
  #sizeBytes = 0;

  constructor(pieces: Pieces) {
    this.#pieces = pieces;
  }

  room(): ArrayBuffer | Promise<ArrayBuffer> {
    return this.#pieces.room();
  }

  take(room: ArrayBuffer, lengthBytes: number): void {
    this.#hash.update(new Uint8Array(room, 0, lengthBytes));
    this.#sizeBytes += lengthBytes;
    this.#pieces.take(room, lengthBytes);
  }

  again(): void {
    this.#hash = createHash('sha256');
    this.#sizeBytes = 0;
    this.#pieces.again();
  }

  /** Of what was taken; nothing may be taken afterwards. */
  part(name: string, dtype: string, shape: readonly number[]): StoredPart {
    return { name, dtype, shape, sizeBytes: this.#sizeBytes, digest: this.#hash.digest() };
  }
}

/** A tensor whose stored bits become halves without arithmetic. */
interface PlainConversion extends Conversion {
  readonly tensor: StoredTensor & { readonly type: DirectType };
}

function isPlain(conversion: Conversion): conversion is PlainConversion {
  const { tensor, scale, change } = conversion;
  return scale === 1 && change === null && tensor.strides === null && isDirect(tensor.type);
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
