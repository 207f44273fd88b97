import { ThroughlineError } from '../../../shared/errors.ts';
import type { KvStorage } from '../../../shared/render.ts';

// K/V are rounded once, at commit, to what the storage type can carry; encoding and decoding then lose nothing.
// All formats are little-endian, as is every machine that runs Node 24.

const int8Max = 127;
/** Keeps q * 2^e a normal fp32 number and e within one signed byte; rows smaller than this round to zero. */
const int8MinExponent = -126;

/**
 * Rounds `values`, [rows, rowLength] row-major, to what `storage` can carry, and returns `target`.
 *
 * fp32: as they are. fp16: IEEE half, nearest even. int8: q * 2^e with one integer e per row,
 * e = ceil(log2(max|row| / 127)) and q = x / 2^e rounded half to even, so |q| <= 127.
 * Idempotent; rounded values survive {@link encodeKv} and {@link decodeKv} exactly.
 *
 * @param target where the result goes; `values` itself by default (in place). The caller owns both.
 * @throws ThroughlineError `internal` for NaN, infinity, values too large for the type, or a length that is no whole number of rows
 */
export function roundToStorage(
  values: Float32Array,
  rowLength: number,
  storage: KvStorage,
  target: Float32Array = values,
): Float32Array {
  checkRows(values.length, rowLength);
  if (target.length !== values.length) throw broken(`the target has ${target.length} values, not ${values.length}`);
  switch (storage) {
    case 'fp32':
      if (target !== values) target.set(values);
      break;
    case 'fp16':
      // Faster than Math.f16round, value by value.
      target.set(new Float16Array(values));
      break;
    case 'int8':
      for (let start = 0; start < values.length; start += rowLength) {
        const scale = 2 ** rowExponent(values, start, rowLength);
        for (let i = start; i < start + rowLength; i++) {
          // Adding 0 turns -0 into 0: int8 has only one zero.
          target[i] = roundHalfEven(values[i]! / scale) * scale + 0;
        }
      }
      break;
    default:
      return storage satisfies never;
  }
  checkFinite(target, values, storage);
  return target;
}

/**
 * Bytes of values that {@link roundToStorage} made, owned by the caller.
 * fp32: 4 bytes each. fp16: 2 bytes each. int8: one signed exponent byte per row, then one signed byte per value.
 *
 * @throws ThroughlineError `internal` if a value is not exactly what the storage type carries: storing would change it
 */
export function encodeKv(values: Float32Array, rowLength: number, storage: KvStorage): Uint8Array {
  checkRows(values.length, rowLength);
  switch (storage) {
    case 'fp32':
      checkFinite(values, values, storage);
      return new Uint8Array(values.slice().buffer);
    case 'fp16': {
      const halves = new Float16Array(values);
      for (let i = 0; i < values.length; i++) {
        if (halves[i] !== values[i]) throw notRounded(values[i]!, i, storage);
      }
      checkFinite(values, values, storage);
      return new Uint8Array(halves.buffer);
    }
    case 'int8': {
      const rows = values.length / rowLength;
      const bytes = new Int8Array(rows + values.length);
      for (let row = 0; row < rows; row++) {
        const start = row * rowLength;
        const exponent = rowExponent(values, start, rowLength);
        bytes[row] = exponent;
        for (let i = start; i < start + rowLength; i++) {
          const q = values[i]! / 2 ** exponent;
          if (!Number.isInteger(q)) throw notRounded(values[i]!, i, storage);
          bytes[rows + i] = q;
        }
      }
      return new Uint8Array(bytes.buffer);
    }
    default:
      return storage satisfies never;
  }
}

/**
 * The values that {@link encodeKv} was given, [rows, rowLength], in new memory owned by the caller.
 * @throws ThroughlineError `database` if the number of bytes is none that `storage` and `rowLength` allow
 */
export function decodeKv(bytes: Uint8Array, rowLength: number, storage: KvStorage): Float32Array {
  const rowBytes = kvBytes(1, rowLength, storage);
  if (bytes.length % rowBytes !== 0) {
    throw new ThroughlineError(
      'database',
      `A stored page has ${bytes.length} bytes, which is no whole number of ${storage} rows of ${rowLength} values.`,
      'The cache is damaged or from another model; it can be deleted.',
    );
  }
  const rows = bytes.length / rowBytes;
  // Copied, because what SQLite returns need not be aligned.
  const own = new Uint8Array(bytes);
  switch (storage) {
    case 'fp32':
      return new Float32Array(own.buffer);
    case 'fp16':
      return new Float32Array(new Float16Array(own.buffer));
    case 'int8': {
      const signed = new Int8Array(own.buffer);
      const values = new Float32Array(rows * rowLength);
      for (let row = 0; row < rows; row++) {
        const scale = 2 ** signed[row]!;
        for (let i = row * rowLength; i < (row + 1) * rowLength; i++) values[i] = signed[rows + i]! * scale;
      }
      return values;
    }
    default:
      return storage satisfies never;
  }
}

/** Bytes that `rows` rows of `rowLength` values take when stored. */
export function kvBytes(rows: number, rowLength: number, storage: KvStorage): number {
  switch (storage) {
    case 'fp32':
      return rows * rowLength * 4;
    case 'fp16':
      return rows * rowLength * 2;
    case 'int8':
      return rows * (rowLength + 1);
    default:
      return storage satisfies never;
  }
}

/** The smallest e, at least {@link int8MinExponent}, with max|row| <= 127 * 2^e; 0 for a row of zeros. */
function rowExponent(values: Float32Array, start: number, rowLength: number): number {
  let max = 0;
  for (let i = start; i < start + rowLength; i++) {
    const magnitude = Math.abs(values[i]!);
    if (!(magnitude <= Number.MAX_VALUE)) throw notFinite(values[i]!, i, 'int8');
    if (magnitude > max) max = magnitude;
  }
  if (max === 0) return 0;
  let exponent = Math.ceil(Math.log2(max / int8Max));
  // log2 may be off in its last bit; products with powers of two are exact.
  while (max > int8Max * 2 ** exponent) exponent++;
  while (max <= int8Max * 2 ** (exponent - 1)) exponent--;
  return Math.max(exponent, int8MinExponent);
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

function checkRows(length: number, rowLength: number): void {
  if (!Number.isInteger(rowLength) || rowLength < 1) throw broken(`a row cannot have ${rowLength} values`);
  if (length % rowLength !== 0) throw broken(`${length} values are no whole number of rows of ${rowLength}`);
}

function checkFinite(rounded: Float32Array, given: Float32Array, storage: KvStorage): void {
  for (let i = 0; i < rounded.length; i++) {
    // In place, `given` is already rounded: what it was is gone, where it was is still right.
    if (!Number.isFinite(rounded[i])) throw notFinite(given[i]!, i, storage);
  }
}

function broken(what: string): ThroughlineError {
  return new ThroughlineError('internal', `K/V cannot be stored: ${what}.`, 'Please report this.');
}

function notFinite(value: number, index: number, storage: KvStorage): ThroughlineError {
  return new ThroughlineError(
    'internal',
    `K/V cannot be stored as ${storage}: value ${index} is ${value}, or too large for the type.`,
    storage === 'fp32' ? 'The model computed something that is not a number.' : 'Try storing K/V as fp32.',
  );
}

function notRounded(value: number, index: number, storage: KvStorage): ThroughlineError {
  if (!Number.isFinite(value)) return notFinite(value, index, storage);
  return broken(`value ${index} (${value}) was not rounded to ${storage} first`);
}
