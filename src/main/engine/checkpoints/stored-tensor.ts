import { type ByteSource, damaged } from './byte-source.ts';

/** Element types of checkpoints, as safetensors names them. */
export const elementBytes = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  F8_E4M3: 1,
  F8_E5M2: 1,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
} as const;
export type StoredType = keyof typeof elementBytes;

/** Where one tensor of a checkpoint lies: nothing of it is read yet. */
export interface StoredTensor {
  readonly source: ByteSource;
  readonly type: StoredType;
  readonly shape: readonly number[];
  /** Of the first element, from the start of the file. */
  readonly offsetBytes: number;
  /** In elements, per axis; null where elements lie in order. */
  readonly strides: readonly number[] | null;
}

/** Memory for pieces that is used again for the next tensor: new memory is filled with zeros, which takes its time. */
export class PieceMemory {
  #bytes = new ArrayBuffer(0);
  #values = new ArrayBuffer(0);

  /** The contents of those given before are void. */
  bytes(length: number): Uint8Array<ArrayBuffer> {
    if (this.#bytes.byteLength < length) this.#bytes = new ArrayBuffer(length);
    return new Uint8Array(this.#bytes, 0, length);
  }

  /** As {@link bytes}, for values. */
  values(length: number): Float32Array<ArrayBuffer> {
    if (this.#values.byteLength < 4 * length) this.#values = new ArrayBuffer(4 * length);
    return new Float32Array(this.#values, 0, length);
  }
}

/** A tensor out of order is gathered in memory: no published one comes near. */
const mostGatheredBytes = 1024 ** 3;

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}

/** Strides that mean "in order" become null. */
export function normalizedStrides(shape: readonly number[], strides: readonly number[]): readonly number[] | null {
  let expected = 1;
  let inOrder = true;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis] as number;
    if (size > 1 && strides[axis] !== expected) inOrder = false;
    expected *= size;
  }
  return inOrder ? null : strides;
}

/**
 * Reads a tensor piece by piece as fp32, in order, so that what is at hand stays small.
 * @param pieceElements most elements at once
 * @param take told the elements and the index of the first; the array is used again afterwards
 * @param memory for one tensor at a time
 */
export async function readPieces(
  tensor: StoredTensor,
  pieceElements: number,
  take: (values: Float32Array, from: number) => void | Promise<void>,
  memory = new PieceMemory(),
): Promise<void> {
  const count = elementCount(tensor.shape);
  if (tensor.strides) {
    const whole = gathered(tensor);
    for (let from = 0; from < count; from += pieceElements) {
      await take(whole.subarray(from, Math.min(count, from + pieceElements)), from);
    }
    return;
  }
  const size = elementBytes[tensor.type];
  const most = Math.min(count, pieceElements);
  const bytes = memory.bytes(most * size);
  const values = memory.values(most);
  for (let from = 0; from < count; from += most) {
    const some = Math.min(most, count - from);
    const piece = bytes.subarray(0, some * size);
    tensor.source.readInto(piece, tensor.offsetBytes + from * size);
    const widened = values.subarray(0, some);
    widen(piece, tensor, widened);
    await take(widened, from);
  }
}

/**
 * Reads a tensor that lies in order, piece by piece, as it is stored.
 * @param skip leading elements left out
 * @param take told the bytes of some elements; the array is used again afterwards
 * @param memory for one tensor at a time
 */
export async function readStored(
  tensor: StoredTensor,
  pieceElements: number,
  skip: number,
  take: (bytes: Uint8Array) => void | Promise<void>,
  memory = new PieceMemory(),
): Promise<void> {
  const count = elementCount(tensor.shape);
  const size = elementBytes[tensor.type];
  const bytes = memory.bytes(Math.min(Math.max(0, count - skip), pieceElements) * size);
  for (let from = skip; from < count; from += pieceElements) {
    const piece = bytes.subarray(0, Math.min(pieceElements, count - from) * size);
    tensor.source.readInto(piece, tensor.offsetBytes + from * size);
    await take(piece);
  }
}

/** The whole tensor as fp32; for small ones. */
export async function readWhole(tensor: StoredTensor): Promise<Float32Array> {
  const whole = new Float32Array(elementCount(tensor.shape));
  await readPieces(tensor, whole.length || 1, (values, from) => whole.set(values, from));
  return whole;
}

function gathered(tensor: StoredTensor): Float32Array {
  const { shape, source } = tensor;
  const strides = tensor.strides as readonly number[];
  const size = elementBytes[tensor.type];
  const span = 1 + shape.reduce((sum, n, axis) => sum + (n - 1) * (strides[axis] as number), 0);
  if (span * size > mostGatheredBytes) throw damaged(source.name, `a tensor of ${span * size} bytes lies out of order`);
  const stored = new Float32Array(span);
  widen(source.read(tensor.offsetBytes, span * size), tensor, stored);
  const whole = new Float32Array(elementCount(shape));
  const index = new Array<number>(shape.length).fill(0);
  let at = 0;
  for (let i = 0; i < whole.length; i++) {
    whole[i] = stored[at] as number;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis] = (index[axis] as number) + 1;
      at += strides[axis] as number;
      if ((index[axis] as number) < (shape[axis] as number)) break;
      at -= (strides[axis] as number) * (shape[axis] as number);
      index[axis] = 0;
    }
  }
  return whole;
}

/** Values of all 256 bytes. */
const tables = { F8_E4M3: eightBits(4, 3), F8_E5M2: eightBits(5, 2) };

/** Raw little-endian bytes to fp32. */
function widen(bytes: Uint8Array, { type, source }: StoredTensor, into: Float32Array): void {
  const copy = (): ArrayBuffer =>
    bytes.byteOffset % elementBytes[type] === 0 ? (bytes.buffer as ArrayBuffer) : (bytes.slice().buffer as ArrayBuffer);
  const start = bytes.byteOffset % elementBytes[type] === 0 ? bytes.byteOffset : 0;
  switch (type) {
    case 'F32':
      into.set(new Float32Array(copy(), start, into.length));
      return;
    case 'F64':
      into.set(new Float64Array(copy(), start, into.length));
      return;
    case 'F16':
      into.set(new Float16Array(copy(), start, into.length));
      return;
    case 'BF16': {
      const halves = new Uint16Array(copy(), start, into.length);
      const bits = new Uint32Array(into.buffer, into.byteOffset, into.length);
      for (let i = 0; i < halves.length; i++) bits[i] = (halves[i] as number) << 16;
      return;
    }
    case 'F8_E4M3':
    case 'F8_E5M2': {
      const table = tables[type];
      for (let i = 0; i < into.length; i++) into[i] = table[bytes[i] as number] as number;
      return;
    }
    case 'I64':
    case 'I32':
    case 'I16':
    case 'I8':
    case 'U8':
    case 'BOOL':
      throw damaged(source.name, `weights are whole numbers (${type})`);
  }
}

/** fp8 without infinities for E4M3 (its all-ones mantissa at the top is no number), with them for E5M2. */
function eightBits(exponentBits: number, mantissaBits: number): Float32Array {
  const bias = 2 ** (exponentBits - 1) - 1;
  const top = 2 ** exponentBits - 1;
  return Float32Array.from({ length: 256 }, (_, byte) => {
    const sign = byte >= 128 ? -1 : 1;
    const exponent = (byte >> mantissaBits) & top;
    const mantissa = byte & (2 ** mantissaBits - 1);
    if (exponentBits === 5 && exponent === top) return mantissa === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
    if (exponentBits === 4 && exponent === top && mantissa === 7) return Number.NaN;
    const fraction = mantissa / 2 ** mantissaBits;
    return exponent === 0 ? sign * fraction * 2 ** (1 - bias) : sign * (1 + fraction) * 2 ** (exponent - bias);
  });
}
