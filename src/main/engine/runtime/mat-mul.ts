import { GraphBuilder } from '../model/graph-builder.ts';
import type { Device } from './device.ts';
import { hostFloats } from './graph.ts';

/** a [rows, inner] . b [inner, columns] in fp32, by the device's own kernels; each call's result is the caller's. */
export async function matMulOn(
  device: Device,
): Promise<(a: Float32Array, b: Float32Array, rows: number, inner: number, columns: number) => Promise<Float32Array>> {
  const g = new GraphBuilder('mat-mul');
  const a = g.input('a', 'float32', ['rows', 'inner']);
  const b = g.input('b', 'float32', ['inner', 'columns']);
  g.output('y', g.op('MatMul', [a, b]), 'float32', ['rows', 'columns']);
  const graph = await device.loadBytes('mat-mul', g.build());
  return async (left, right, rows, inner, columns) => {
    const { y } = await graph.run({ a: hostFloats(left, [rows, inner]), b: hostFloats(right, [inner, columns]) }, [
      'y',
    ]);
    try {
      return Float32Array.from(await device.download(y));
    } finally {
      y.dispose();
    }
  };
}
