import { geometryOf, type ModelConfig, publishedPackSides } from '../../model/config.ts';
import {
  afterSelfAttention,
  type DitParts,
  modulationOf,
  queriesKeysValues,
  timeEmbedding,
} from '../../model/dit-block.ts';
import { patchify } from '../../model/dit-graph.ts';
import { GraphBuilder, type Value } from '../../model/graph-builder.ts';
import { attention, rope, toHeads } from '../../model/graph-parts.ts';
import type { MemoryGraphParts } from '../host.ts';

/** Where an adapter's further patch embeddings are, by rate. */
export const projections = { 2: 'clean_x_embedder.proj_2x', 4: 'clean_x_embedder.proj_4x' } as const;

/** Rates whose packs one history has; whole frames are always there. */
export type PackedRates = readonly (2 | 4)[];

/**
 * The pass of a packed history through the transformer by itself (docs/model-format.md, "Packed history"): its tokens attend to
 * each other, and their keys and values are the context of a chunk. N tokens of all packs, those of four frames first, then of
 * two, then of whole frames.
 *
 * In: `latents.1` [frames, channels, height, width]; for each rate r of `rates` `latents.r` [packs, channels*r, height', width'];
 * `time_features` [1, freqDim]; `cos`, `sin` [N, headDim/2]; per layer L `text_k.L`, `text_v.L` [1, heads, textLength, headDim],
 * of all layers but the last.
 * Out: per layer `ctx_k.L`, `ctx_v.L` [1, heads, N, headDim], keys roped.
 */
export function buildPackedGraph(rates: PackedRates, config: ModelConfig, parts: MemoryGraphParts): Uint8Array {
  const { dit, latent } = config;
  const { headDim, latentHeight, latentWidth } = geometryOf(config);
  const g = new GraphBuilder('packed', parts.weights);
  const whole = g.input('latents.1', 'float32', ['frames', latent.channels, latentHeight, latentWidth]);
  const packs = [...rates].sort((a, b) => b - a).map((rate) => packedPatches(g, rate, config));
  const timeFeatures = g.input('time_features', 'float32', [1, dit.freqDim]);
  const cos = g.input('cos', 'float32', ['n', headDim / 2]);
  const sin = g.input('sin', 'float32', ['n', headDim / 2]);
  const { projected } = timeEmbedding(g, config, timeFeatures);
  const { textLength } = config.text;
  const shared: DitParts = {
    g,
    config,
    attention: parts.attention,
    products: parts.products,
    bounds: [],
    projected,
    textLength,
  };

  const tokens = [...packs, patchify(g, whole, config)];
  let x = tokens.length === 1 ? (tokens[0] as Value) : g.op('Concat', tokens, { axis: 0 });
  for (let layer = 0; layer < dit.layers; layer++) {
    const modulation = modulationOf(shared, layer);
    const { q, k, v } = queriesKeysValues(shared, layer, x, modulation);
    const keys = toHeads(g, rope(g, k, cos, sin, dit.dim, dit.heads), dit.heads, headDim);
    const values = toHeads(g, v, dit.heads, headDim);
    g.output(`ctx_k.${layer}`, keys, 'float32', [1, dit.heads, 'n', headDim]);
    g.output(`ctx_v.${layer}`, values, 'float32', [1, dit.heads, 'n', headDim]);
    if (layer === dit.layers - 1) break; // what the last block makes of them nobody reads
    const queries = rope(g, q, cos, sin, dit.dim, dit.heads);
    const mixed = attention(g, parts.attention, queries, keys, values, dit.heads, headDim, [], parts.products);
    x = afterSelfAttention(shared, layer, x, mixed, modulation);
  }
  return g.build();
}

/** Patches of (rate, 2*side, 2*side), `side` of the rate; [packs*tokens, dim]. */
function packedPatches(g: GraphBuilder, rate: 2 | 4, { dit, latent, packSides }: ModelConfig): Value {
  const size = 2 * (packSides ?? publishedPackSides)[rate];
  const latents = g.input(`latents.${rate}`, 'float32', [
    `packs_${rate}`,
    latent.channels * rate,
    `height_${rate}`,
    `width_${rate}`,
  ]);
  const name = projections[rate];
  const kernel = g.op('Reshape', [
    g.weight(`${name}.weight`, [dit.dim, latent.channels, rate, size, size]),
    g.ints([dit.dim, latent.channels * rate, size, size]),
  ]);
  const patches = g.op('Conv', [latents, kernel, g.weight(`${name}.bias`, [dit.dim])], {
    kernel_shape: [size, size],
    strides: [size, size],
  });
  return g.op('Reshape', [g.op('Transpose', [patches], { perm: [0, 2, 3, 1] }), g.ints([-1, dit.dim])]);
}
