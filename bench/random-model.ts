import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type ModelConfig, parseModelConfig } from '../src/main/engine/model/config.ts';
import { gaussianNoise } from '../src/main/engine/model/noise.ts';

/** Words of the stand-in's vocabulary after `<pad>`, `</s>` and `<unk>`. */
const words =
  'a the in at and on with cat robot duck bear red blue white yellow stands walks jumps waves dances sits meadow city beach snow night morning hat back again . ,'.split(
    ' ',
  );
const specials = ['<pad>', '</s>', '<unk>'];
const seed = 1;

/** Sizes of the built-in model; speed and memory depend on these, not on what the weights say. */
export const standInConfig = {
  format: 'throughline-model',
  formatVersion: 1,
  name: 'Stand-in with random weights',
  video: { width: 160, height: 96, fps: 8 },
  latent: { channels: 16, temporalStride: 4, spatialStride: 8 },
  text: {
    vocabSize: specials.length + words.length,
    dim: 256,
    heads: 4,
    headDim: 64,
    ffnDim: 512,
    layers: 4,
    buckets: 32,
    maxDistance: 128,
    textLength: 32,
  },
  dit: {
    dim: 256,
    heads: 8,
    layers: 8,
    ffnDim: 1024,
    freqDim: 256,
    eps: 1e-6,
    ropeTheta: 10000,
    ropeTableLength: 1024,
  },
  decoder: { widths: [160, 96, 48, 32] },
  sampler: { kind: 'renoise', steps: [1000, 750, 500, 250], shift: 5, chunkFrames: 3 },
  memory: {
    mode: 'paper',
    policy: 'nam+sma',
    sinkFrames: 1,
    windowFrames: 6,
    bankFrames: 3,
    activatedFrames: 2,
    capacity: 64,
    recordInterval: 1,
    positions: { kind: 'relative', sink: 0, bank: 2, current: 10 },
  },
};

/** Sizes of the published generators (Wan2.1-T2V-1.3B) at a frame size, with a text encoder of one layer and our kind of memory. */
export function publishedSizes(width: number, height: number, steps: readonly number[]): object {
  return {
    ...standInConfig,
    name: `Published size at ${width}x${height}, random weights`,
    video: { width, height, fps: 16 },
    text: { ...standInConfig.text, dim: 4096, heads: 64, headDim: 64, ffnDim: 10_240, layers: 1, textLength: 512 },
    dit: { ...standInConfig.dit, dim: 1536, heads: 12, layers: 30, ffnDim: 8960, freqDim: 256 },
    decoder: { widths: [256, 128, 64, 64] },
    sampler: { ...standInConfig.sampler, steps },
  };
}

/**
 * Writes a complete model folder with seeded random weights in fp16, scaled so that activations keep their size.
 * The same every time.
 */
export function writeRandomModel(folder: string, sizes: object = standInConfig): void {
  const text = JSON.stringify(sizes, null, 2);
  const config = parseModelConfig(text, 'config.json');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'config.json'), text);
  writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(tokenizer()));
  const files = { text_encoder: textShapes(config), dit: ditShapes(config), decoder: decoderShapes(config) };
  for (const [index, [name, shapes]] of Object.entries(files).entries()) {
    writeSafetensors(join(folder, `${name}.safetensors`), shapes, index);
  }
}

type Shapes = Record<string, readonly number[]>;

function textShapes({ text }: ModelConfig): Shapes {
  const { dim, ffnDim, buckets, heads } = text;
  const inner = heads * text.headDim;
  const shapes: Shapes = { 'token_embedding.weight': [text.vocabSize, dim], 'norm.weight': [dim] };
  for (let layer = 0; layer < text.layers; layer++) {
    const name = `blocks.${layer}`;
    for (const norm of ['norm1', 'norm2']) shapes[`${name}.${norm}.weight`] = [dim];
    for (const part of ['q', 'k', 'v']) shapes[`${name}.attn.${part}.weight`] = [inner, dim];
    shapes[`${name}.attn.o.weight`] = [dim, inner];
    shapes[`${name}.ffn.gate.0.weight`] = [ffnDim, dim];
    shapes[`${name}.ffn.fc1.weight`] = [ffnDim, dim];
    shapes[`${name}.ffn.fc2.weight`] = [dim, ffnDim];
    shapes[`${name}.pos_embedding.embedding.weight`] = [buckets, heads];
  }
  return shapes;
}

function ditShapes({ dit, text, latent }: ModelConfig): Shapes {
  const { dim, ffnDim, freqDim } = dit;
  const shapes: Shapes = {
    'patch_embedding.weight': [dim, latent.channels, 1, 2, 2],
    'patch_embedding.bias': [dim],
    'head.modulation': [1, 2, dim],
  };
  const linear = (name: string, from: number, to: number): void => {
    shapes[`${name}.weight`] = [to, from];
    shapes[`${name}.bias`] = [to];
  };
  linear('text_embedding.0', text.dim, dim);
  linear('text_embedding.2', dim, dim);
  linear('time_embedding.0', freqDim, dim);
  linear('time_embedding.2', dim, dim);
  linear('time_projection.1', dim, 6 * dim);
  linear('head.head', dim, 4 * latent.channels);
  for (let layer = 0; layer < dit.layers; layer++) {
    const name = `blocks.${layer}`;
    shapes[`${name}.modulation`] = [1, 6, dim];
    shapes[`${name}.norm3.weight`] = [dim];
    shapes[`${name}.norm3.bias`] = [dim];
    for (const attention of ['self_attn', 'cross_attn']) {
      for (const part of ['q', 'k', 'v', 'o']) linear(`${name}.${attention}.${part}`, dim, dim);
      for (const norm of ['norm_q', 'norm_k']) shapes[`${name}.${attention}.${norm}.weight`] = [dim];
    }
    linear(`${name}.ffn.0`, dim, ffnDim);
    linear(`${name}.ffn.2`, ffnDim, dim);
  }
  return shapes;
}

function decoderShapes({ decoder, latent }: ModelConfig): Shapes {
  if (decoder.kind !== 'taehv') throw new RangeError('the stand-in has a decoder like the built-in model');
  const { widths } = decoder;
  const shapes: Shapes = {};
  const conv = (index: number | string, from: number, to: number, bias = true): void => {
    shapes[`decoder.${index}.weight`] = [to, from, 3, 3];
    if (bias) shapes[`decoder.${index}.bias`] = [to];
  };
  conv(1, latent.channels, widths[0]);
  let layer = 3;
  for (const [stage, growth] of [1, 2, 2].entries()) {
    const width = widths[stage] as number;
    for (let block = 0; block < 3; block++, layer++) {
      conv(`${layer}.conv.0`, 2 * width, width);
      conv(`${layer}.conv.2`, width, width);
      conv(`${layer}.conv.4`, width, width);
    }
    shapes[`decoder.${layer + 1}.conv.weight`] = [width * growth, width, 1, 1];
    conv(layer + 2, width, widths[stage + 1] as number, false);
    layer += 3;
  }
  conv(layer + 1, widths[3], 3);
  return shapes;
}

/** Values of a tensor at most that are drawn for it. Larger ones repeat one draw: a billion would take longer than measuring. */
const drawnValues = 1 << 18;

/** Norms near 1, biases near 0, weights with variance 1 / inputs; tensor by tensor, since a model may not fit into memory twice. */
function writeSafetensors(path: string, shapes: Shapes, stream: number): void {
  const lengthOf = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);
  const header: Record<string, unknown> = {};
  let at = 0;
  for (const [name, shape] of Object.entries(shapes)) {
    const bytes = lengthOf(shape) * Uint16Array.BYTES_PER_ELEMENT;
    header[name] = { dtype: 'F16', shape, data_offsets: [at, at + bytes] };
    at += bytes;
  }
  const text = Buffer.from(JSON.stringify(header));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(text.length));
  const fd = openSync(path, 'w');
  try {
    writeSync(fd, Buffer.concat([size, text]));
    const repeated = new Map<number, Uint8Array>(); // by scale
    for (const [index, [name, shape]] of Object.entries(shapes).entries()) {
      const length = lengthOf(shape);
      const inputs = length / (shape[0] as number);
      const norm = /norm.*\.weight$/.test(name);
      const scale = norm || inputs === 1 ? 0.1 : 1 / Math.sqrt(inputs);
      const large = length > drawnValues;
      let block = large ? repeated.get(scale) : undefined;
      if (!block) {
        const noise = gaussianNoise(seed, stream, index, Math.min(length, drawnValues));
        const values = Float16Array.from(noise, (value) => (norm ? 1 : 0) + scale * value);
        block = new Uint8Array(values.buffer);
        if (large) repeated.set(scale, block);
      }
      for (let left = length * 2; left > 0; left -= block.length) writeSync(fd, block, 0, Math.min(left, block.length));
    }
  } finally {
    closeSync(fd);
  }
}

/** A word-level tokenizer in the Hugging Face format. */
function tokenizer(): unknown {
  const special = (content: string, id: number) => ({
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  });
  const sequence = (id: string) => ({ Sequence: { id, type_id: 0 } });
  const end = { SpecialToken: { id: '</s>', type_id: 0 } };
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: specials.map(special),
    normalizer: { type: 'Lowercase' },
    pre_tokenizer: { type: 'Whitespace' },
    post_processor: {
      type: 'TemplateProcessing',
      single: [sequence('A'), end],
      pair: [sequence('A'), end, sequence('B'), end],
      special_tokens: { '</s>': { id: '</s>', ids: [1], tokens: ['</s>'] } },
    },
    decoder: null,
    model: {
      type: 'WordLevel',
      vocab: Object.fromEntries([...specials, ...words].map((word, id) => [word, id])),
      unk_token: '<unk>',
    },
  };
}
