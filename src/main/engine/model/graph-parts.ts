import type { GraphBuilder, Value } from './graph-builder.ts';

/** y = x W^T + b for a weight stored [out, in]; `x` is 2-D. */
export function linear(g: GraphBuilder, x: Value, name: string, inDim: number, outDim: number, bias = true): Value {
  const inputs = [x, g.weight(`${name}.weight`, [outDim, inDim])];
  if (bias) inputs.push(g.weight(`${name}.bias`, [outDim]));
  return g.op('Gemm', inputs, { transB: 1 });
}

export function silu(g: GraphBuilder, x: Value): Value {
  return g.op('Mul', [x, g.op('Sigmoid', [x])]);
}

/** GELU in its tanh form. */
export function geluTanh(g: GraphBuilder, x: Value): Value {
  return g.op('Gelu', [x], { approximate: 'tanh' });
}

/** RMS norm over the last axis: x / sqrt(mean(x^2) + eps) * weight. */
export function rmsNorm(g: GraphBuilder, x: Value, name: string, dim: number, eps: number): Value {
  return g.op('SimplifiedLayerNormalization', [x, g.weight(name, [dim])], {
    axis: -1,
    epsilon: { float: eps },
    stash_type: 1,
  });
}

/** Layer norm over the last axis with a given scale and shift, each [dim]. */
export function layerNorm(g: GraphBuilder, x: Value, scale: Value, shift: Value, eps: number): Value {
  return g.op('LayerNormalization', [x, scale, shift], { axis: -1, epsilon: { float: eps } });
}

/** [n, heads*headDim] -> [1, heads, n, headDim] */
export function toHeads(g: GraphBuilder, x: Value, heads: number, headDim: number): Value {
  return g.op('Transpose', [g.op('Reshape', [x, g.ints([1, -1, heads, headDim])])], { perm: [0, 2, 1, 3] });
}

/**
 * Rotates adjacent pairs of every head: RoPE in its interleaved form.
 * @param x [n, heads*headDim]
 * @param cos,sin [n, headDim/2], one row a token
 */
export function rope(g: GraphBuilder, x: Value, cos: Value, sin: Value, dim: number, heads: number): Value {
  const batched = g.op('Reshape', [x, g.ints([1, -1, dim])]);
  const rotated = g.op(
    'RotaryEmbedding',
    [batched, g.ints([0]), cos, sin],
    { interleaved: 1, num_heads: heads },
    'com.microsoft',
  );
  return g.op('Reshape', [rotated, g.ints([-1, dim])]);
}

/**
 * How scaled dot-product attention is written. `fused` is com.microsoft.MultiHeadAttention; some drivers compute it
 * wrongly for several queries, so the runtime probes it first.
 */
export type AttentionForm = 'fused' | 'decomposed';

/**
 * softmax(q k^T / sqrt(headDim)) v
 * @param q [n, heads*headDim]
 * @param k,v [1, heads, m, headDim]
 * @param bounds of pieces of the queries, ascending from 0 to n: written plainly, only the logits of one piece are at hand at
 * a time; none leaves them whole
 * @returns [n, heads*headDim]
 */
export function attention(
  g: GraphBuilder,
  form: AttentionForm,
  q: Value,
  k: Value,
  v: Value,
  heads: number,
  headDim: number,
  bounds: readonly Value[] = [],
): Value {
  const dim = heads * headDim;
  if (form === 'fused') {
    const batched = g.op('Reshape', [q, g.ints([1, -1, dim])]);
    const mixed = g.op('MultiHeadAttention', [batched, k, v], { num_heads: heads }, 'com.microsoft');
    return g.op('Reshape', [mixed, g.ints([-1, dim])]);
  }
  const scaled = g.op('Mul', [toHeads(g, q, heads, headDim), g.floats([1 / Math.sqrt(headDim)])]);
  const turned = g.op('Transpose', [k], { perm: [0, 1, 3, 2] });
  const mix = (queries: Value): Value =>
    g.op('MatMul', [g.op('Softmax', [g.op('MatMul', [queries, turned])], { axis: -1 }), v]);
  const pieces = bounds.slice(1).map((to, i) => mix(g.op('Slice', [scaled, bounds[i] as Value, to, g.ints([2])])));
  const mixed = pieces.length === 0 ? mix(scaled) : g.op('Concat', pieces, { axis: 2 });
  return g.op('Reshape', [g.op('Transpose', [mixed], { perm: [0, 2, 1, 3] }), g.ints([-1, dim])]);
}
