import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { f32, safetensorsFile } from '../../../../tests/fakes/safetensors.ts';
import { GraphBuilder } from '../model/graph-builder.ts';
import { readSafetensors } from '../model/safetensors.ts';
import { Device } from './device.ts';
import { hostFloats } from './graph.ts';

async function cpu(): Promise<Device> {
  const device = await Device.open({ name: 'cpu', threads: 1 });
  onTestFinished(() => device.dispose());
  return device;
}

/** A folder with one weights file, and what the graph builder knows of it. */
function weightsFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const halves = (...values: number[]): Uint8Array => new Uint8Array(new Uint16Array(values).buffer);
  writeFileSync(
    join(folder, 'weights.safetensors'),
    safetensorsFile({
      odd: { dtype: 'U8', shape: [3], bytes: new Uint8Array(3) }, // what follows is not aligned
      full: f32([1, 2, 3, 4, 5, 6], [2, 3]),
      half: { dtype: 'F16', shape: [3], bytes: halves(0x3c00, 0xc000, 0x3800) }, // 1, -2, 0.5
      brain: { dtype: 'BF16', shape: [3], bytes: halves(0x4040, 0xbf80, 0x3f00) }, // 3, -1, 0.5
    }),
  );
  return { folder, weights: readSafetensors(join(folder, 'weights.safetensors')) };
}

it('runs a graph whose weights of three types lie in a safetensors file, at any offset', async () => {
  const { folder, weights } = weightsFolder();
  const device = await cpu();
  const g = new GraphBuilder('test', weights);
  const x = g.input('x', 'float32', ['n', 3]);
  const scaled = g.op('Add', [g.op('Mul', [x, g.weight('half', [3])]), g.weight('brain', [3])]);
  g.output('y', g.op('Gemm', [scaled, g.weight('full', [2, 3])], { transB: 1 }), 'float32', ['n', 2]);
  g.output('sum', g.op('ReduceSum', [scaled, g.ints([1])], { keepdims: 0 }), 'float32', ['n']);
  writeFileSync(join(folder, 'test.onnx'), g.build());
  const graph = await device.load(join(folder, 'test.onnx'));
  const { y, sum } = await graph.run({ x: hostFloats(new Float32Array([2, 1, 4, 0, 0, 0]), [2, 3]) }, ['y', 'sum']);
  // x * [1, -2, 0.5] + [3, -1, 0.5] = [5, -3, 2.5] and [3, -1, 0.5]
  expect(y.dims).toEqual([2, 2]);
  expect([...(await device.download(y))]).toEqual([5 - 6 + 7.5, 20 - 15 + 15, 3 - 2 + 1.5, 12 - 5 + 3]);
  expect([...(await device.download(sum))]).toEqual([4.5, 2.5]);
  y.dispose();
  sum.dispose();
  expect(device.live).toEqual({ tensors: 0, bytes: 0 });
});

it('gives one value several public names, an input among them', async () => {
  const device = await cpu();
  const g = new GraphBuilder('test');
  const x = g.input('x', 'float32', ['n']);
  const doubled = g.op('Add', [x, x]);
  g.output('a', doubled, 'float32', ['n']);
  g.output('b', doubled, 'float32', ['n']);
  g.output('same', x, 'float32', ['n']);
  g.output('c', g.op('Mul', [doubled, doubled]), 'float32', ['n']);
  const graph = await device.loadBytes('test', g.build());
  const out = await graph.run({ x: hostFloats(new Float32Array([3]), [1]) }, ['a', 'b', 'same', 'c']);
  const values = await Promise.all(Object.values(out).map((tensor) => device.download(tensor)));
  expect(values.map(([value]) => value)).toEqual([6, 6, 3, 36]);
});

it('frees the memory of a disposed tensor at once, whether uploaded or computed', async () => {
  const device = await cpu();
  const g = new GraphBuilder('test');
  const x = g.input('x', 'float32', ['n']);
  g.output('y', g.op('Add', [x, x]), 'float32', ['n']);
  const graph = await device.loadBytes('test', g.build());
  const uploaded = await device.upload(new Float32Array([1, 2]), [2]);
  const { y } = await graph.run({ x: uploaded }, ['y']);
  const memory = [await device.download(uploaded), await device.download(y)].map(({ buffer }) => buffer as ArrayBuffer);
  expect(memory.map(({ detached, byteLength }) => [detached, byteLength])).toEqual([
    [false, 8],
    [false, 8],
  ]);
  uploaded.dispose();
  y.dispose();
  expect(memory.map(({ detached, byteLength }) => [detached, byteLength])).toEqual([
    [true, 0],
    [true, 0],
  ]);
});

it.each([
  ['a weight that is not there', 'nothing', [3], /the weight nothing is missing/],
  [
    'a weight of another shape',
    'full',
    [3, 2],
    /full has the shape \[2,3\] in weights\.safetensors, but config\.json implies \[3,2\]/,
  ],
  ['a weight of a type it cannot use', 'odd', [3], /odd has the type U8; F32, F16 and BF16 are supported/],
])('refuses %s', (_, name, shape, says) => {
  const { weights } = weightsFolder();
  const attempt = (): unknown => new GraphBuilder('test', weights).weight(name, shape);
  expect(attempt).toThrow(says);
  expect(attempt).toThrow(expect.objectContaining({ code: 'model-inconsistent' }));
});

it('names the inputs that were left out, and lists what was fed when a run fails', async () => {
  const device = await cpu();
  const g = new GraphBuilder('adder');
  g.output('y', g.op('Add', [g.input('a', 'float32', ['n']), g.input('b', 'float32', ['n'])]), 'float32', ['n']);
  const graph = await device.loadBytes('adder', g.build());
  const a = hostFloats(new Float32Array(3), [3]);
  await expect(graph.run({ a }, ['y'])).rejects.toThrow(/adder was run without b/);
  const b = hostFloats(new Float32Array(4), [4]);
  await expect(graph.run({ a, b }, ['y'])).rejects.toThrow(/adder failed \(a: float32\[3\], b: float32\[4\]\)/);
  expect(device.live.tensors).toBe(0);
});

it('says so when the file is no graph', async () => {
  const device = await cpu();
  await expect(device.loadBytes('junk', new Uint8Array([1, 2, 3]))).rejects.toMatchObject({
    message: expect.stringContaining('The graph junk could not be loaded'),
  });
});
