import { geometryOf, type ModelConfig } from '../../model/config.ts';
import { patchify } from '../../model/dit-graph.ts';
import { GraphBuilder, type Value } from '../../model/graph-builder.ts';
import { geluTanh, layerNorm, linear, rmsNorm, rope, toHeads } from '../../model/graph-parts.ts';
import type { MemoryGraphParts } from '../host.ts';

/** Where an adapter's tensors of the long memory are. */
const prefix = 'semantic_pack';

/**
 * The memory that a story begins with (docs/model-format.md, "Long memory"): the features of its prompt, then the patches of a picture.
 * In: `embedding` [real tokens, textDim]; with `picture`: `picture` [1, channels, height, width]. Out: `psi` [tokens, dim].
 */
export function buildFirstPsiGraph(picture: boolean, config: ModelConfig, { weights }: MemoryGraphParts): Uint8Array {
  const { dit, text, latent } = config;
  const { latentHeight, latentWidth } = geometryOf(config);
  const g = new GraphBuilder('psi-first', weights);
  const embedding = g.input('embedding', 'float32', ['tokens', text.dim]);
  const hidden = geluTanh(g, linear(g, embedding, 'text_embedding.0', text.dim, dit.dim));
  const features = linear(g, hidden, 'text_embedding.2', dit.dim, dit.dim);
  const shown = picture
    ? [patchify(g, g.input('picture', 'float32', [1, latent.channels, latentHeight, latentWidth]), config)]
    : [];
  g.output('psi', g.op('Concat', [features, ...shown], { axis: 0 }), 'float32', ['m', dit.dim]);
  return g.build();
}

/**
 * What the transformer's cross-attention reads: the prompt's keys and values, then those of the long memory.
 * In: `psi` [m, dim]; per layer L `prompt_k.L`, `prompt_v.L` [1, heads, textLength, headDim].
 * Out: per layer `text_k.L`, `text_v.L` [1, heads, textLength + m, headDim].
 */
export function buildPsiReadGraph(config: ModelConfig, { weights }: MemoryGraphParts): Uint8Array {
  const { dit, text } = config;
  const { headDim } = geometryOf(config);
  const g = new GraphBuilder('psi-read', weights);
  const normed = affineNorm(g, g.input('psi', 'float32', ['m', dit.dim]), `${prefix}.read.0`, config);
  const tokens = linear(g, normed, `${prefix}.read.1`, dit.dim, dit.dim);
  for (let layer = 0; layer < dit.layers; layer++) {
    const name = `blocks.${layer}.cross_attn`;
    const k = rmsNorm(g, linear(g, tokens, `${name}.k`, dit.dim, dit.dim), `${name}.norm_k.weight`, dit.dim, dit.eps);
    const v = linear(g, tokens, `${name}.v`, dit.dim, dit.dim);
    for (const [kind, own] of [
      ['k', k],
      ['v', v],
    ] as const) {
      const prompt = g.input(`prompt_${kind}.${layer}`, 'float32', [1, dit.heads, text.textLength, headDim]);
      const joined = g.op('Concat', [prompt, toHeads(g, own, dit.heads, headDim)], { axis: 2 });
      g.output(`text_${kind}.${layer}`, joined, 'float32', [1, dit.heads, 't', headDim]);
    }
  }
  return g.build();
}

/**
 * psi' = Squeeze(psi, Memorize(x)).
 * In: `psi` [m, dim]; `latents` [F, channels, height, width] of the finished chunk; `cos`, `sin` [F*tokens, headDim/2];
 * `parts` [m, parts], 1 where a token of psi is of a part, else 0.
 * Out: `next` [F*tokens, dim]; `attention` [F, parts], how much each frame attended to each part, mean of heads and tokens;
 * `lengths` [F, 2], mean lengths of what was memorized and of what came from psi.
 */
export function buildSqueezeGraph(config: ModelConfig, { weights }: MemoryGraphParts): Uint8Array {
  const { dit, latent, sampler } = config;
  const { dim, heads } = dit;
  const { headDim, latentHeight, latentWidth, tokens } = geometryOf(config);
  const frames = sampler.chunkFrames;
  const g = new GraphBuilder('psi-squeeze', weights);
  const psi = g.input('psi', 'float32', ['m', dim]);
  const latents = g.input('latents', 'float32', [frames, latent.channels, latentHeight, latentWidth]);
  const cos = g.input('cos', 'float32', [frames * tokens, headDim / 2]);
  const sin = g.input('sin', 'float32', [frames * tokens, headDim / 2]);
  const parts = g.input('parts', 'float32', ['m', 'parts']);
  const patches = patchify(g, latents, config);

  const seen = projections(g, 'memorize', patches, patches, 'norm', config);
  const turned = (x: Value): Value => rope(g, x, cos, sin, dim, heads);
  const within = mixed(g, turned(seen.q), turned(seen.k), seen.v, 'memorize', config);
  const memorized = g.op('Add', [patches, within.out]);

  const asked = projections(g, 'squeeze', memorized, psi, 'norm_psi', config);
  const recalled = mixed(g, asked.q, asked.k, asked.v, 'squeeze', config);
  g.output('next', g.op('Add', [memorized, recalled.out]), 'float32', [frames * tokens, dim]);

  // [1, heads, F*tokens, parts] -> [F, parts]
  const byPart = g.op('MatMul', [recalled.weights, parts]);
  const perFrame = g.op('Reshape', [byPart, g.ints([heads, frames, tokens, -1])]);
  g.output('attention', mean(g, perFrame, [0, 2]), 'float32', [frames, 'parts']);
  const lengths = [memorized, recalled.out].map((x) => {
    const squares = g.op('ReduceSum', [g.op('Mul', [x, x]), g.ints([-1])], { keepdims: 0 });
    return mean(g, g.op('Reshape', [g.op('Sqrt', [squares]), g.ints([frames, tokens, 1])]), [1]);
  });
  g.output('lengths', g.op('Concat', lengths, { axis: 1 }), 'float32', [frames, 2]);
  return g.build();
}

/** Queries of `from`, keys and values of `of`, each normed first. */
function projections(
  g: GraphBuilder,
  part: 'memorize' | 'squeeze',
  from: Value,
  of: Value,
  normOf: string,
  config: ModelConfig,
): { q: Value; k: Value; v: Value } {
  const { dim, eps } = config.dit;
  const name = `${prefix}.${part}`;
  const asking = affineNorm(g, from, `${name}.norm`, config);
  const read = from === of && normOf === 'norm' ? asking : affineNorm(g, of, `${name}.${normOf}`, config);
  return {
    q: rmsNorm(g, linear(g, asking, `${name}.q`, dim, dim), `${name}.norm_q.weight`, dim, eps),
    k: rmsNorm(g, linear(g, read, `${name}.k`, dim, dim), `${name}.norm_k.weight`, dim, eps),
    v: linear(g, read, `${name}.v`, dim, dim),
  };
}

/** Attention with its weights [1, heads, queries, keys], which the record wants; in fp32, once a chunk. */
function mixed(
  g: GraphBuilder,
  q: Value,
  k: Value,
  v: Value,
  part: 'memorize' | 'squeeze',
  config: ModelConfig,
): { out: Value; weights: Value } {
  const { dim, heads } = config.dit;
  const { headDim } = geometryOf(config);
  const [queries, keys, values] = [q, k, v].map((x) => toHeads(g, x, heads, headDim)) as [Value, Value, Value];
  const scaled = g.op('Mul', [queries, g.floats([1 / Math.sqrt(headDim)])]);
  const logits = g.op('MatMul', [scaled, g.op('Transpose', [keys], { perm: [0, 1, 3, 2] })]);
  const weights = g.op('Softmax', [logits], { axis: -1 });
  const merged = g.op('Transpose', [g.op('MatMul', [weights, values])], { perm: [0, 2, 1, 3] });
  const rows = g.op('Reshape', [merged, g.ints([-1, dim])]);
  return { out: linear(g, rows, `${prefix}.${part}.o`, dim, dim), weights };
}

function affineNorm(g: GraphBuilder, x: Value, name: string, { dit }: ModelConfig): Value {
  return layerNorm(g, x, g.weight(`${name}.weight`, [dit.dim]), g.weight(`${name}.bias`, [dit.dim]), dit.eps);
}

function mean(g: GraphBuilder, x: Value, axes: readonly number[]): Value {
  return g.op('ReduceMean', [x, g.ints([...axes])], { keepdims: 0 });
}
