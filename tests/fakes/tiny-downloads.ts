import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gaussianNoise } from '../../src/main/engine/model/noise.ts';
import { f32, type RawTensor, safetensorsFile } from './safetensors.ts';

const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));

/** A text encoder of the recorded generator's text width with seeded random weights, under Hugging Face's names. */
export function textEncoder(dim = 20, [heads, headDim, ffn]: readonly [number, number, number] = [2, 8, 24]): Buffer {
  const vocab = 1200;
  let seed = 0;
  const tensor = (...shape: number[]): RawTensor =>
    f32(
      [
        ...gaussianNoise(
          seed++,
          0,
          0,
          shape.reduce((a, b) => a * b, 1),
        ).map((value) => value / 8),
      ],
      shape,
    );
  const ones = f32(new Array(dim).fill(1));
  const tensors: Record<string, RawTensor> = {
    'shared.weight': tensor(vocab, dim),
    'encoder.final_layer_norm.weight': ones,
  };
  for (const layer of [0, 1]) {
    const block = `encoder.block.${layer}.layer`;
    for (const part of ['q', 'k', 'v'])
      tensors[`${block}.0.SelfAttention.${part}.weight`] = tensor(heads * headDim, dim);
    tensors[`${block}.0.SelfAttention.o.weight`] = tensor(dim, heads * headDim);
    tensors[`${block}.0.SelfAttention.relative_attention_bias.weight`] = tensor(32, heads);
    for (const part of ['wi_0', 'wi_1']) tensors[`${block}.1.DenseReluDense.${part}.weight`] = tensor(ffn, dim);
    tensors[`${block}.1.DenseReluDense.wo.weight`] = tensor(dim, ffn);
    for (const sub of [0, 1]) tensors[`${block}.${sub}.layer_norm.weight`] = ones;
  }
  return safetensorsFile(tensors);
}

/** A folder as a person may have it: parts in sub-folders, a link, something else beside them. */
export function tinyDownloads(folder: string, generator = 'generator.pt'): string {
  mkdirSync(join(folder, 'google/umt5-xxl'), { recursive: true });
  symlinkSync(fixture(`containers/${generator}`), join(folder, 'model.pt'));
  writeFileSync(join(folder, 'text.safetensors'), textEncoder());
  copyFileSync(fixture('tokenizers/unigram.tokenizer.json'), join(folder, 'google/umt5-xxl/tokenizer.json'));
  copyFileSync(fixture('wan-vae/weights.safetensors'), join(folder, 'vae.safetensors'));
  writeFileSync(join(folder, 'README.md'), 'a model');
  return folder;
}
