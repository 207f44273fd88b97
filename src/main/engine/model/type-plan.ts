import type { DeviceName, Precision } from '../../../shared/render.ts';

/** Element type of matrix products and convolutions: what takes the time. Everything else is computed in fp32. */
export type ProductType = 'float32' | 'float16';

/** Element types of the graphs of a model on a device, made once. */
export interface TypePlan {
  /** The DiT's matrices and attention. Its sums between layers, norms, softmax and time embedding are in fp32. */
  readonly dit: ProductType;
  /** TAEHV. The Wan VAE stays in fp32: its norms over channels leave the range of halves for some pictures. */
  readonly taehv: ProductType;
}

export const exactTypes: TypePlan = { dit: 'float32', taehv: 'float32' };

/**
 * Text encoder and condition run once a prompt and stay in fp32: UMT5 was trained in bf16 and leaves the range of halves. The
 * processor has no arithmetic in halves.
 * @param hasHalves whether the device computes in halves
 */
export function typePlan(device: DeviceName, precision: Precision, hasHalves: boolean): TypePlan {
  return precision === 'fp16' && device !== 'cpu' && hasHalves ? { dit: 'float16', taehv: 'float16' } : exactTypes;
}

/**
 * Added to the version of the numbers where products are in halves: other results, so other keys and other cached states. What
 * is computed in fp32 keeps the keys it always had.
 */
const halvesClass = 1000;

export function numericsClass({ dit, taehv }: TypePlan): number {
  return dit === 'float16' || taehv === 'float16' ? halvesClass : 0;
}
