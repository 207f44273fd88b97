import { geometryOf, type ModelConfig } from './config.ts';
import { GraphBuilder, type Value } from './graph-builder.ts';
import { rope, toHeads } from './graph-parts.ts';

/** What one run of the assemble graph puts side by side, in pages a layer; of the two, one may be 0. */
export interface AssembledPages {
  readonly context: number;
  /** Pages of the activation pool (SMA). */
  readonly pool: number;
}

/**
 * Puts pages side by side as attention context and as activation pool, all layers in one run.
 * In, per layer L: `k.L.i`, `v.L.i` [tokens, dim], the context's pages first, then the pool's. With `ropeKeys` also
 * `cos`, `sin` [context*tokens, headDim/2] and `pool_cos`, `pool_sin` likewise.
 * Out, named as the DiT graph takes them: `ctx_k.L`, `ctx_v.L` [1, heads, context*tokens, headDim], keys roped;
 * `pool_k.L`, `pool_v.L` [heads*pool, tokens, headDim], and `pool_mean.L` [heads, pool, headDim], each frame's mean roped
 * key.
 */
export function buildAssembleGraph(config: ModelConfig, pages: AssembledPages, ropeKeys: boolean): Uint8Array {
  const { dim, heads, layers } = config.dit;
  const { headDim, tokens } = geometryOf(config);
  const g = new GraphBuilder('assemble');
  const context = part('', 0, pages.context);
  const pool = part('pool_', pages.context, pages.pool);
  for (let layer = 0; layer < layers; layer++) {
    if (context) {
      const { keys, values } = gather(layer, context);
      const dims = [1, heads, pages.context * tokens, headDim];
      g.output(`ctx_k.${layer}`, toHeads(g, keys, heads, headDim), 'float32', dims);
      g.output(`ctx_v.${layer}`, toHeads(g, values, heads, headDim), 'float32', dims);
    }
    if (!pool) continue;
    const { keys, values } = gather(layer, pool);
    const dims = [heads * pages.pool, tokens, headDim];
    const rows = (x: Value): Value => g.op('Reshape', [toHeads(g, x, heads, headDim), g.ints(dims)]);
    g.output(`pool_k.${layer}`, rows(keys), 'float32', dims);
    g.output(`pool_v.${layer}`, rows(values), 'float32', dims);
    const perFrame = g.op('Reshape', [keys, g.ints([pages.pool, tokens, heads, headDim])]);
    const means = g.op('ReduceMean', [perFrame, g.ints([1])], { keepdims: 0 });
    g.output(`pool_mean.${layer}`, g.op('Transpose', [means], { perm: [1, 0, 2] }), 'float32', [
      heads,
      pages.pool,
      headDim,
    ]);
  }
  return g.build();

  interface Part {
    readonly from: number;
    readonly count: number;
    readonly angles: { cos: Value; sin: Value } | null;
  }

  function part(prefix: string, from: number, count: number): Part | null {
    if (count === 0) return null;
    const dims = [count * tokens, headDim / 2];
    const angle = (name: string): Value => g.input(`${prefix}${name}`, 'float32', dims);
    return { from, count, angles: ropeKeys ? { cos: angle('cos'), sin: angle('sin') } : null };
  }

  /** @returns [count*tokens, dim] each, the keys roped */
  function gather(layer: number, { from, count, angles }: Part): { keys: Value; values: Value } {
    const plain = concatPages(g, `k.${layer}`, count, tokens, dim, from);
    return {
      keys: angles ? rope(g, plain, angles.cos, angles.sin, dim, heads) : plain,
      values: concatPages(g, `v.${layer}`, count, tokens, dim, from),
    };
  }
}

/**
 * How strongly a prompt looks at each candidate frame, before the softmax is joined over all of them; all layers in one
 * run. In, per layer L: `text_k.L` [1, heads, textLength, headDim]; `k.L.i` [tokens, dim], un-roped.
 * Out: `lse` [layers, pages, heads, textLength] = log sum_n exp(text . key_n / sqrt(headDim)).
 */
export function buildRetrieveGraph(config: ModelConfig, pages: number): Uint8Array {
  const { heads, layers } = config.dit;
  const g = new GraphBuilder('retrieve');
  const perLayer = Array.from({ length: layers }, (_, layer) =>
    g.op('ReduceLogSumExp', [textLogits(g, config, layer, pages), g.ints([3])], { keepdims: 0 }),
  );
  outputLayers(g, 'lse', perLayer, [pages, heads, config.text.textLength]);
  return g.build();
}

/**
 * Where in each frame a prompt looks; all layers in one run.
 * In, per layer L: `text_k.L`, `k.L.i` as above; `weight.L` [pages, heads, textLength, 1], each word's share that the frame
 * won (zero for padding). Out: `maps` [layers, pages, tokens], each summing to the sum of its weights.
 */
export function buildAttributionGraph(config: ModelConfig, pages: number): Uint8Array {
  const { heads, layers } = config.dit;
  const g = new GraphBuilder('attribution');
  const perLayer = Array.from({ length: layers }, (_, layer) => {
    const attention = g.op('Softmax', [textLogits(g, config, layer, pages)], { axis: -1 });
    const weight = g.input(`weight.${layer}`, 'float32', [pages, heads, config.text.textLength, 1]);
    return g.op('ReduceSum', [g.op('Mul', [attention, weight]), g.ints([1, 2])], { keepdims: 0 });
  });
  outputLayers(g, 'maps', perLayer, [pages, geometryOf(config).tokens]);
  return g.build();
}

/**
 * Mean key of pages over their tokens, all layers in one run; the released score needs no more.
 * In, per layer L: `k.L.i` [tokens, dim]. Out: `mean` [layers, pages, dim].
 */
export function buildMeanKeyGraph(config: ModelConfig, pages: number): Uint8Array {
  const { dim, layers } = config.dit;
  const { tokens } = geometryOf(config);
  const g = new GraphBuilder('mean-key');
  const perLayer = Array.from({ length: layers }, (_, layer) => {
    const keys = concatPages(g, `k.${layer}`, pages, tokens, dim);
    return g.op('ReduceMean', [g.op('Reshape', [keys, g.ints([pages, tokens, dim])]), g.ints([1])], { keepdims: 0 });
  });
  outputLayers(g, 'mean', perLayer, [pages, dim]);
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

/** Inputs `name.from` .. as one value, [pages*tokens, dim]. */
function concatPages(g: GraphBuilder, name: string, pages: number, tokens: number, dim: number, from = 0): Value {
  const inputs = Array.from({ length: pages }, (_, i) => g.input(`${name}.${from + i}`, 'float32', [tokens, dim]));
  return pages === 1 ? (inputs[0] as Value) : g.op('Concat', inputs, { axis: 0 });
}

/** Layers' values of the same shape as one output, [layers, ...dims]. */
function outputLayers(g: GraphBuilder, name: string, perLayer: readonly Value[], dims: readonly number[]): void {
  const rows = perLayer.map((value) => g.op('Unsqueeze', [value, g.ints([0])]));
  const stacked = rows.length === 1 ? (rows[0] as Value) : g.op('Concat', rows, { axis: 0 });
  g.output(name, stacked, 'float32', [perLayer.length, ...dims]);
}

/** [pages, heads, textLength, tokens] of one layer; adds its inputs. */
function textLogits(g: GraphBuilder, config: ModelConfig, layer: number, pages: number): Value {
  const { dim, heads } = config.dit;
  const { headDim, tokens } = geometryOf(config);
  const textKeys = g.input(`text_k.${layer}`, 'float32', [1, heads, config.text.textLength, headDim]);
  const keys = concatPages(g, `k.${layer}`, pages, tokens, dim);
  const scaled = g.op('Mul', [textKeys, g.floats([1 / Math.sqrt(headDim)])]);
  const perFrame = g.op('Reshape', [keys, g.ints([pages, tokens, heads, headDim])]);
  return g.op('MatMul', [scaled, g.op('Transpose', [perFrame], { perm: [0, 2, 3, 1] })]);
}
