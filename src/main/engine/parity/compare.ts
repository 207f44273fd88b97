export interface ParityReport {
  readonly held: boolean;
  readonly lines: readonly string[];
}

/** A part may differ by this share of the reference's scale, fp32. */
export const tolerance = 1e-3;

/** Largest absolute difference, and the reference's standard deviation over all values. */
export function compare(actual: ArrayLike<number>, expected: ArrayLike<number>): { maxAbs: number; std: number } {
  if (actual.length !== expected.length)
    throw new RangeError(`comparing ${actual.length} values with ${expected.length}`);
  let maxAbs = 0;
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < actual.length; i++) {
    const value = expected[i] as number;
    const difference = Math.abs((actual[i] as number) - value);
    maxAbs = difference > maxAbs || Number.isNaN(difference) ? difference : maxAbs;
    sum += value;
    squares += value * value;
  }
  const mean = sum / actual.length;
  return { maxAbs, std: Math.sqrt(squares / actual.length - mean * mean) };
}

/** Root mean square difference in units of the reference's standard deviation. */
export function relativeRms(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  const { std } = compare(actual, expected);
  let squares = 0;
  for (let i = 0; i < actual.length; i++) squares += ((actual[i] as number) - (expected[i] as number)) ** 2;
  return Math.sqrt(squares / actual.length) / std;
}

/** Peak signal to noise ratio in dB, the peak being the reference's range. */
export function peakSignalToNoise(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let squares = 0;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < expected.length; i++) {
    const value = expected[i] as number;
    squares += ((actual[i] as number) - value) ** 2;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return 10 * Math.log10((high - low) ** 2 / (squares / expected.length));
}
