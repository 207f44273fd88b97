/** The middle value; NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? Number.NaN)
    : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * 95 % interval of the median from the order of the values alone, whatever their distribution: the k-th lowest to the k-th
 * highest, k from the binomial distribution. The whole range where there are fewer than six values.
 */
export function medianInterval(values: readonly number[]): { low: number; high: number } {
  const sorted = [...values].sort((a, b) => a - b);
  const n = sorted.length;
  // P(fewer than k of n values lie below the median) must stay within 2.5 % on each side.
  let outside = 0;
  let term = 0.5 ** n;
  let left = 0;
  while (outside + term <= 0.025) {
    outside += term;
    left++;
    term *= (n - left + 1) / left;
  }
  const at = Math.max(0, left - 1);
  return { low: sorted[at] ?? Number.NaN, high: sorted[n - 1 - at] ?? Number.NaN };
}

/** Least squares slope of values over their index. */
export function slope(values: readonly number[]): number {
  const middle = (values.length - 1) / 2;
  const average = mean(values);
  let covariance = 0;
  let variance = 0;
  for (const [i, value] of values.entries()) {
    covariance += (i - middle) * (value - average);
    variance += (i - middle) ** 2;
  }
  return covariance / variance;
}

/** Prints a Markdown table; numbers are right-aligned and get one decimal. */
export function printTable(head: readonly string[], rows: readonly (readonly (string | number)[])[]): void {
  const cells = rows.map((row) => row.map((cell) => (typeof cell === 'number' ? format(cell) : cell)));
  const widths = head.map((title, i) => Math.max(title.length, ...cells.map((row) => row[i]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join(' | ')} |`;
  console.log(line(head));
  console.log(
    `|${widths.map((width, i) => (i === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`,
  );
  for (const row of cells) console.log(line(row));
}

function format(value: number): string {
  if (Number.isNaN(value)) return '-';
  return Math.abs(value) >= 10_000 ? value.toFixed(0) : value.toFixed(1);
}
