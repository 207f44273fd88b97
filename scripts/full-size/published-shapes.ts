import { ditShapes } from '../../src/main/engine/checkpoints/families.ts';
import type { Shapes } from './torch-file.ts';

/** Sizes of the parts of a model. */
export interface ModelSizes {
  readonly dit: { readonly dim: number; readonly layers: number; readonly ffnDim: number; readonly freqDim: number };
  readonly loraRank: number;
  readonly text: {
    readonly vocabulary: number;
    readonly dim: number;
    readonly ffnDim: number;
    readonly heads: number;
    readonly layers: number;
  };
  readonly vaeDim: number;
  readonly taehvWidths: readonly [number, number, number, number];
}

/** Those of Wan 2.1 1.3B. */
export const publishedSizes: ModelSizes = {
  dit: { dim: 1536, layers: 30, ffnDim: 8960, freqDim: 256 },
  loraRank: 256,
  text: { vocabulary: 256_384, dim: 4096, ffnDim: 10_240, heads: 64, layers: 24 },
  vaeDim: 96,
  taehvWidths: [256, 128, 64, 64],
};

/** The same files, small: for a look at whether everything runs. */
export const tinySizes: ModelSizes = {
  dit: { dim: 128, layers: 2, ffnDim: 256, freqDim: 64 },
  loraRank: 4,
  text: { vocabulary: 2048, dim: 64, ffnDim: 128, heads: 1, layers: 2 },
  vaeDim: 8,
  taehvWidths: [32, 16, 8, 8],
};

export function generatorShapes({ dit, text }: ModelSizes): Shapes {
  return ditShapes({ ...dit, textDim: text.dim, channels: 16 });
}

/** PEFT's names, for every matrix of the blocks. */
export function loraShapes(sizes: ModelSizes): Shapes {
  const shapes = new Map<string, readonly number[]>();
  for (const [name, shape] of generatorShapes(sizes)) {
    const matrix = /^(blocks\..*)\.weight$/.exec(name)?.[1];
    if (matrix === undefined || shape.length !== 2) continue;
    const [to, from] = shape as readonly [number, number];
    shapes.set(`base_model.model.${matrix}.lora_A.weight`, [sizes.loraRank, from]);
    shapes.set(`base_model.model.${matrix}.lora_B.weight`, [to, sizes.loraRank]);
  }
  return shapes;
}

export function textShapes({ text }: ModelSizes): Shapes {
  const { vocabulary, dim, ffnDim, heads, layers } = text;
  const shapes = new Map<string, readonly number[]>([['token_embedding.weight', [vocabulary, dim]]]);
  const inner = heads * 64;
  for (let layer = 0; layer < layers; layer++) {
    const block = `blocks.${layer}`;
    for (const part of ['q', 'k', 'v']) shapes.set(`${block}.attn.${part}.weight`, [inner, dim]);
    shapes.set(`${block}.attn.o.weight`, [dim, inner]);
    for (const part of ['gate.0', 'fc1']) shapes.set(`${block}.ffn.${part}.weight`, [ffnDim, dim]);
    shapes.set(`${block}.ffn.fc2.weight`, [dim, ffnDim]);
    shapes.set(`${block}.pos_embedding.embedding.weight`, [32, heads]);
    for (const norm of ['norm1', 'norm2']) shapes.set(`${block}.${norm}.weight`, [dim]);
  }
  return shapes.set('norm.weight', [dim]);
}

/** Decoder and encoder of Wan 2.1's VAE. */
export function vaeShapes({ vaeDim: dim }: ModelSizes): Shapes {
  const shapes = new Map<string, readonly number[]>();
  const conv = (name: string, shape: readonly number[]): void => {
    shapes.set(`${name}.weight`, shape);
    shapes.set(`${name}.bias`, [shape[0] as number]);
  };
  const residual = (name: string, from: number, to: number): void => {
    shapes.set(`${name}.residual.0.gamma`, [from, 1, 1, 1]);
    conv(`${name}.residual.2`, [to, from, 3, 3, 3]);
    shapes.set(`${name}.residual.3.gamma`, [to, 1, 1, 1]);
    conv(`${name}.residual.6`, [to, to, 3, 3, 3]);
    if (from !== to) conv(`${name}.shortcut`, [to, from, 1, 1, 1]);
  };
  const middle = (name: string, width: number): void => {
    residual(`${name}.0`, width, width);
    shapes.set(`${name}.1.norm.gamma`, [width, 1, 1]);
    conv(`${name}.1.to_qkv`, [3 * width, width, 1, 1]);
    conv(`${name}.1.proj`, [width, width, 1, 1]);
    residual(`${name}.2`, width, width);
  };
  conv('encoder.conv1', [dim, 3, 3, 3, 3]);
  let [index, width] = [0, dim];
  for (const [stage, times] of [1, 2, 4, 4].entries()) {
    for (let block = 0; block < 2; block++, width = times * dim) {
      residual(`encoder.downsamples.${index++}`, width, times * dim);
    }
    if (stage === 3) continue;
    conv(`encoder.downsamples.${index}.resample.1`, [width, width, 3, 3]);
    if (stage > 0) conv(`encoder.downsamples.${index}.time_conv`, [width, width, 3, 1, 1]);
    index++;
  }
  middle('encoder.middle', width);
  shapes.set('encoder.head.0.gamma', [width, 1, 1, 1]);
  conv('encoder.head.2', [32, width, 3, 3, 3]);
  conv('conv1', [32, 32, 1, 1, 1]);
  conv('conv2', [16, 16, 1, 1, 1]);
  conv('decoder.conv1', [4 * dim, 16, 3, 3, 3]);
  middle('decoder.middle', 4 * dim);
  index = 0;
  width = 4 * dim;
  for (const [stage, times] of [4, 4, 2, 1].entries()) {
    for (let block = 0; block < 3; block++, width = times * dim) {
      residual(`decoder.upsamples.${index++}`, width, times * dim);
    }
    if (stage === 3) continue;
    conv(`decoder.upsamples.${index}.resample.1`, [width / 2, width, 3, 3]);
    if (stage < 2) conv(`decoder.upsamples.${index}.time_conv`, [2 * width, width, 3, 1, 1]);
    index++;
    width /= 2;
  }
  shapes.set('decoder.head.0.gamma', [dim, 1, 1, 1]);
  conv('decoder.head.2', [3, dim, 3, 3, 3]);
  return shapes;
}

/** The decoder half of TAEHV. */
export function taehvShapes({ taehvWidths: widths }: ModelSizes): Shapes {
  const shapes = new Map<string, readonly number[]>();
  const conv = (index: number | string, from: number, to: number, bias = true): void => {
    shapes.set(`decoder.${index}.weight`, [to, from, 3, 3]);
    if (bias) shapes.set(`decoder.${index}.bias`, [to]);
  };
  conv(1, 16, widths[0]);
  for (const [stage, growth] of [1, 2, 2].entries()) {
    const [first, width] = [3 + 6 * stage, widths[stage] as number];
    for (let layer = first; layer < first + 3; layer++) {
      conv(`${layer}.conv.0`, 2 * width, width);
      conv(`${layer}.conv.2`, width, width);
      conv(`${layer}.conv.4`, width, width);
    }
    shapes.set(`decoder.${first + 4}.conv.weight`, [width * growth, width, 1, 1]);
    conv(first + 5, width, widths[stage + 1] as number, false);
  }
  conv(22, widths[3], 3);
  return shapes;
}
