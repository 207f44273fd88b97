import type { ModelConfig } from './config.ts';
import { GraphBuilder, type Value } from './graph-builder.ts';
import { geluTanh, linear, rmsNorm, toHeads } from './graph-parts.ts';
import type { TensorEntry } from './safetensors.ts';

/** Added to the logits of padded keys. */
const maskedLogit = -3.4028234663852886e38;
const eps = 1e-6;

/** Values of a row that share a scale, where matrices are stored in whole numbers. */
const quantBlock = 32;

/**
 * The UMT5-style encoder (model reference H).
 * In: `ids` [textLength] int64; `mask` [textLength], 1 for real tokens and 0 for padding.
 * Out: `embedding` [textLength, dim], rows of padding zero.
 */
export function buildTextGraph(config: ModelConfig['text'], weights: ReadonlyMap<string, TensorEntry>): Uint8Array {
  const { vocabSize, dim, textLength } = config;
  const g = new GraphBuilder('text', weights);
  const ids = g.input('ids', 'int64', [textLength]);
  const mask = g.input('mask', 'float32', [textLength]);
  const maskBias = g.op('Mul', [g.op('Sub', [g.floats([1]), mask]), g.floats([maskedLogit])]); // over keys, broadcast
  const buckets = g.ints(relativeBuckets(textLength, config.buckets, config.maxDistance), [textLength, textLength]);
  const x = g.op('Gather', [g.weight('token_embedding.weight', [vocabSize, dim]), ids], { axis: 0 });
  const final = encoder(g, config, x, buckets, maskBias);
  const masked = g.op('Mul', [final, g.op('Reshape', [mask, g.ints([textLength, 1])])]);
  g.output('embedding', masked, 'float32', [textLength, dim]);
  return g.build();
}

/**
 * The same encoder over a prompt's true length, its words looked up beforehand: padding changes nothing for real tokens.
 * In: `words` [n, dim], rows of the table; `buckets` [n, n] int64, see {@link relativeBuckets}. Out: `embedding` [n, dim].
 */
export function buildShortTextGraph(
  config: ModelConfig['text'],
  weights: ReadonlyMap<string, TensorEntry>,
): Uint8Array {
  const g = new GraphBuilder('text', weights);
  const words = g.input('words', 'float32', ['n', config.dim]);
  const buckets = g.input('buckets', 'int64', ['n', 'n']);
  g.output('embedding', encoder(g, config, words, buckets, null), 'float32', ['n', config.dim]);
  return g.build();
}

/**
 * @param words [n, dim]
 * @param buckets [n, n]
 * @param maskBias added to the logits of every key, [n]; null where all tokens are real
 */
function encoder(
  g: GraphBuilder,
  config: ModelConfig['text'],
  words: Value,
  buckets: Value,
  maskBias: Value | null,
): Value {
  const { dim, heads, headDim, ffnDim, layers } = config;
  const inner = heads * headDim;
  let x = words;
  for (let layer = 0; layer < layers; layer++) {
    const name = `blocks.${layer}`;
    x = g.op('Add', [x, selfAttention(name, rmsNorm(g, x, `${name}.norm1.weight`, dim, eps))]);
    const normed = rmsNorm(g, x, `${name}.norm2.weight`, dim, eps);
    const gate = geluTanh(g, matrix(normed, `${name}.ffn.gate.0`, dim, ffnDim));
    const gated = g.op('Mul', [matrix(normed, `${name}.ffn.fc1`, dim, ffnDim), gate]);
    x = g.op('Add', [x, matrix(gated, `${name}.ffn.fc2`, ffnDim, dim)]);
  }
  return rmsNorm(g, x, 'norm.weight', dim, eps);

  function selfAttention(name: string, normed: Value): Value {
    const [q, k, v] = (['q', 'k', 'v'] as const).map((p) =>
      toHeads(g, matrix(normed, `${name}.attn.${p}`, dim, inner), heads, headDim),
    ) as [Value, Value, Value];
    // [n, n, heads] -> [1, heads, n, n]
    const bias = g.op(
      'Gather',
      [g.weight(`${name}.pos_embedding.embedding.weight`, [config.buckets, heads]), buckets],
      { axis: 0 },
    );
    const biasPerHead = g.op('Unsqueeze', [g.op('Transpose', [bias], { perm: [2, 0, 1] }), g.ints([0])]);
    const logits = g.op('MatMul', [q, g.op('Transpose', [k], { perm: [0, 1, 3, 2] })]);
    const placed = g.op('Add', [logits, biasPerHead]);
    const biased = maskBias === null ? placed : g.op('Add', [placed, maskBias]);
    const mixed = g.op('MatMul', [g.op('Softmax', [biased], { axis: -1 }), v]);
    const merged = g.op('Reshape', [g.op('Transpose', [mixed], { perm: [0, 2, 1, 3] }), g.ints([-1, inner])]);
    return matrix(merged, `${name}.attn.o`, inner, dim);
  }

  /** y = x W^T, W stored plainly or in blocks of whole numbers. */
  function matrix(input: Value, name: string, from: number, to: number): Value {
    if (!config.quantized) return linear(g, input, name, from, to, false);
    const bits = config.quantized === 'int4' ? 4 : 8;
    const blocks = from / quantBlock;
    const packed = g.stored(`${name}.weight`, 'uint8', [to, blocks, (quantBlock * bits) / 8]);
    const scales = g.stored(`${name}.weight.scales`, 'float32', [to, blocks]);
    const sizes = { K: from, N: to, bits, block_size: quantBlock };
    return g.op('MatMulNBits', [input, packed, scales], sizes, 'com.microsoft');
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
