import type { ModelConfig } from './config.ts';
import { GraphBuilder, type Value } from './graph-builder.ts';
import { geluTanh, linear, rmsNorm, toHeads } from './graph-parts.ts';
import type { TensorEntry } from './safetensors.ts';

/** Added to the logits of padded keys. */
const maskedLogit = -3.4028234663852886e38;
const eps = 1e-6;

/**
 * The UMT5-style encoder (model reference H).
 * In: `ids` [textLength] int64; `mask` [textLength], 1 for real tokens and 0 for padding.
 * Out: `embedding` [textLength, dim], rows of padding zero.
 */
export function buildTextGraph(config: ModelConfig['text'], weights: ReadonlyMap<string, TensorEntry>): Uint8Array {
  const { vocabSize, dim, heads, headDim, ffnDim, layers, textLength } = config;
  const inner = heads * headDim;
  const g = new GraphBuilder('text', weights);
  const ids = g.input('ids', 'int64', [textLength]);
  const mask = g.input('mask', 'float32', [textLength]);
  const maskBias = g.op('Mul', [g.op('Sub', [g.floats([1]), mask]), g.floats([maskedLogit])]); // over keys, broadcast
  const buckets = g.ints(relativeBuckets(textLength, config.buckets, config.maxDistance), [textLength, textLength]);

  let x = g.op('Gather', [g.weight('token_embedding.weight', [vocabSize, dim]), ids], { axis: 0 });
  for (let layer = 0; layer < layers; layer++) {
    const name = `blocks.${layer}`;
    x = g.op('Add', [x, selfAttention(name, rmsNorm(g, x, `${name}.norm1.weight`, dim, eps))]);
    const normed = rmsNorm(g, x, `${name}.norm2.weight`, dim, eps);
    const gate = geluTanh(g, linear(g, normed, `${name}.ffn.gate.0`, dim, ffnDim, false));
    const gated = g.op('Mul', [linear(g, normed, `${name}.ffn.fc1`, dim, ffnDim, false), gate]);
    x = g.op('Add', [x, linear(g, gated, `${name}.ffn.fc2`, ffnDim, dim, false)]);
  }
  const final = rmsNorm(g, x, 'norm.weight', dim, eps);
  const masked = g.op('Mul', [final, g.op('Reshape', [mask, g.ints([textLength, 1])])]);
  g.output('embedding', masked, 'float32', [textLength, dim]);
  return g.build();

  function selfAttention(name: string, normed: Value): Value {
    const [q, k, v] = (['q', 'k', 'v'] as const).map((p) =>
      toHeads(g, linear(g, normed, `${name}.attn.${p}`, dim, inner, false), heads, headDim),
    ) as [Value, Value, Value];
    // [textLength, textLength, heads] -> [1, heads, textLength, textLength]
    const bias = g.op(
      'Gather',
      [g.weight(`${name}.pos_embedding.embedding.weight`, [config.buckets, heads]), buckets],
      { axis: 0 },
    );
    const biasPerHead = g.op('Unsqueeze', [g.op('Transpose', [bias], { perm: [2, 0, 1] }), g.ints([0])]);
    const logits = g.op('MatMul', [q, g.op('Transpose', [k], { perm: [0, 1, 3, 2] })]);
    const biased = g.op('Add', [g.op('Add', [logits, biasPerHead]), maskBias]);
    const mixed = g.op('MatMul', [g.op('Softmax', [biased], { axis: -1 }), v]);
    const merged = g.op('Reshape', [g.op('Transpose', [mixed], { perm: [0, 2, 1, 3] }), g.ints([-1, inner])]);
    return linear(g, merged, `${name}.attn.o`, inner, dim, false);
  }
}

/**
 * Bucket of every (query, key) pair, row by row. Half the buckets are for keys after the query; of each half, the
 * first half counts distances exactly and the rest grows logarithmically up to `maxDistance` (model reference H).
 */
export function relativeBuckets(length: number, buckets: number, maxDistance: number): number[] {
  const half = buckets / 2;
  const exact = half / 2;
  return Array.from({ length: length * length }, (_, i) => {
    const relative = (i % length) - Math.floor(i / length); // key - query
    const distance = Math.abs(relative);
    const logarithmic =
      exact + Math.floor((Math.log(distance / exact) / Math.log(maxDistance / exact)) * (half - exact));
    return (relative > 0 ? half : 0) + (distance < exact ? distance : Math.min(half - 1, logarithmic));
  });
}
