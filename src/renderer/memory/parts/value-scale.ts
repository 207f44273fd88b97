/** How numbers of one view become shades: `low` maps to 0, `high` to 1. */
export interface Scale {
  readonly low: number;
  readonly high: number;
}

/** A spread smaller than this share of the largest value is no difference worth a colour. */
const leastSpread = 0.02;

/** From the least value to the largest; from 0 where all are about the same, so that noise is not drawn as contrast. */
export function scaleOf(rows: readonly (readonly number[])[]): Scale {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const row of rows) {
    for (const value of row) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  if (high < low) return { low: 0, high: 0 };
  return high - low < leastSpread * Math.abs(high) ? { low: Math.min(0, low), high: Math.max(0, high) } : { low, high };
}

/** Place of a value on a scale, 0..1. A scale without width puts everything at 0. */
export function shade(scale: Scale, value: number): number {
  const width = scale.high - scale.low;
  return width <= 0 ? 0 : Math.min(1, Math.max(0, (value - scale.low) / width));
}

/** A score as people read it: two digits, three where it would otherwise read 0.00. */
export function formatScore(value: number): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size < 0.0005) return size < 0.00005 ? value.toExponential(1) : value.toFixed(4);
  return value.toFixed(size < 0.095 ? 3 : 2);
}

/** `42 %` */
export function formatShare(fraction: number): string {
  return `${Math.round(fraction * 100)} %`;
}

/** Mean of numbers; 0 of none. */
export function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
