import type { GraphBuilder, Value } from './graph-builder.ts';
import type { ProductType } from './type-plan.ts';

/**
 * y = x W^T + b for a weight stored [out, in]; `x` is 2-D.
 * @param type what the product is computed in; x and y are fp32
 */
export function linear(
  g: GraphBuilder,
  x: Value,
  name: string,
  inDim: number,
  outDim: number,
  bias = true,
  type: ProductType = 'float32',
): Value {
  const inputs = [g.cast(x, 'float32', type), g.weight(`${name}.weight`, [outDim, inDim], type)];
  if (bias) inputs.push(g.weight(`${name}.bias`, [outDim], type));
  return g.cast(g.op('Gemm', inputs, { transB: 1 }), type, 'float32');
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
 * @param type what both products are computed in, the softmax between them in fp32; q, k, v and the result are fp32
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
  type: ProductType = 'float32',
): Value {
  const dim = heads * headDim;
  if (form === 'fused') {
    const batched = g.op('Reshape', [q, g.ints([1, -1, dim])]);
    const inputs = [batched, k, v].map((value) => g.cast(value, 'float32', type));
    const mixed = g.op('MultiHeadAttention', inputs, { num_heads: heads }, 'com.microsoft');
    return g.cast(g.op('Reshape', [mixed, g.ints([-1, dim])]), type, 'float32');
  }
  // Scaled first, so that logits stay in the range of halves.
  const scaled = g.cast(
    g.op('Mul', [toHeads(g, q, heads, headDim), g.floats([1 / Math.sqrt(headDim)])]),
    'float32',
    type,
  );
  const turned = g.op('Transpose', [g.cast(k, 'float32', type)], { perm: [0, 1, 3, 2] });
  const values = g.cast(v, 'float32', type);
  const mix = (queries: Value): Value => {
    const logits = g.cast(g.op('MatMul', [queries, turned]), type, 'float32');
    return g.op('MatMul', [g.cast(g.op('Softmax', [logits], { axis: -1 }), 'float32', type), values]);
  };
  const pieces = bounds.slice(1).map((to, i) => mix(g.op('Slice', [scaled, bounds[i] as Value, to, g.ints([2])])));
  const mixed = pieces.length === 0 ? mix(scaled) : g.op('Concat', pieces, { axis: 2 });
  const merged = g.op('Reshape', [g.op('Transpose', [mixed], { perm: [0, 2, 1, 3] }), g.ints([-1, dim])]);
  return g.cast(merged, type, 'float32');
}
