import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { ThroughlineError } from '../../../../shared/errors.ts';
import { type ByteSource, truncated } from '../byte-source.ts';
import { familyOf } from '../families.ts';
import { chooseRoot } from '../names.ts';
import { elementCount, readPieces } from '../stored-tensor.ts';
import { readCheckpoint } from './index.ts';

const folder = fileURLToPath(new URL('../../../../../tests/fixtures/containers/', import.meta.url));
const perFile = 150;

/** A file in memory that counts what is asked of it. */
function memorySource(name: string, bytes: Buffer): ByteSource & { readonly asked: () => number } {
  let asked = 0;
  const source: ByteSource = {
    name,
    sizeBytes: bytes.length,
    read: (offset, length) => {
      if (offset < 0 || offset + length > bytes.length) throw truncated(source);
      asked += length;
      return Buffer.from(bytes.subarray(offset, offset + length));
    },
    readInto: (target, offset) => {
      if (offset < 0 || offset + target.length > bytes.length) throw truncated(source);
      asked += target.length;
      target.set(bytes.subarray(offset, offset + target.length));
    },
  };
  return { ...source, asked: () => asked };
}

/** mulberry32 */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Bytes changed, cut or doubled, mostly where containers describe themselves: at both ends. */
function mutated(bytes: Buffer, next: () => number): Buffer {
  const place = (): number => {
    const where = next();
    const near = Math.floor(next() ** 2 * Math.min(bytes.length, 9000));
    if (where < 0.4) return near;
    return where < 0.8 ? bytes.length - 1 - near : Math.floor(next() * bytes.length);
  };
  const kind = next();
  if (kind < 0.15) return bytes.subarray(0, place());
  const copy = Buffer.from(bytes);
  if (kind < 0.25) {
    const at = place();
    return Buffer.concat([copy.subarray(0, at), copy.subarray(at, at + 16), copy.subarray(at)]);
  }
  for (let i = 0; i < 1 + next() * 4; i++) {
    const at = Math.max(0, place());
    copy[at] = kind < 0.5 ? 0xff : Math.floor(next() * 256);
  }
  return copy;
}

const files = readdirSync(folder).filter(
  (name) => /\.(pt|pth|safetensors|json)$/.test(name) && !name.startsWith('expected'),
);

it.each(files)('%s: whatever is changed, it opens or says why not', async (file) => {
  const bytes = readFileSync(folder + file);
  const next = random(files.indexOf(file) + 1);
  for (let i = 0; i < perFile; i++) {
    const source = memorySource(file, mutated(bytes, next));
    try {
      const entries = readCheckpoint(source, (shard) =>
        memorySource(shard, readFileSync(folder + shard.slice(0, 100))),
      );
      const { tensors } = chooseRoot(file, entries);
      familyOf(file, tensors, { heads: 2 });
      for (const tensor of tensors.values()) {
        expect(elementCount(tensor.shape)).toBeLessThan(1e6);
        await readPieces(tensor, 4096, () => {});
      }
    } catch (error) {
      if ((error as { code?: string }).code === 'ENOENT') continue; // a shard under another name
      expect(error, `mutation ${i}: ${(error as Error).stack}`).toBeInstanceOf(ThroughlineError);
    }
    expect(source.asked()).toBeLessThan(20 * bytes.length + 100_000);
  }
  expect(existsSync('/tmp/throughline-pwned')).toBe(false);
});
