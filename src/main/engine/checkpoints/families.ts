import { damaged, unsupported } from './byte-source.ts';
import type { StoredTensor } from './stored-tensor.ts';

/** Shapes by name. */
type Shapes = ReadonlyMap<string, readonly number[]>;

export interface DitSizes {
  readonly family: 'dit';
  readonly dim: number;
  readonly heads: number;
  readonly layers: number;
  readonly ffnDim: number;
  readonly freqDim: number;
  readonly textDim: number;
  readonly channels: number;
}
export interface TextSizes {
  readonly family: 'text';
  readonly vocabSize: number;
  readonly dim: number;
  readonly heads: number;
  readonly headDim: number;
  readonly ffnDim: number;
  readonly layers: number;
  readonly buckets: number;
}
export interface TaehvSizes {
  readonly family: 'taehv';
  readonly widths: readonly [number, number, number, number];
}
export interface WanVaeSizes {
  readonly family: 'wan-vae';
  readonly dim: number;
  readonly hasEncoder: boolean;
}
export interface LoraSizes {
  readonly family: 'lora';
  readonly rank: number;
}
/** What a file of weights is, and its sizes, read from the shapes. */
export type Family = DitSizes | TextSizes | TaehvSizes | WanVaeSizes | LoraSizes;

const latentChannels = 16;
/** Width of a head of all published DiTs. */
const publishedHeadDim = 128;
const publishedTextHeadDim = 64;
/** Width of the 14B models, which need more than this engine plans for. */
const largestDim = 5120;

/**
 * Recognises weights by their names and shapes, never by what a file is called.
 * @param given heads of models that are not of the published head width
 * @throws ThroughlineError naming what it is instead, or what is missing or misshapen
 */
export function familyOf(
  name: string,
  tensors: ReadonlyMap<string, StoredTensor>,
  given: { heads?: number } = {},
): Family {
  const shapes: Shapes = new Map([...tensors].map(([key, { shape }]) => [key, shape]));
  const has = (pattern: RegExp): boolean => [...shapes.keys()].some((key) => pattern.test(key));
  if (has(/\.lora_(A|B|down|up)\./)) return loraSizes(name, shapes);
  if (has(/^vace_(blocks|patch_embedding)\./)) throw other(name, 'a VACE model, which is steered by reference videos');
  if (shapes.has('patch_embedding.weight') && has(/^blocks\.0\.(self_attn|cross_attn)\./)) {
    return ditSizes(name, shapes, given.heads);
  }
  if (shapes.has('token_embedding.weight') && has(/^blocks\.0\.attn\./)) return textSizes(name, shapes);
  if (shapes.has('decoder.conv1.weight') && shapes.has('conv2.weight')) return vaeSizes(name, shapes);
  if (has(/^decoder\.3\.conv\.0\.weight$/)) return taehvSizes(name, shapes);
  if (has(/^decoder\.mid_block\.|^encoder\.mid_block\./)) {
    throw unsupported(name, 'is a VAE with the names of diffusers', 'Get Wan2.1_VAE.pth or wan_2.1_vae.safetensors.');
  }
  if (has(/^blocks\.\d+\..*\.(img_attn|txt_attn)\.|^double_blocks\.|^transformer_blocks\./)) {
    throw other(name, 'a model of another family (not Wan)');
  }
  throw unsupported(
    name,
    'holds weights of a model that Throughline does not know',
    'It runs models of the Wan 2.1 text-to-video family, of 1.3 billion parameters.',
  );
}

function other(name: string, what: string): Error {
  return unsupported(
    name,
    `is ${what}, and not a Wan 2.1 text-to-video model`,
    'Get a text-to-video model of the Wan 2.1 1.3B family.',
  );
}

function ditSizes(name: string, shapes: Shapes, heads?: number): DitSizes {
  const patch = shapes.get('patch_embedding.weight') as readonly number[];
  const [dim, channels] = [patch[0] ?? 0, patch[1] ?? 0];
  if (channels === 36 || [...shapes.keys()].some((key) => /^img_emb\.|\.k_img\./.test(key))) {
    throw other(name, 'an image-to-video model (it takes a picture as its start)');
  }
  if (channels === 48) throw other(name, 'a Wan 2.2 model, whose latents have 48 channels');
  if (channels !== latentChannels || patch.length !== 5)
    throw other(name, `a model of latents with ${channels} channels`);
  if (dim >= largestDim) throw other(name, 'a model of 14 billion parameters');
  const layers = countOf(shapes, /^blocks\.(\d+)\./);
  const sizes: DitSizes = {
    family: 'dit',
    dim,
    heads: heads ?? dim / publishedHeadDim,
    layers,
    ffnDim: axis(shapes, 'blocks.0.ffn.0.weight', 0),
    freqDim: axis(shapes, 'time_embedding.0.weight', 1),
    textDim: axis(shapes, 'text_embedding.0.weight', 1),
    channels,
  };
  if (!Number.isInteger(sizes.heads) || dim % sizes.heads !== 0) {
    throw unsupported(
      name,
      heads === undefined
        ? `is ${dim} wide, which is no multiple of ${publishedHeadDim}, the width of a published model's attention heads`
        : `is ${dim} wide, which cannot be divided into ${heads} attention heads`,
      'Put the config.json of its authors beside it, which says how many heads it has, or say it on the command line with --heads.',
    );
  }
  checkShapes(name, shapes, ditShapes(sizes));
  return sizes;
}

/** Every tensor that a DiT of these sizes has. */
export function ditShapes({
  dim,
  layers,
  ffnDim,
  freqDim,
  textDim,
  channels,
}: Omit<DitSizes, 'family' | 'heads'>): Shapes {
  const shapes = new Map<string, readonly number[]>();
  const linear = (name: string, from: number, to: number): void => {
    shapes.set(`${name}.weight`, [to, from]);
    shapes.set(`${name}.bias`, [to]);
  };
  shapes.set('patch_embedding.weight', [dim, channels, 1, 2, 2]);
  shapes.set('patch_embedding.bias', [dim]);
  linear('text_embedding.0', textDim, dim);
  linear('text_embedding.2', dim, dim);
  linear('time_embedding.0', freqDim, dim);
  linear('time_embedding.2', dim, dim);
  linear('time_projection.1', dim, 6 * dim);
  linear('head.head', dim, 4 * channels);
  shapes.set('head.modulation', [1, 2, dim]);
  for (let layer = 0; layer < layers; layer++) {
    const block = `blocks.${layer}`;
    shapes.set(`${block}.modulation`, [1, 6, dim]);
    shapes.set(`${block}.norm3.weight`, [dim]);
    shapes.set(`${block}.norm3.bias`, [dim]);
    for (const attention of ['self_attn', 'cross_attn']) {
      for (const part of ['q', 'k', 'v', 'o']) linear(`${block}.${attention}.${part}`, dim, dim);
      for (const norm of ['norm_q', 'norm_k']) shapes.set(`${block}.${attention}.${norm}.weight`, [dim]);
    }
    linear(`${block}.ffn.0`, dim, ffnDim);
    linear(`${block}.ffn.2`, ffnDim, dim);
  }
  return shapes;
}

function textSizes(name: string, shapes: Shapes): TextSizes {
  const [vocabSize, dim] = [axis(shapes, 'token_embedding.weight', 0), axis(shapes, 'token_embedding.weight', 1)];
  const layers = countOf(shapes, /^blocks\.(\d+)\./);
  const position = 'blocks.0.pos_embedding.embedding.weight';
  const inner = axis(shapes, 'blocks.0.attn.q.weight', 0);
  // T5 has one table of positions for all layers; UMT5 has one in each.
  if (layers > 1 && !shapes.has('blocks.1.pos_embedding.embedding.weight')) {
    throw unsupported(
      name,
      'is a T5 text encoder and not the UMT5 of Wan',
      'Get umt5-xxl: models_t5_umt5-xxl-enc-bf16.pth.',
    );
  }
  const heads = axis(shapes, position, 1) || inner / publishedTextHeadDim;
  const [ffnDim, buckets] = [axis(shapes, 'blocks.0.ffn.fc1.weight', 0), axis(shapes, position, 0)];
  const sizes: TextSizes = { family: 'text', vocabSize, dim, heads, headDim: inner / heads, ffnDim, layers, buckets };
  const expected = new Map<string, readonly number[]>([
    ['token_embedding.weight', [vocabSize, dim]],
    ['norm.weight', [dim]],
  ]);
  for (let layer = 0; layer < layers; layer++) {
    const block = `blocks.${layer}`;
    for (const norm of ['norm1', 'norm2']) expected.set(`${block}.${norm}.weight`, [dim]);
    for (const part of ['q', 'k', 'v']) expected.set(`${block}.attn.${part}.weight`, [inner, dim]);
    expected.set(`${block}.attn.o.weight`, [dim, inner]);
    for (const part of ['gate.0', 'fc1']) expected.set(`${block}.ffn.${part}.weight`, [ffnDim, dim]);
    expected.set(`${block}.ffn.fc2.weight`, [dim, ffnDim]);
    expected.set(`${block}.pos_embedding.embedding.weight`, [buckets, heads]);
  }
  checkShapes(name, shapes, expected);
  return sizes;
}

function vaeSizes(name: string, shapes: Shapes): WanVaeSizes {
  const latents = axis(shapes, 'conv2.weight', 0);
  if (latents === 48) throw unsupported(name, 'is the VAE of Wan 2.2 (latents of 48 channels)', 'Get Wan2.1_VAE.pth.');
  if (latents !== latentChannels) throw damaged(name, `its latents have ${latents} channels`);
  const dim = axis(shapes, 'decoder.head.2.weight', 1);
  checkShapes(
    name,
    shapes,
    new Map([
      ['decoder.conv1.weight', [4 * dim, latentChannels, 3, 3, 3]],
      ['decoder.head.2.weight', [3, dim, 3, 3, 3]],
      ['decoder.upsamples.14.residual.6.weight', [dim, dim, 3, 3, 3]],
    ]),
  );
  return { family: 'wan-vae', dim, hasEncoder: shapes.has('encoder.conv1.weight') && shapes.has('conv1.weight') };
}

function taehvSizes(name: string, shapes: Shapes): TaehvSizes {
  const widths = [1, 3, 9, 15].map((layer) =>
    axis(shapes, layer === 1 ? 'decoder.1.weight' : `decoder.${layer}.conv.0.weight`, 0),
  );
  const [, first, second, third] = widths as [number, number, number, number];
  const last = axis(shapes, 'decoder.20.weight', 0);
  const channels = axis(shapes, 'decoder.1.weight', 1);
  if (channels !== latentChannels)
    throw unsupported(name, `is a small decoder for latents of ${channels} channels`, 'Get taew2_1.');
  checkShapes(name, shapes, new Map([['decoder.22.weight', [3, last, 3, 3]]]));
  return { family: 'taehv', widths: [first, second, third, last] };
}

function loraSizes(name: string, shapes: Shapes): LoraSizes {
  const down = [...shapes].find(([key]) => /\.lora_(A|down)\./.test(key));
  if (!down) throw damaged(name, 'its low-rank matrices are not in pairs');
  return { family: 'lora', rank: down[1][0] ?? 0 };
}

/** @throws ThroughlineError naming the first tensor that is missing or has another shape */
function checkShapes(name: string, shapes: Shapes, expected: Shapes): void {
  for (const [key, shape] of expected) {
    const found = shapes.get(key);
    if (!found) throw damaged(name, `${key} is missing`);
    if (found.join() !== shape.join()) throw damaged(name, `${key} has the shape [${found}], where [${shape}] is due`);
  }
}

function axis(shapes: Shapes, name: string, index: number): number {
  return shapes.get(name)?.[index] ?? 0;
}

/** One more than the largest index found. */
function countOf(shapes: Shapes, pattern: RegExp): number {
  return [...shapes.keys()].reduce((most, key) => Math.max(most, Number(pattern.exec(key)?.[1] ?? -1) + 1), 0);
}
