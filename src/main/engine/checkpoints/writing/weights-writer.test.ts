import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { FileSource } from '../byte-source.ts';
import { weightsDigest } from '../model-digest.ts';
import { elementBytes, elementCount, type StoredTensor, type StoredType } from '../stored-tensor.ts';
import { type PlannedTensor, writeWeights } from './weights-writer.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'throughline-weights-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
});

/** Numbers that are the same on every machine, of all sizes that halves have and some that they have not. */
function numbers(seed: number, count: number, exponents: number): Float32Array {
  const words = new Uint32Array(count);
  let state = seed;
  for (let i = 0; i < count; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const exponent = 100 + ((state >>> 24) % exponents);
    words[i] = ((state & 0x80_0000) << 8) | (exponent << 23) | ((state ^ (state >>> 9)) & 0x7f_ffff);
  }
  return new Float32Array(words.buffer);
}

function stored(type: StoredType, values: Float32Array): Uint8Array {
  switch (type) {
    case 'F32':
      return new Uint8Array(values.buffer);
    case 'F16':
      return new Uint8Array(new Float16Array(values).buffer);
    case 'BF16':
      return new Uint8Array(Uint16Array.from(new Uint32Array(values.buffer), (bits) => bits >>> 16).buffer);
    default:
      return Uint8Array.from(new Uint32Array(values.buffer), (bits) => (bits >>> 9) % 0x7f);
  }
}

type Given = Partial<PlannedTensor> & { readonly type: StoredType; readonly exponents?: number };

/** A file of tensors and what is to be done to them: of every kind there is, and one longer than a piece. */
function planned(given: readonly Given[]): { tensors: PlannedTensor[]; path: string } {
  const path = join(folder, 'source');
  const bytes = given.map(({ type, shape = [4, 640], exponents = 41 }, i) =>
    stored(type, numbers(i + 1, elementCount(shape), exponents)),
  );
  writeFileSync(path, Buffer.concat(bytes));
  const source = FileSource.open(path);
  onTestFinished(() => source.dispose());
  let at = 0;
  const tensors = given.map(({ type, exponents: _, shape = [4, 640], ...more }, i): PlannedTensor => {
    const tensor: StoredTensor = { source, type, shape, offsetBytes: at, strides: null };
    at += elementCount(shape) * elementBytes[type];
    return { name: `tensor.${i}`, tensor, shape, skip: 0, scale: 1, change: null, bits: null, ...more };
  });
  return { tensors, path };
}

const long = [3, 640_000];
const everyKind: readonly Given[] = [
  { type: 'BF16' },
  { type: 'F32', shape: long },
  { type: 'F16' },
  { type: 'BF16', shape: long, exponents: 60 }, // leaves the range of halves
  { type: 'F8_E4M3', scale: 0.37 },
  { type: 'BF16', scale: 3 },
  { type: 'BF16', bits: 4 },
  { type: 'F32', shape: long, bits: 8 },
  { type: 'BF16', change: async () => numbers(99, 2560, 30) },
  { type: 'F32', exponents: 60, change: async () => numbers(98, 2560, 30) },
  { type: 'BF16' },
];

/** Some rows are left out of one, and one lies in another order. */
function allKinds(): PlannedTensor[] {
  const { tensors } = planned(everyKind);
  const [first, , third] = tensors as [PlannedTensor, PlannedTensor, PlannedTensor];
  return [
    ...tensors,
    { ...first, name: 'rows', shape: [3, 640], skip: 640 },
    { ...third, name: 'turned', tensor: { ...third.tensor, shape: [640, 4], strides: [1, 640] }, shape: [640, 4] },
  ];
}

test('the same file, to the byte, in how many threads ever; and the file that one thread always made', async () => {
  const tensors = allKinds();
  const told: number[] = [];
  const made = await writeWeights(join(folder, 'here'), tensors, { threads: 0, onBytes: (bytes) => told.push(bytes) });
  expect(made.written.map(({ to }) => to)).toEqual([
    ...['F16', 'F16', 'F16', 'F32', 'F16', 'F16', 'int4', 'int8', 'F16', 'F32', 'F16', 'F16', 'F16'],
  ]);
  const bytes = readFileSync(join(folder, 'here'));
  // As it was written by the code before there were threads.
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(
    '8e233ec358e3267d5c92dde4de81b20c6afcd7c376803361fc442dc36e2d642f',
  );
  expect(made.sha256).toBe('6ecff69e603a98426cf6aadfea1866e06863fa7d042b715a6d4a1d2d4bb4e5d4');
  for (const threads of [1, 3]) {
    const toldToo: number[] = [];
    const path = join(folder, `in-${threads}`);
    const again = await writeWeights(path, allKinds(), { threads, onBytes: (n) => toldToo.push(n) });
    expect(again).toEqual(made);
    expect(toldToo).toEqual(told);
    expect(readFileSync(path).equals(bytes)).toBe(true);
    expect(weightsDigest(path)).toBe(made.sha256);
  }
});

test('a file that ends on the way is told as that by a thread too', async () => {
  const { tensors, path } = planned(everyKind);
  truncateSync(path, 9_000_000);
  const says: unknown[] = [];
  for (const threads of [0, 2]) {
    says.push(await writeWeights(join(folder, `${threads}`), tensors, { threads }).catch((error: unknown) => error));
  }
  expect(says[0]).toMatchObject({ code: 'model-truncated', message: expect.stringContaining('ends too early') });
  const { code, message, hint } = says[0] as { code: string; message: string; hint: string };
  expect(says[1]).toMatchObject({ code, message, hint });
});

test('an import that is cancelled in between ends, whatever the threads have at hand', async () => {
  for (const threads of [0, 2]) {
    const stopping = new AbortController();
    let wholeBytes = 0;
    const stopped = writeWeights(join(folder, `cut-${threads}`), allKinds(), {
      threads,
      signal: stopping.signal,
      onBytes: (bytes) => {
        wholeBytes += bytes;
        if (wholeBytes > 2_000_000) stopping.abort();
      },
    });
    await expect(stopped).rejects.toMatchObject({ code: 'cancelled' });
    expect(wholeBytes).toBeLessThan(8_000_000);
  }
  const early = AbortSignal.abort();
  await expect(writeWeights(join(folder, 'early'), allKinds(), { threads: 2, signal: early })).rejects.toMatchObject({
    code: 'cancelled',
  });
});
