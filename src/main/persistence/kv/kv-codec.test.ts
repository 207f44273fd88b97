import { describe, expect, test } from 'vitest';
import type { KvStorage } from '../../../shared/render.ts';
import { decodeKv, encodeKv, kvBytes, roundToStorage } from './kv-codec.ts';

const storages: readonly KvStorage[] = ['fp32', 'fp16', 'int8'];
const rowLength = 16;

/** Values over many magnitudes, with zeros and a zero row; the same for the same seed. */
function values(seed: number, spread: number): Float32Array {
  let state = seed >>> 0;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const all = Float32Array.from({ length: 12 * rowLength }, () => (random() - 0.5) * 2 ** ((random() - 0.5) * spread));
  all.fill(0, rowLength, 2 * rowLength);
  all[5] = 0;
  all[6] = -0;
  return all;
}

describe.each(storages)('%s', (storage) => {
  const rounded = Array.from({ length: 60 }, (_, seed) =>
    roundToStorage(values(seed, (seed % 15) * 2), rowLength, storage),
  );

  test('rounded values survive encoding and decoding bit for bit', () => {
    for (const given of rounded) {
      const bytes = encodeKv(given, rowLength, storage);
      expect(bytes.length).toBe(kvBytes(12, rowLength, storage));
      expect(new Uint8Array(decodeKv(bytes, rowLength, storage).buffer)).toEqual(new Uint8Array(given.buffer));
    }
  });

  test('rounding twice is rounding once', () => {
    for (const given of rounded) expect(roundToStorage(given.slice(), rowLength, storage)).toEqual(given);
  });

  test('stays within half a step', () => {
    for (let seed = 0; seed < 60; seed++) {
      const given = values(seed, (seed % 15) * 2);
      const result = roundToStorage(given, rowLength, storage, new Float32Array(given.length));
      for (let start = 0; start < given.length; start += rowLength) {
        const row = given.subarray(start, start + rowLength);
        const max = Math.max(...row.map(Math.abs));
        for (const [i, value] of row.entries()) {
          // int8: the step is a power of two, at most 2/127 of the row's largest value.
          const half = { fp32: 0, fp16: Math.max(Math.abs(value) * 2 ** -11, 2 ** -25), int8: max / 127 }[storage];
          expect(Math.abs(result[start + i]! - value)).toBeLessThanOrEqual(half);
        }
      }
    }
  });

  test('leaves its input alone when given a target, and works in place otherwise', () => {
    const given = Float32Array.of(0.1, 0.2, 0.3);
    const target = new Float32Array(3);
    expect(roundToStorage(given, 3, storage, target)).toBe(target);
    expect(given).toEqual(Float32Array.of(0.1, 0.2, 0.3));
    expect(roundToStorage(given, 3, storage)).toBe(given);
    expect(given).toEqual(target);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('refuses %d, by its place', (bad) => {
    const given = Float32Array.of(1, 2, bad, 4);
    expect(() => roundToStorage(given.slice(), 2, storage)).toThrow(/value 2 is/);
    expect(() => encodeKv(given, 2, storage)).toThrow(/value 2 is/);
  });

  test('no values, and lengths that do not fit', () => {
    expect(decodeKv(encodeKv(new Float32Array(0), 4, storage), 4, storage)).toEqual(new Float32Array(0));
    expect(() => roundToStorage(new Float32Array(5), 4, storage)).toThrow(/whole number of rows/);
    expect(() => encodeKv(new Float32Array(5), 0, storage)).toThrow(/a row cannot have 0 values/);
    expect(() => decodeKv(new Uint8Array(kvBytes(1, 4, storage) + 1), 4, storage)).toThrow(/no whole number/);
  });

  test('bytes at an odd address are read too', () => {
    const given = roundToStorage(values(3, 4), rowLength, storage);
    const bytes = encodeKv(given, rowLength, storage);
    const shifted = new Uint8Array(bytes.length + 1);
    shifted.set(bytes, 1);
    expect(decodeKv(shifted.subarray(1), rowLength, storage)).toEqual(given);
  });
});

test('int8: power-of-two scale of the row, half to even', () => {
  // e = ceil(log2(127 / 127)) = 0
  expect(roundToStorage(Float32Array.of(127, 0.5, 1.5, 2.5, -0.5, -1.5), 6, 'int8')).toEqual(
    Float32Array.of(127, 0, 2, 2, 0, -2),
  );
  // one more than 127 needs e = 1: steps of 2
  expect(roundToStorage(Float32Array.of(128, 3, 5), 3, 'int8')).toEqual(Float32Array.of(128, 4, 4));
  // rows have scales of their own
  expect(roundToStorage(Float32Array.of(1, 0.001, 1000, 1), 2, 'int8')).toEqual(Float32Array.of(1, 0, 1000, 0));
  expect(encodeKv(Float32Array.of(127, -1, 254, 2), 2, 'int8')).toEqual(Uint8Array.of(0, 1, 127, 255, 127, 1));
});

test('int8: the ends of the range', () => {
  const tiny = Float32Array.of(2 ** -149, -(2 ** -126), 2 ** -127 * 3);
  const rounded = roundToStorage(tiny.slice(), 3, 'int8');
  expect(rounded).toEqual(Float32Array.of(0, -(2 ** -126), 2 ** -125));
  expect(decodeKv(encodeKv(rounded, 3, 'int8'), 3, 'int8')).toEqual(rounded);
  const huge = Float32Array.of(127 * 2 ** 121, -1);
  expect(decodeKv(encodeKv(roundToStorage(huge, 2, 'int8'), 2, 'int8'), 2, 'int8')).toEqual(huge);
  expect(() => roundToStorage(Float32Array.of(3.4028234663852886e38), 1, 'int8')).toThrow(/too large/);
});

test('fp16: too large is said, not stored as infinity', () => {
  expect(roundToStorage(Float32Array.of(65504, 1 / 3), 2, 'fp16')).toEqual(
    Float32Array.of(65504, Math.f16round(1 / 3)),
  );
  expect(() => roundToStorage(Float32Array.of(1, 65520), 2, 'fp16')).toThrow(/value 1 is .*too large.*|too large/);
});

test.each(['fp16', 'int8'] as const)('%s: values that were never rounded are refused', (storage) => {
  expect(() => encodeKv(Float32Array.of(1, 0.1), 2, storage)).toThrow(`value 1 (${Math.fround(0.1)}) was not rounded`);
});
