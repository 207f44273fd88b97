import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { FileSource } from '../byte-source.ts';
import type { StoredTensor } from '../stored-tensor.ts';
import { type DirectType, toHalves } from './to-halves.ts';
import { writeWeights } from './weights-writer.ts';

/** Largest magnitude and vanished values, the slow way. */
function lookAt(values: Float32Array, rounded: Float16Array): { peak: number; vanished: number } {
  let [peak, vanished] = [0, 0];
  for (const [i, value] of values.entries()) {
    peak = Math.max(peak, Number.isNaN(value) ? Number.POSITIVE_INFINITY : Math.abs(value));
    if (value !== 0 && rounded[i] === 0) vanished++;
  }
  return { peak, vanished };
}

function check(type: DirectType, bytes: Uint8Array, values: Float32Array): void {
  const wanted = new Float16Array(values);
  const into = new Uint16Array(values.length);
  expect(toHalves(type, bytes, into)).toEqual(lookAt(values, wanted));
  expect(Buffer.compare(Buffer.from(into.buffer), Buffer.from(wanted.buffer))).toBe(0);
}

const finite = (bits: number, top: number): boolean => (bits & top) !== top;

test('every bf16 and every half that is a number', () => {
  const brains = Uint16Array.from({ length: 65_536 }, (_, i) => i).filter((bits) => finite(bits, 0x7f80));
  check('BF16', new Uint8Array(brains.buffer), new Float32Array(Uint32Array.from(brains, (x) => x << 16).buffer));
  // The same in another order, so that each meets others in its pair, and an odd number of them.
  const turned = Uint16Array.from([...brains].reverse().slice(0, -1));
  check('BF16', new Uint8Array(turned.buffer), new Float32Array(Uint32Array.from(turned, (x) => x << 16).buffer));
  const halves = Uint16Array.from({ length: 65_536 }, (_, i) => i).filter((bits) => finite(bits, 0x7c00));
  check('F16', new Uint8Array(halves.buffer), Float32Array.from(new Float16Array(halves.buffer)));
});

test('floats of every exponent: just below, at and above every place where rounding turns', () => {
  const bits: number[] = [];
  let state = 7;
  for (let exponent = 0; exponent < 255; exponent++) {
    const mantissas = [0, 1, 0xfff, 0x1000, 0x1001, 0x1fff, 0x2fff, 0x3000, 0x3001, 0x3f_ffff, 0x40_0000, 0x40_0001];
    for (let shift = 13; shift < 23; shift++)
      for (const d of [-1, 0, 1]) mantissas.push((1 << shift) + d, 3 * (1 << (shift - 1)) + d);
    for (let i = 0; i < 40; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      mantissas.push(state >>> 9);
    }
    for (const mantissa of [...mantissas, 0x7f_ffff, 0x7f_efff, 0x7f_f000]) {
      for (const sign of [0, 0x8000_0000]) bits.push((sign | (exponent << 23) | (mantissa & 0x7f_ffff)) >>> 0);
    }
  }
  const words = Uint32Array.from(bits);
  check('F32', new Uint8Array(words.buffer), new Float32Array(words.buffer));
});

test.each([
  ['BF16', Uint16Array.of(0x3f80, 0x7f80)],
  ['BF16', Uint16Array.of(0x3f80, 0xffc0)],
  ['F16', Uint16Array.of(0x3c00, 0xfc00)],
  ['F16', Uint16Array.of(0x3c00, 0x7e00)],
  ['F32', Uint32Array.of(0x3f80_0000, 0x7f80_0000)],
  ['F32', Uint32Array.of(0x3f80_0000, 0xffc0_0000)],
] as const)('what is no number is seen by the peak: %s', (type, words) => {
  expect(toHalves(type, new Uint8Array(words.buffer), new Uint16Array(2)).peak).toBe(Number.POSITIVE_INFINITY);
});

test('a file is the same, byte for byte, whether bits are looked up or values computed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-halves-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const count = 5000;
  const values = Float32Array.from({ length: count }, (_, i) => Math.sin(i) * 2 ** ((i % 40) - 28));
  const wide = values.map((value, i) => (i === 4999 ? 70_000 : value));
  const stored: readonly (readonly [string, DirectType, Uint8Array])[] = [
    ['floats', 'F32', new Uint8Array(values.buffer)],
    ['halves', 'F16', new Uint8Array(new Float16Array(values).buffer)],
    ['brains', 'BF16', new Uint8Array(Uint16Array.from(new Uint32Array(values.buffer), (x) => x >>> 16).buffer)],
    ['wide', 'F32', new Uint8Array(wide.buffer)],
  ];
  const path = join(folder, 'source');
  writeFileSync(path, Buffer.concat(stored.map(([, , bytes]) => bytes)));
  const source = FileSource.open(path);
  onTestFinished(() => source.dispose());
  let at = 0;
  const tensors = stored.map(([name, type, bytes]) => {
    const tensor: StoredTensor = { source, type, shape: [count], offsetBytes: at, strides: null };
    at += bytes.length;
    return { name, tensor, shape: [count - 8], skip: 8, scale: 1, change: null, bits: null };
  });
  const nothing = async (): Promise<Float32Array> => new Float32Array(count).fill(-0);
  const looked = await writeWeights(join(folder, 'looked'), tensors);
  const computed = await writeWeights(
    join(folder, 'computed'),
    tensors.map((planned) => ({ ...planned, change: nothing })),
  );
  expect(looked).toEqual(computed);
  expect(looked.written.map(({ to }) => to)).toEqual(['F16', 'F16', 'F16', 'F32']);
  expect(readFileSync(join(folder, 'looked')).equals(readFileSync(join(folder, 'computed')))).toBe(true);
});
