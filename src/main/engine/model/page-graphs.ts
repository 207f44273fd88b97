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
export function concatPages(
  g: GraphBuilder,
  name: string,
  pages: number,
  tokens: number,
  dim: number,
  from = 0,
): Value {
  const inputs = Array.from({ length: pages }, (_, i) => g.input(`${name}.${from + i}`, 'float32', [tokens, dim]));
  return pages === 1 ? (inputs[0] as Value) : g.op('Concat', inputs, { axis: 0 });
}

/** Layers' values of the same shape as one output, [layers, ...dims]. */
export function outputLayers(
  g: GraphBuilder,
  name: string,
  perLayer: readonly Value[],
  dims: readonly (number | string)[],
): void {
  const rows = perLayer.map((value) => g.op('Unsqueeze', [value, g.ints([0])]));
  const stacked = rows.length === 1 ? (rows[0] as Value) : g.op('Concat', rows, { axis: 0 });
  g.output(name, stacked, 'float32', [perLayer.length, ...dims]);
}
