import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readSafetensors, readTensor } from '../../model/safetensors.ts';
import { familyOf } from '../families.ts';
import { loraPairs, lowRankChange, plainMatMul } from '../lora.ts';
import { chooseRoot } from '../names.ts';
import { withScales } from '../scaled-weights.ts';
import { readPieces, readWhole, type StoredTensor, type StoredType } from '../stored-tensor.ts';
import { openCheckpoint } from './index.ts';

const fixture = (name: string): string =>
  fileURLToPath(new URL(`../../../../../tests/fixtures/containers/${name}`, import.meta.url));
const { heads } = JSON.parse(readFileSync(fixture('config.json'), 'utf8'));

const expected = new Map(
  [...readSafetensors(fixture('expected.safetensors'))].map(([name, entry]) => [name, readTensor(entry)]),
);

function tensorsOf(path: string, ema = true): ReadonlyMap<string, StoredTensor> {
  const checkpoint = openCheckpoint(path);
  onTestFinished(() => checkpoint.dispose());
  return chooseRoot(checkpoint.name, checkpoint.entries, ema).tensors;
}

/** fp32 rounded to a type and back, as whoever wrote the file rounded it. */
function rounded(values: Float32Array, type: StoredType): Float32Array {
  if (type === 'F16') return Float32Array.from(new Float16Array(values));
  if (type !== 'BF16') return values;
  const bits = new Uint32Array(values.slice().buffer);
  const halves = bits.map((bit) => ((bit + 0x7fff + ((bit >>> 16) & 1)) >>> 16) << 16);
  return new Float32Array(halves.buffer);
}

describe('gives the weights exactly, in the stored type', () => {
  it.each<[string, StoredType]>([
    ['generator.pt', 'F32'],
    ['ema.pt', 'BF16'],
    ['compiled.pt', 'F16'],
    ['flat.pth', 'BF16'],
    ['legacy.pth', 'F32'],
    ['views.pth', 'F32'],
    ['bf16.safetensors', 'BF16'],
    ['diffusion_pytorch_model.safetensors.index.json', 'F32'],
    ['comfy-prefixed.safetensors', 'F16'],
  ])('%s', async (file, type) => {
    const tensors = tensorsOf(fixture(file));
    expect([...tensors.keys()].sort()).toEqual([...expected.keys()].sort());
    for (const [name, tensor] of tensors) {
      expect(tensor.type, name).toBe(type);
      expect(await readWhole(tensor), name).toEqual(rounded(expected.get(name) as Float32Array, type));
    }
    expect(familyOf(file, tensors, { heads })).toMatchObject({
      family: 'dit',
      dim: 24,
      layers: 2,
      ffnDim: 48,
      textDim: 20,
    });
  });

  it('in pieces as whole, out of order too', async () => {
    for (const file of ['views.pth', 'bf16.safetensors']) {
      for (const [name, tensor] of tensorsOf(fixture(file))) {
        const pieces: number[] = [];
        await readPieces(tensor, 7, (values, from) => {
          expect(from).toBe(pieces.length);
          pieces.push(...values);
        });
        expect(Float32Array.from(pieces), name).toEqual(await readWhole(tensor));
      }
    }
  });

  it('the weights that were not averaged, where those are wanted', async () => {
    const [name, plain] = [...tensorsOf(fixture('ema.pt'), false)][0] as [string, StoredTensor];
    const averaged = await readWhole(tensorsOf(fixture('ema.pt')).get(name) as StoredTensor);
    const values = await readWhole(plain);
    expect(values).not.toEqual(averaged);
    expect(values.every((value, i) => Math.abs(Math.abs(value - (averaged[i] as number)) - 1) < 0.02)).toBe(true);
  });

  it('eight-bit weights times their scales', async () => {
    const scaled = await withScales('fp8-scaled.safetensors', tensorsOf(fixture('fp8-scaled.safetensors')));
    expect([...scaled.keys()].sort()).toEqual([...expected.keys()].sort());
    for (const [name, entry] of readSafetensors(fixture('expected-fp8.safetensors'))) {
      const { tensor, scale } = scaled.get(name) ?? { tensor: null, scale: 0 };
      const values = (await readWhole(tensor as StoredTensor)).map((value) => value * scale);
      expect(values, name).toEqual(readTensor(entry));
    }
  });

  it('a LoRA merged in fp32', async () => {
    const base = tensorsOf(fixture('generator.pt'));
    const pairs = await loraPairs('lora.pt', tensorsOf(fixture('lora.pt')), 4);
    const merged = readSafetensors(fixture('expected-merged.safetensors'));
    expect([...pairs.keys()].sort()).toEqual([...merged.keys()].sort());
    expect(familyOf('lora.pt', tensorsOf(fixture('lora.pt')))).toEqual({ family: 'lora', rank: 4 });
    for (const [name, entry] of merged) {
      const change = await lowRankChange(pairs.get(name) as never, plainMatMul);
      const values = (await readWhole(base.get(name) as StoredTensor)).map((value, i) => value + (change[i] as number));
      const difference = readTensor(entry).reduce(
        (most, value, i) => Math.max(most, Math.abs(value - (values[i] as number))),
        0,
      );
      expect(difference, name).toBeLessThan(1e-6);
    }
  });
});

const check = (file: string): void => {
  familyOf(file, tensorsOf(fixture(file)), { heads });
};

it.each<[string, RegExp]>([
  ['lfs-pointer.safetensors', /lfs-pointer\.safetensors is not the weights but a Git LFS pointer/],
  ['login-page.pt', /login-page\.pt is not the weights but a web page/],
  ['truncated.pt', /truncated\.pt ends too early \(111545 bytes\)/],
  ['malicious.pt', /malicious\.pt is not only weights: it asks for "[a-z]+\.system"/],
  ['missing-key.pt', /missing-key\.pt is damaged: \S+ is missing/],
  ['wrong-shape.pt', /wrong-shape\.pt is damaged: \S+ has the shape \[[\d,]+\], where \[[\d,]+\] is due/],
])('refuses %s in one true sentence', (file, says) => {
  expect(() => check(file)).toThrow(says);
  expect(() => check(file)).toThrow(
    expect.objectContaining({ name: 'ThroughlineError', hint: expect.stringMatching(/\w{3}/) }),
  );
  expect(existsSync('/tmp/throughline-pwned')).toBe(false);
});

it('follows symbolic links, as a Hugging Face cache has them', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  symlinkSync(fixture('flat.pth'), join(folder, 'model.safetensors')); // and is not misled by the ending
  expect(tensorsOf(join(folder, 'model.safetensors')).size).toBe(expected.size);
  symlinkSync(join(folder, 'gone'), join(folder, 'dangling.pt'));
  expect(() => openCheckpoint(join(folder, 'dangling.pt'))).toThrow(/dangling\.pt cannot be opened/);
  writeFileSync(join(folder, 'empty.pt'), '');
  expect(() => openCheckpoint(join(folder, 'empty.pt'))).toThrow(/empty\.pt is empty \(0 bytes\)/);
  expect(() => openCheckpoint(folder)).toThrow(/is not a file/);
});

it('says that eight-bit weights lack their scales', async () => {
  const tensors = new Map(
    [...tensorsOf(fixture('fp8-scaled.safetensors'))].filter(([name]) => !name.endsWith('scale_weight')),
  );
  await expect(withScales('kijai.safetensors', tensors)).rejects.toThrow(/in eight bits \(F8_E4M3\) without a scale/);
});
