import { geometryOf, type ModelConfig } from './config.ts';
import { GraphBuilder, type Value } from './graph-builder.ts';
import { rope, toHeads } from './graph-parts.ts';

/**
 * Puts `pages` pages of one layer side by side as attention context.
 * In: `k.i`, `v.i` [tokens, dim]; with `ropeKeys` also `cos`, `sin` [pages*tokens, headDim/2].
 * Out: `k`, `v` [1, heads, pages*tokens, headDim], keys roped; `mean` [heads, pages, headDim], each frame's mean roped key.
 */
export function buildAssembleGraph(config: ModelConfig, pages: number, ropeKeys: boolean): Uint8Array {
  const { dim, heads } = config.dit;
  const { headDim, tokens } = geometryOf(config);
  const g = new GraphBuilder('assemble');
  let k = concatPages(g, 'k', pages, tokens, dim);
  const v = concatPages(g, 'v', pages, tokens, dim);
  if (ropeKeys) {
    const cos = g.input('cos', 'float32', [pages * tokens, headDim / 2]);
    const sin = g.input('sin', 'float32', [pages * tokens, headDim / 2]);
    k = rope(g, k, cos, sin, dim, heads);
  }
  const outDims = [1, heads, pages * tokens, headDim];
  g.output('k', toHeads(g, k, heads, headDim), 'float32', outDims);
  g.output('v', toHeads(g, v, heads, headDim), 'float32', outDims);
  const means = g.op('ReduceMean', [g.op('Reshape', [k, g.ints([pages, tokens, heads, headDim])]), g.ints([1])], {
    keepdims: 0,
  });
  g.output('mean', g.op('Transpose', [means], { perm: [1, 0, 2] }), 'float32', [heads, pages, headDim]);
  return g.build();
}

/**
 * How strongly a prompt looks at each candidate frame of one layer, before the softmax is joined over all of them.
 * In: `text_k` [1, heads, textLength, headDim]; `k.i` [tokens, dim], un-roped.
 * Out: `lse` [pages, heads, textLength] = log sum_n exp(text . key_n / sqrt(headDim)).
 */
export function buildRetrieveGraph(config: ModelConfig, pages: number): Uint8Array {
  const { dim, heads } = config.dit;
  const { textLength } = config.text;
  const { tokens } = geometryOf(config);
  const g = new GraphBuilder('retrieve');
  const logits = textLogits(g, config, concatPages(g, 'k', pages, tokens, dim), pages);
  g.output('lse', g.op('ReduceLogSumExp', [logits, g.ints([3])], { keepdims: 0 }), 'float32', [
    pages,
    heads,
    textLength,
  ]);
  return g.build();
}

/**
 * Where in each frame a prompt looks.
 * In: `text_k` as above; `k.i` [tokens, dim]; `weight` [pages, heads, textLength], each word's share that the frame won
 * (zero for padding). Out: `maps` [pages, tokens], each summing to the sum of its weights.
 */
export function buildAttributionGraph(config: ModelConfig, pages: number): Uint8Array {
  const { dim, heads } = config.dit;
  const { textLength } = config.text;
  const { tokens } = geometryOf(config);
  const g = new GraphBuilder('attribution');
  const logits = textLogits(g, config, concatPages(g, 'k', pages, tokens, dim), pages);
  const weight = g.input('weight', 'float32', [pages, heads, textLength]);
  const shares = g.op('Mul', [
    g.op('Softmax', [logits], { axis: -1 }),
    g.op('Reshape', [weight, g.ints([pages, heads, textLength, 1])]),
  ]);
  g.output('maps', g.op('ReduceSum', [shares, g.ints([1, 2])], { keepdims: 0 }), 'float32', [pages, tokens]);
  return g.build();
}

/** Mean key of a page over its tokens: `k.0` [tokens, dim] -> `mean` [dim]. The released score needs no more. */
export function buildMeanKeyGraph(config: ModelConfig): Uint8Array {
  const { tokens } = geometryOf(config);
  const g = new GraphBuilder('mean-key');
  const k = concatPages(g, 'k', 1, tokens, config.dit.dim);
  g.output('mean', g.op('ReduceMean', [k, g.ints([0])], { keepdims: 0 }), 'float32', [config.dit.dim]);
  return g.build();
}

/** Splits the K or V of a pass into pages: `x` [frames*tokens, dim] -> `page.i` [tokens, dim]. */
export function buildSplitGraph(config: ModelConfig, frames: number): Uint8Array {
  const { tokens } = geometryOf(config);
  const g = new GraphBuilder('split');
  const x = g.input('x', 'float32', [frames * tokens, config.dit.dim]);
  // Slices, because one Split writes to more buffers than a WebGPU shader may have.
  for (let i = 0; i < frames; i++) {
    const page = g.op('Slice', [x, g.ints([i * tokens]), g.ints([(i + 1) * tokens]), g.ints([0])]);
    g.output(`page.${i}`, page, 'float32', [tokens, config.dit.dim]);
  }
  return g.build();
}

function concatPages(g: GraphBuilder, name: string, pages: number, tokens: number, dim: number): Value {
  const inputs = Array.from({ length: pages }, (_, i) => g.input(`${name}.${i}`, 'float32', [tokens, dim]));
  return pages === 1 ? (inputs[0] as Value) : g.op('Concat', inputs, { axis: 0 });
}

/** [pages, heads, textLength, tokens] */
function textLogits(g: GraphBuilder, config: ModelConfig, keys: Value, pages: number): Value {
  const { heads } = config.dit;
  const { headDim, tokens } = geometryOf(config);
  const textKeys = g.input('text_k', 'float32', [1, heads, config.text.textLength, headDim]);
  const scaled = g.op('Mul', [textKeys, g.floats([1 / Math.sqrt(headDim)])]);
  const perFrame = g.op('Reshape', [keys, g.ints([pages, tokens, heads, headDim])]);
  return g.op('MatMul', [scaled, g.op('Transpose', [perFrame], { perm: [0, 2, 3, 1] })]);
}
