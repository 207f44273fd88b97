import { unsupported } from './byte-source.ts';
import type { OpenCheckpoint } from './containers/index.ts';
import type { Family } from './families.ts';
import { type LowRank, lowRankChange, type MatMul } from './lora.ts';
import { chooseRoot } from './names.ts';
import { withScales } from './scaled-weights.ts';
import { elementCount } from './stored-tensor.ts';
import type { QuantBits } from './writing/quantize.ts';
import type { PlannedTensor } from './writing/weights-writer.ts';

/** Of a decoder's file, what our decoders read. */
const wanted: Readonly<Record<Family['family'], RegExp>> = {
  dit: /./,
  text: /./,
  lora: /^$/,
  taehv: /^decoder\./,
  'wan-vae': /^(conv1|conv2|encoder|decoder)\./,
};
/** Of the text encoder, the matrices that may be stored in blocks; the table of words is read row by row. */
const inBlocks = /^blocks\.\d+\.(attn\.[qkvo]|ffn\.(gate\.0|fc1|fc2))\.weight$/;
/** The three growing convolutions of TAEHV: a file may have more output channels than are used; the last ones are. */
const growth = [
  { key: 'decoder.7.conv.weight', stage: 0, frames: 1 },
  { key: 'decoder.13.conv.weight', stage: 1, frames: 2 },
  { key: 'decoder.19.conv.weight', stage: 2, frames: 2 },
] as const;

/**
 * Which tensors of a checkpoint go into a model folder, and what is done to each.
 * @param bits of the text encoder's matrices; null for halves
 * @param lora changes by weight name, for a generator
 * @throws ThroughlineError where a change belongs to no weight, or does not fit it
 */
export async function planPart(
  checkpoint: OpenCheckpoint,
  family: Family,
  {
    ema,
    lora,
    multiply,
    bits = null,
  }: {
    readonly bits?: QuantBits | null;
    readonly ema: boolean;
    readonly lora: ReadonlyMap<string, LowRank>;
    readonly multiply: MatMul;
  },
): Promise<PlannedTensor[]> {
  const { name } = checkpoint;
  const tensors = await withScales(name, chooseRoot(name, checkpoint.entries, ema).tensors);
  for (const [key, { up, down }] of lora) {
    const shape = tensors.get(key)?.tensor.shape;
    if (shape?.join() !== `${up.shape[0]},${down.shape[1]}`) {
      throw unsupported(
        up.source.name,
        shape
          ? `changes ${key} as a matrix of ${up.shape[0]} by ${down.shape[1]}, and it has [${shape}]`
          : `changes ${key}, which ${name} has not`,
        'Use the LoRA that belongs to these weights.',
      );
    }
  }
  return [...tensors]
    .filter(([key, { tensor }]) => wanted[family.family].test(key) && !/^(I|U|BOOL)/.test(tensor.type))
    .map(([key, { tensor, scale }]) => {
      const shape = family.family === 'taehv' ? grownShape(key, tensor.shape, family.widths) : tensor.shape;
      const pair = lora.get(key);
      return {
        name: key,
        tensor,
        shape,
        skip: elementCount(tensor.shape) - elementCount(shape),
        scale,
        change: pair ? () => lowRankChange(pair, multiply) : null,
        bits: inBlocks.test(key) ? bits : null,
      };
    });
}

function grownShape(key: string, shape: readonly number[], widths: readonly number[]): readonly number[] {
  const growing = growth.find((one) => one.key === key);
  if (!growing) return shape;
  const rows = (widths[growing.stage] as number) * growing.frames;
  return (shape[0] as number) > rows ? [rows, ...shape.slice(1)] : shape;
}
