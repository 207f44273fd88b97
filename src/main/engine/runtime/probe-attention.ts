import { GraphBuilder } from '../model/graph-builder.ts';
import { type AttentionForm, attention } from '../model/graph-parts.ts';
import type { ProductType } from '../model/type-plan.ts';
import type { Device } from './device.ts';
import { hostFloats } from './graph.ts';

/** Enough queries for the kernels of long sequences: one driver has the short ones right and goes wrong from 32 on. */
const probe = { queries: 72, keys: 100, heads: 2 } as const;
const agreement = { float32: 1e-4, float16: 1e-2 } as const;

/** Runs both forms of attention on a small input of the model's head width; `fused` only where both give the same numbers. */
export async function probeAttention(
  device: Device,
  headDim: number,
  type: ProductType = 'float32',
): Promise<AttentionForm> {
  const reference = await run(device, 'decomposed', headDim, type);
  try {
    const fused = await run(device, 'fused', headDim, type);
    return fused.every((value, i) => Math.abs(value - (reference[i] as number)) < agreement[type])
      ? 'fused'
      : 'decomposed';
  } catch {
    return 'decomposed';
  }
}

async function run(device: Device, form: AttentionForm, headDim: number, type: ProductType): Promise<Float32Array> {
  const { queries, keys, heads } = probe;
  const g = new GraphBuilder(`probe-${form}`);
  const q = g.input('q', 'float32', [queries, heads * headDim]);
  const k = g.input('k', 'float32', [1, heads, keys, headDim]);
  const v = g.input('v', 'float32', [1, heads, keys, headDim]);
  g.output('y', attention(g, form, q, k, v, heads, headDim, [], type), 'float32', [queries, heads * headDim]);
  const graph = await device.loadBytes(`probe-${form}`, g.build());
  const wave = (length: number, step: number): Float32Array =>
    Float32Array.from({ length }, (_, i) => 2 * Math.sin(i * step));
  const context = [1, heads, keys, headDim];
  const feeds = {
    q: hostFloats(wave(queries * heads * headDim, 0.7), [queries, heads * headDim]),
    k: hostFloats(wave(heads * keys * headDim, 1.3), context),
    v: hostFloats(wave(heads * keys * headDim, 0.4), context),
  };
  const { y } = await graph.run(feeds, ['y']);
  const values = Float32Array.from(await device.download(y));
  y.dispose();
  await graph.dispose();
  return values;
}
