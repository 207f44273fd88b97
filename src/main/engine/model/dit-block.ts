import { geometryOf, type ModelConfig } from './config.ts';
import type { GraphBuilder, Value } from './graph-builder.ts';
import { type AttentionForm, attention, geluTanh, layerNorm, linear, rmsNorm, silu } from './graph-parts.ts';
import type { ProductType } from './type-plan.ts';

/** What the blocks of one graph share (model reference A). */
export interface DitParts {
  readonly g: GraphBuilder;
  readonly config: ModelConfig;
  readonly attention: AttentionForm;
  /** What matrices and attention are computed in. */
  readonly products: ProductType;
  /** Bounds of the pieces that the queries are attended in; none leaves them whole. */
  readonly bounds: readonly Value[];
  /** How many keys and values of text the inputs have; a name where that varies. */
  readonly textLength: number | string;
  /** The time embedding as the blocks take it, [6*dim]. */
  readonly projected: Value;
}

/** Shifts, scales and gates of one block, [dim] each. */
export interface Modulation {
  readonly shiftSa: Value;
  readonly scaleSa: Value;
  readonly gateSa: Value;
  readonly shiftFfn: Value;
  readonly scaleFfn: Value;
  readonly gateFfn: Value;
}

/** Of `time_features` [1, freqDim], the time embedding [1, dim] and its projection [6*dim]. */
export function timeEmbedding(
  g: GraphBuilder,
  { dit }: ModelConfig,
  timeFeatures: Value,
): { time: Value; projected: Value } {
  const hidden = silu(g, linear(g, timeFeatures, 'time_embedding.0', dit.freqDim, dit.dim));
  const time = linear(g, hidden, 'time_embedding.2', dit.dim, dit.dim);
  const projected = linear(g, silu(g, time), 'time_projection.1', dit.dim, 6 * dit.dim);
  return { time, projected: g.op('Reshape', [projected, g.ints([6 * dit.dim])]) };
}

export function modulationOf({ g, config, projected }: DitParts, layer: number): Modulation {
  const { dim } = config.dit;
  const own = g.op('Reshape', [g.weight(`blocks.${layer}.modulation`, [1, 6, dim]), g.ints([6 * dim])]);
  const [shiftSa, scaleSa, gateSa, shiftFfn, scaleFfn, gateFfn] = g.ops('Split', [g.op('Add', [own, projected])], 6, {
    axis: 0,
    num_outputs: 6,
  }) as [Value, Value, Value, Value, Value, Value];
  return { shiftSa, scaleSa, gateSa, shiftFfn, scaleFfn, gateFfn };
}

/** Queries and keys, normed and not roped, and values of a block's tokens `x` [n, dim]. */
export function queriesKeysValues(
  parts: DitParts,
  layer: number,
  x: Value,
  m: Modulation,
): { q: Value; k: Value; v: Value } {
  const { g, config } = parts;
  const { dim, eps } = config.dit;
  const name = `blocks.${layer}.self_attn`;
  const normed = layerNorm(g, x, g.op('Add', [m.scaleSa, g.floats([1])]), m.shiftSa, eps);
  const [q, k, v] = (['q', 'k', 'v'] as const).map((p) => product(parts, normed, `${name}.${p}`, dim, dim)) as [
    Value,
    Value,
    Value,
  ];
  return {
    q: rmsNorm(g, q, `${name}.norm_q.weight`, dim, eps),
    k: rmsNorm(g, k, `${name}.norm_k.weight`, dim, eps),
    v,
  };
}

/**
 * The rest of a block, after self-attention `mixed`; adds the inputs `text_k.L`, `text_v.L`.
 * @returns what the block makes of its tokens `x`, both [n, dim]
 */
export function afterSelfAttention(parts: DitParts, layer: number, x: Value, mixed: Value, m: Modulation): Value {
  const { g, config } = parts;
  const { dim, ffnDim, eps } = config.dit;
  const name = `blocks.${layer}`;
  const sa = product(parts, mixed, `${name}.self_attn.o`, dim, dim);
  let y = g.op('Add', [x, g.op('Mul', [sa, m.gateSa])]);
  const norm3 = [g.weight(`${name}.norm3.weight`, [dim]), g.weight(`${name}.norm3.bias`, [dim])] as const;
  const asked = crossAttention(parts, layer, layerNorm(g, y, ...norm3, eps));
  y = g.op('Add', [y, product(parts, asked, `${name}.cross_attn.o`, dim, dim)]);
  const normed2 = layerNorm(g, y, g.op('Add', [m.scaleFfn, g.floats([1])]), m.shiftFfn, eps);
  const hidden = geluTanh(g, product(parts, normed2, `${name}.ffn.0`, dim, ffnDim));
  return g.op('Add', [y, g.op('Mul', [product(parts, hidden, `${name}.ffn.2`, ffnDim, dim), m.gateFfn])]);
}

function crossAttention(parts: DitParts, layer: number, normed: Value): Value {
  const { g, config, bounds, products, textLength } = parts;
  const { dim, heads, eps } = config.dit;
  const { headDim } = geometryOf(config);
  const name = `blocks.${layer}.cross_attn`;
  const dims = [1, heads, textLength, headDim];
  const q = rmsNorm(g, product(parts, normed, `${name}.q`, dim, dim), `${name}.norm_q.weight`, dim, eps);
  const k = g.input(`text_k.${layer}`, 'float32', dims);
  const v = g.input(`text_v.${layer}`, 'float32', dims);
  return attention(g, parts.attention, q, k, v, heads, headDim, bounds, products);
}

function product({ g, products }: DitParts, x: Value, name: string, from: number, to: number): Value {
  return linear(g, x, name, from, to, true, products);
}
