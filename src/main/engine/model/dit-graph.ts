import { attendedFrames, toldStride } from './attended-frames.ts';
import { geometryOf, type ModelConfig } from './config.ts';
import { afterSelfAttention, type DitParts, modulationOf, queriesKeysValues, timeEmbedding } from './dit-block.ts';
import { GraphBuilder, type Value } from './graph-builder.ts';
import { type AttentionForm, attention, geluTanh, layerNorm, linear, rmsNorm, rope, toHeads } from './graph-parts.ts';
import { elementType } from './onnx-proto.ts';
import type { TensorEntry } from './safetensors.ts';
import type { ProductType } from './type-plan.ts';

export interface DitGraphOptions {
  readonly attention: AttentionForm;
  /** `sparse` adds the activation pool, which may be empty: per head, only the best frames of it are attended (SMA). */
  readonly context: 'dense' | 'sparse';
  /** Whether the K that leave the graph are roped (absolute positions) or not (relative positions). */
  readonly keysOut: 'roped' | 'plain';
  /** Adds the input `self_from`: a pass may use only the last of its own tokens as keys (the published recache). */
  readonly partialKeys: boolean;
  /**
   * Adds the input `kept_rows`: how many rows of each `k.L` and `v.L` leave the graph. For a device that gives all outputs or
   * none (see runtime/graph.ts): a denoising step then leaves nothing of them behind.
   */
  readonly keptRows: boolean;
  /**
   * Attention over the pass's tokens in so many pieces, for `decomposed`: adds the inputs `piece.0` .. `piece.n` [1], their
   * bounds. 1: whole.
   */
  readonly pieces: number;
  /** How many keys and values of text there are: those of a prompt, or any number, where a memory adds to them. */
  readonly textTokens: 'prompt' | 'any';
  /** What matrices and attention are computed in. */
  readonly products: ProductType;
  /** Adds the input `told_from` and the outputs `attended.L`: what of its softmax each frame gets, by some of the queries. */
  readonly tellsAttention: boolean;
}

/**
 * The causal DiT as one graph for denoising and commit alike; the caller fetches the outputs it needs.
 * Model reference A; N = frames*tokens of the chunk, C tokens of context, P frames in the pool.
 *
 * In: `latents` [frames, channels, height, width]; `time_features` [1, freqDim]; `cos`, `sin` [N, headDim/2] of
 * the chunk; per layer L `text_k.L`, `text_v.L` [1, heads, textLength, headDim] and `ctx_k.L`, `ctx_v.L`
 * [1, heads, C, headDim], keys roped. With `partialKeys`: `self_from` [1], the first of the
 * chunk's own tokens that serves as a key (0: all). With `keptRows`: `kept_rows` [1], 0..N. Sparse: also `pool_k.L`,
 * `pool_v.L` [heads*P, tokens, headDim], `pool_mean.L` [heads, P, headDim], `pool_rows` [heads, P] (0, 1, .. heads*P-1),
 * `token_share` [1, N] (1/N each) and `activated_count` [1]. With `tellsAttention`: `told_from` [1], the first query that tells.
 * Out: `velocity` like `latents`; `k.L`, `v.L` [N or kept_rows, dim]; sparse: `activated.L` [heads, activated_count], rows
 * of the pool, as floats; with `tellsAttention`: `attended.L` [frames of context and pass], which sum to heads times queries that tell.
 */
export function buildDitGraph(
  config: ModelConfig,
  weights: ReadonlyMap<string, TensorEntry>,
  options: DitGraphOptions,
): Uint8Array {
  const { dit, latent } = config;
  const { latentHeight, latentWidth, rows, columns, tokens, headDim } = geometryOf(config);
  const g = new GraphBuilder(`dit-${options.context}`, weights);
  const sparse = options.context === 'sparse';

  const latents = g.input('latents', 'float32', ['frames', latent.channels, latentHeight, latentWidth]);
  const timeFeatures = g.input('time_features', 'float32', [1, dit.freqDim]);
  const cos = g.input('cos', 'float32', ['n', headDim / 2]);
  const sin = g.input('sin', 'float32', ['n', headDim / 2]);
  const selfFrom = options.partialKeys ? g.input('self_from', 'int64', [1]) : null;
  const keptRows = options.keptRows ? g.input('kept_rows', 'int64', [1]) : null;
  const toldFrom = options.tellsAttention ? g.input('told_from', 'int64', [1]) : null;
  const bounds =
    options.pieces > 1 ? Array.from({ length: options.pieces + 1 }, (_, i) => g.input(`piece.${i}`, 'int64', [1])) : [];
  const tokenShare = sparse ? g.input('token_share', 'float32', [1, 'n']) : '';
  const poolRows = sparse ? g.input('pool_rows', 'float32', [dit.heads, 'p']) : '';
  const activatedCount = sparse ? g.input('activated_count', 'int64', [1]) : '';

  const { time, projected } = timeEmbedding(g, config, timeFeatures);
  const { attention: form, products } = options;
  const textLength = options.textTokens === 'any' ? 't' : config.text.textLength;
  const parts: DitParts = { g, config, attention: form, products, bounds, projected, textLength };

  let x = patchify(g, latents, config);
  for (let layer = 0; layer < dit.layers; layer++) {
    const modulation = modulationOf(parts, layer);
    const mixed = selfAttention(layer, queriesKeysValues(parts, layer, x, modulation));
    x = afterSelfAttention(parts, layer, x, mixed, modulation);
  }
  g.output('velocity', head(x), 'float32', ['frames', latent.channels, latentHeight, latentWidth]);
  return g.build();

  function selfAttention(layer: number, { q, k: kPlain, v }: { q: Value; k: Value; v: Value }): Value {
    const qRoped = rope(g, q, cos, sin, dit.dim, dit.heads);
    const kRoped = rope(g, kPlain, cos, sin, dit.dim, dit.heads);
    const leaving = (x: Value): Value =>
      keptRows === null ? x : g.op('Slice', [x, g.ints([0]), keptRows, g.ints([0])]);
    const rows = keptRows === null ? 'n' : 'kept';
    g.output(`k.${layer}`, leaving(options.keysOut === 'roped' ? kRoped : kPlain), 'float32', [rows, dit.dim]);
    g.output(`v.${layer}`, leaving(v), 'float32', [rows, dit.dim]);

    const contextDims = [1, dit.heads, 'c', headDim];
    const keys = [g.input(`ctx_k.${layer}`, 'float32', contextDims)];
    const values = [g.input(`ctx_v.${layer}`, 'float32', contextDims)];
    if (sparse) {
      const picked = activate(layer, qRoped);
      keys.push(picked.keys);
      values.push(picked.values);
    }
    const own = (x: Value): Value => {
      const kept = selfFrom === null ? x : g.op('Slice', [x, selfFrom, g.ints([2 ** 31 - 1]), g.ints([0])]);
      return toHeads(g, kept, dit.heads, headDim);
    };
    keys.push(own(kRoped));
    values.push(own(v));
    const allKeys = g.op('Concat', keys, { axis: 2 });
    const allValues = g.op('Concat', values, { axis: 2 });
    if (toldFrom !== null) {
      const shape = { heads: dit.heads, headDim, tokens, stride: toldStride(config.sampler.chunkFrames * tokens) };
      g.output(`attended.${layer}`, attendedFrames(g, qRoped, allKeys, toldFrom, shape), 'float32', ['told']);
    }
    return attention(g, form, qRoped, allKeys, allValues, dit.heads, headDim, bounds, products);
  }

  /** SMA: per head, score = mean query . mean key of each pool frame; keeps the best `activated_count` frames. */
  function activate(layer: number, qRoped: Value): { keys: Value; values: Value } {
    const poolDims = ['heads_p', tokens, headDim];
    const poolKeys = g.input(`pool_k.${layer}`, 'float32', poolDims);
    const poolValues = g.input(`pool_v.${layer}`, 'float32', poolDims);
    const poolMean = g.input(`pool_mean.${layer}`, 'float32', [dit.heads, 'p', headDim]);
    // Products instead of reductions: a mean over rows by ReduceMean takes ten times as long on the CPU.
    const meanQuery = g.op('Reshape', [g.op('MatMul', [tokenShare, qRoped]), g.ints([dit.heads, headDim, 1])]);
    const scores = g.op('Reshape', [g.op('MatMul', [poolMean, meanQuery]), g.ints([dit.heads, -1])]); // [heads, P]
    const indices = g.ops('TopK', [scores, activatedCount], 2, { axis: 1, largest: 1, sorted: 1 })[1] as Value;
    // WebGPU has no casts from int64: the rows are looked up as floats.
    const rows = g.op('GatherElements', [poolRows, indices], { axis: 1 });
    g.output(`activated.${layer}`, rows, 'float32', [dit.heads, 'k']);
    const picked = g.op('Cast', [rows], { to: elementType.int32 });
    const pick = (pool: Value): Value =>
      g.op('Reshape', [g.op('Gather', [pool, picked], { axis: 0 }), g.ints([1, dit.heads, -1, headDim])]);
    return { keys: pick(poolKeys), values: pick(poolValues) };
  }

  function head(input: Value): Value {
    const modulation = g.op('Reshape', [g.weight('head.modulation', [1, 2, dit.dim]), g.ints([2, dit.dim])]);
    const [shift, scale] = g.ops('Split', [g.op('Add', [modulation, time])], 2, { axis: 0, num_outputs: 2 }) as [
      Value,
      Value,
    ];
    const flat = (v: Value): Value => g.op('Reshape', [v, g.ints([dit.dim])]);
    const normed = layerNorm(g, input, g.op('Add', [flat(scale), g.floats([1])]), flat(shift), dit.eps);
    const patches = linear(g, normed, 'head.head', dit.dim, 4 * latent.channels);
    // [frames, rows, columns, 2, 2, channels] -> [frames, channels, rows, 2, columns, 2]
    const grid = g.op('Reshape', [patches, g.ints([-1, rows, columns, 2, 2, latent.channels])]);
    const turned = g.op('Transpose', [grid], { perm: [0, 5, 1, 3, 2, 4] });
    return g.op('Reshape', [turned, g.ints([-1, latent.channels, latentHeight, latentWidth])]);
  }
}

/** Patches of (1, 2, 2): a convolution with stride 2 on every frame; [frames*tokens, dim]. */
export function patchify(g: GraphBuilder, latents: Value, { dit, latent }: ModelConfig): Value {
  const kernel = g.op('Reshape', [
    g.weight('patch_embedding.weight', [dit.dim, latent.channels, 1, 2, 2]),
    g.ints([dit.dim, latent.channels, 2, 2]),
  ]);
  const patches = g.op('Conv', [latents, kernel, g.weight('patch_embedding.bias', [dit.dim])], {
    kernel_shape: [2, 2],
    strides: [2, 2],
  });
  return g.op('Reshape', [g.op('Transpose', [patches], { perm: [0, 2, 3, 1] }), g.ints([-1, dit.dim])]);
}

/**
 * What a prompt becomes before it meets the picture, cached per prompt.
 * In: `context` [textLength, textDim], rows past the prompt's end zero. Out: per layer `text_k.L`, `text_v.L`
 * [1, heads, textLength, headDim].
 */
export function buildConditionGraph(config: ModelConfig, weights: ReadonlyMap<string, TensorEntry>): Uint8Array {
  const { dit, text } = config;
  const { headDim } = geometryOf(config);
  const g = new GraphBuilder('condition', weights);
  const context = g.input('context', 'float32', [text.textLength, text.dim]);
  const hidden = geluTanh(g, linear(g, context, 'text_embedding.0', text.dim, dit.dim));
  const embedded = linear(g, hidden, 'text_embedding.2', dit.dim, dit.dim);
  for (let layer = 0; layer < dit.layers; layer++) {
    const name = `blocks.${layer}.cross_attn`;
    const k = rmsNorm(g, linear(g, embedded, `${name}.k`, dit.dim, dit.dim), `${name}.norm_k.weight`, dit.dim, dit.eps);
    const v = linear(g, embedded, `${name}.v`, dit.dim, dit.dim);
    const dims = [1, dit.heads, text.textLength, headDim];
    g.output(`text_k.${layer}`, toHeads(g, k, dit.heads, headDim), 'float32', dims);
    g.output(`text_v.${layer}`, toHeads(g, v, dit.heads, headDim), 'float32', dims);
  }
  return g.build();
}
