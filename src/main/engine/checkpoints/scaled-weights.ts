import { unsupported } from './byte-source.ts';
import type { TensorTable } from './names.ts';
import { elementCount, readWhole, type StoredTensor } from './stored-tensor.ts';

/** A tensor, and by what all its values are to be multiplied. */
export interface ScaledTensor {
  readonly tensor: StoredTensor;
  readonly scale: number;
}

/** Names of a layer's scale, for `<layer>.weight`. */
const scaleNames = ['scale_weight', 'weight_scale'];
/** Beside scaled weights: scales of inputs, which we do not quantise, and a marker. */
const beside = /(^|\.)(scaled_fp8|scale_input|input_scale)$/;

/**
 * Joins eight-bit weights with their scales.
 * @throws ThroughlineError where eight-bit weights have none: their range is then anyone's guess
 */
export async function withScales(name: string, tensors: TensorTable): Promise<Map<string, ScaledTensor>> {
  const result = new Map<string, ScaledTensor>();
  for (const [key, tensor] of tensors) {
    if (beside.test(key) || scaleNames.some((scale) => key.endsWith(`.${scale}`))) continue;
    if (!tensor.type.startsWith('F8_')) {
      result.set(key, { tensor, scale: 1 });
      continue;
    }
    const layer = key.replace(/\.weight$/, '');
    const scale = scaleNames.map((suffix) => tensors.get(`${layer}.${suffix}`)).find((found) => found !== undefined);
    if (!scale || elementCount(scale.shape) !== 1) {
      throw unsupported(
        name,
        `holds ${key} in eight bits (${tensor.type}) without a scale`,
        'Get the same weights in bf16 or fp16, or with scales ("fp8 scaled").',
      );
    }
    result.set(key, { tensor, scale: (await readWhole(scale))[0] as number });
  }
  return result;
}
