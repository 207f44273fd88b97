import type { GraphBuilder, Value } from './graph-builder.ts';
import { toHeads } from './graph-parts.ts';

/** Up to here a product costs as much as with a third of them: mostly keys are read. */
const mostTold = 11;

/** A pass of `queries` tells what it attends to by every so many of them: few, spread over its frames. */
export function toldStride(queries: number): number {
  return Math.ceil(queries / mostTold);
}

export interface AttendedShape {
  readonly heads: number;
  readonly headDim: number;
  /** Of a frame. */
  readonly tokens: number;
  /** Every so many queries is one that tells. */
  readonly stride: number;
}

/**
 * What of its softmax each frame of the keys gets, summed over all heads and over the queries `from`, `from` + stride, and so on.
 * It is computed beside attention, which stays as it is. Where `from` is n, no query tells, nothing is computed and all are 0.
 * @param q [n, heads*headDim], roped
 * @param k [1, heads, frames*tokens, headDim], roped
 * @param from [1]
 * @returns [frames]; heads times queries in all
 */
export function attendedFrames(g: GraphBuilder, q: Value, k: Value, from: Value, shape: AttendedShape): Value {
  const { heads, headDim, tokens, stride } = shape;
  const rows = g.op('Slice', [q, from, g.ints([2 ** 31 - 1]), g.ints([0]), g.ints([stride])]);
  const scaled = g.op('Mul', [toHeads(g, rows, heads, headDim), g.floats([1 / Math.sqrt(headDim)])]);
  // The few queries are turned, not the many keys: that would copy them.
  const logits = g.op('MatMul', [k, g.op('Transpose', [scaled], { perm: [0, 1, 3, 2] })]); // [1, heads, keys, rows]
  const shares = g.op('Softmax', [g.op('Transpose', [logits], { perm: [0, 1, 3, 2] })], { axis: -1 });
  const keys = g.op('ReduceSum', [shares, g.ints([0, 1, 2])], { keepdims: 0 }); // [frames*tokens]
  return g.op('ReduceSum', [g.op('Reshape', [keys, g.ints([-1, tokens])]), g.ints([1])], { keepdims: 0 });
}
