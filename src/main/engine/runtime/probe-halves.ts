import { GraphBuilder } from '../model/graph-builder.ts';
import type { Device } from './device.ts';
import { hostFloats } from './graph.ts';

/** Whether the device multiplies matrices in halves, and rightly: not every graphics card has them (WebGPU's shader-f16). */
export async function hasHalves(device: Device): Promise<boolean> {
  if (device.name === 'cpu') return false;
  const size = 8;
  const g = new GraphBuilder('probe-halves');
  const a = g.cast(g.input('a', 'float32', [size, size]), 'float32', 'float16');
  const b = g.cast(g.input('b', 'float32', [size, size]), 'float32', 'float16');
  g.output('y', g.cast(g.op('MatMul', [a, b]), 'float16', 'float32'), 'float32', [size, size]);
  const values = Float32Array.from({ length: size * size }, (_, i) => (i % 7) - 3); // small whole numbers: exact in halves
  try {
    const graph = await device.loadBytes('probe-halves', g.build());
    try {
      const feed = hostFloats(values, [size, size]);
      const { y } = await graph.run({ a: feed, b: feed }, ['y']);
      try {
        return (await device.download(y)).every((value, at) => value === product(values, size, at));
      } finally {
        y.dispose();
      }
    } finally {
      await graph.dispose();
    }
  } catch {
    return false;
  }
}

function product(values: Float32Array, size: number, at: number): number {
  const row = Math.floor(at / size) * size;
  let sum = 0;
  for (let k = 0; k < size; k++) sum += (values[row + k] as number) * (values[k * size + (at % size)] as number);
  return sum;
}
