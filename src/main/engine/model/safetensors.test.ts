import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { f32, safetensorsFile } from '../../../../tests/fakes/safetensors.ts';
import { readSafetensors, readTensor, type TensorEntry } from './safetensors.ts';

function written(bytes: Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'weights.safetensors'), bytes);
  return join(folder, 'weights.safetensors');
}
const two = { a: f32([1, 2, 3, 4], [2, 2]), b: f32([5, -6]) };
const halves = (...values: number[]): Uint8Array => new Uint8Array(new Uint16Array(values).buffer);

it('finds every tensor where it lies, and leaves the metadata out', () => {
  const file = written(safetensorsFile(two));
  const entries = readSafetensors(file);
  expect([...entries.keys()]).toEqual(['a', 'b']);
  expect(entries.get('a')).toMatchObject({ dtype: 'F32', shape: [2, 2], sizeBytes: 16, file });
  expect([...readTensor(entries.get('a') as TensorEntry)]).toEqual([1, 2, 3, 4]);
  expect([...readTensor(entries.get('b') as TensorEntry)]).toEqual([5, -6]);
});

it.each([
  { dtype: 'F16', bytes: halves(0x3c00, 0xc000, 0x3555, 0x7bff), values: [1, -2, 0.333251953125, 65504] },
  { dtype: 'BF16', bytes: halves(0x3f80, 0xc000, 0x3eab, 0x7f7f), values: [1, -2, 0.333984375, 3.3895313892515355e38] },
  {
    dtype: 'I64',
    bytes: new Uint8Array(new BigInt64Array([3n, -1n, 0n, 2n ** 40n]).buffer),
    values: [3, -1, 0, 2 ** 40],
  },
])('reads $dtype', ({ dtype, bytes, values }) => {
  const file = written(safetensorsFile({ pad: f32([0]), x: { dtype, shape: [4], bytes } }));
  expect([...readTensor(readSafetensors(file).get('x') as TensorEntry)]).toEqual(values);
});

const whole = safetensorsFile(two);
const huge = Buffer.from(whole);
huge.writeBigUInt64LE(2n ** 62n);
it.each([
  { name: 'an empty file', bytes: Buffer.alloc(0), code: 'model-truncated', says: /is empty \(0 bytes\)/ },
  {
    name: 'a Git LFS pointer',
    bytes: Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 5676070424\n'),
    code: 'model-inconsistent',
    says: /not the weights but a Git LFS pointer/,
  },
  {
    name: 'a web page',
    bytes: Buffer.from('\n<!DOCTYPE html><html><head><title>Sign in</title>'),
    code: 'model-inconsistent',
    says: /not the weights but a web page/,
  },
  {
    name: "a redirect's text",
    bytes: Buffer.from('Found. Redirecting to https://example.org/blob'),
    code: 'model-inconsistent',
    says: /not the weights but a short text/,
  },
  {
    name: 'a PyTorch checkpoint',
    bytes: Buffer.concat([Buffer.from([0x50, 0x4b, 3, 4]), Buffer.alloc(600)]),
    code: 'model-inconsistent',
    says: /is a PyTorch checkpoint and not a safetensors file/,
  },
  { name: 'a GGUF file', bytes: Buffer.from('GGUF\x03\0\0\0'), code: 'model-inconsistent', says: /is a GGUF file/ },
  { name: 'half a length', bytes: whole.subarray(0, 5), code: 'model-truncated', says: /ends too early/ },
  { name: 'half a header', bytes: whole.subarray(0, 40), code: 'model-truncated', says: /ends too early/ },
  { name: 'data cut short', bytes: whole.subarray(0, -1), code: 'model-truncated', says: /ends too early/ },
  { name: 'a header that claims too much', bytes: huge, code: 'model-inconsistent', says: /claims \d+ bytes/ },
  {
    name: 'no JSON',
    bytes: Buffer.concat([whole.subarray(0, 8), Buffer.alloc(whole.length - 8, 'x')]),
    code: 'model-inconsistent',
    says: /not JSON/,
  },
  {
    name: 'JSON that is no object',
    bytes: safetensorsFile(two, () => null),
    code: 'model-inconsistent',
    says: /not an object/,
  },
  {
    name: 'an entry without offsets',
    bytes: safetensorsFile(two, (header) => ({ ...header, a: { dtype: 'F32', shape: [2, 2] } })),
    code: 'model-inconsistent',
    says: /entry of a is malformed/,
  },
  {
    name: 'a shape that does not fit its bytes',
    bytes: safetensorsFile({ a: { ...two.a, shape: [2, 3] } }),
    code: 'model-inconsistent',
    says: /a should take 24 bytes and takes 16/,
  },
  {
    name: 'offsets that run backwards',
    bytes: safetensorsFile(two, (header) => ({ ...header, a: { dtype: 'F32', shape: [2, 2], data_offsets: [16, 0] } })),
    code: 'model-inconsistent',
    says: /a should take 16 bytes/,
  },
  {
    name: 'an unknown type',
    bytes: safetensorsFile({ a: { ...two.a, dtype: 'F7' } }),
    code: 'model-inconsistent',
    says: /a has the unknown type F7/,
  },
])('refuses $name', ({ bytes, code, says }) => {
  const file = written(bytes);
  const attempt = (): unknown => readSafetensors(file);
  expect(attempt).toThrow(says);
  expect(attempt).toThrow(expect.objectContaining({ code }));
  expect(attempt).toThrow(/weights\.safetensors/);
});

it('says which file is missing, and what to do', () => {
  const attempt = (): unknown => readSafetensors('/nowhere/dit.safetensors');
  expect(attempt).toThrow(/dit\.safetensors cannot be opened/);
  expect(attempt).toThrow(expect.objectContaining({ code: 'model-missing', hint: expect.stringMatching(/./) }));
});
