import { type DeviceFigures, shareWords } from '../../../shared/devices.ts';
import type { DeviceName, Precision } from '../../../shared/render.ts';
import type { StepMeasurement } from '../protocol.ts';

/**
 * Most that a device's results may differ from the processor's (root mean square, as a share of theirs). In fp32 both
 * round alike and differ only in the order of sums: some 1e-5 for the models recorded in tests. A driver that is wrong is
 * wrong by far more than this. Halves have 11 bits: each product is rounded by up to 0.05 %, and thirty layers of them add up to
 * one or two per cent.
 */
export const agreement = { fp32: 1e-3, fp16: 2e-2 } as const satisfies Record<Precision, number>;

/**
 * @param measured null where it could not be opened
 * @param reference what the processor gave for the same steps
 */
export function figuresOf(
  device: DeviceName,
  label: string,
  measured: StepMeasurement | null,
  reference: StepMeasurement | null,
  problem = '',
  most: number = agreement.fp32,
): DeviceFigures {
  if (!measured) return { device, label, problem, stepMs: null, difference: null };
  const difference = reference ? relativeDifference(measured.predictions, reference.predictions) : null;
  const wrong = difference !== null && !(difference <= most);
  return {
    device,
    label,
    problem: wrong
      ? `Its results differ from the processor's by ${shareWords(difference)}, and at most ${shareWords(most)} can be rounding. Update its driver.`
      : problem,
    stepMs: median(measured.stepMs),
    difference,
  };
}

/** The fastest that can be used and agrees; the processor where nothing was measured. */
export function chooseDevice(figures: readonly DeviceFigures[]): DeviceName {
  const fit = figures.filter(({ problem, stepMs }) => problem === '' && stepMs !== null);
  const [fastest] = fit.sort((a, b) => (a.stepMs as number) - (b.stepMs as number));
  return fastest?.device ?? 'cpu';
}

/** Root mean square of a - b as a share of that of b; infinite where they are not comparable. */
export function relativeDifference(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let difference = 0;
  let size = 0;
  for (let i = 0; i < a.length; i++) {
    difference += ((a[i] as number) - (b[i] as number)) ** 2;
    size += (b[i] as number) ** 2;
  }
  const share = Math.sqrt(difference / size);
  return Number.isNaN(share) ? Number.POSITIVE_INFINITY : share;
}

function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? null;
}
