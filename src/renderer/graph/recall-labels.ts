/** A label in flow pixels: its middle, and how large it is. */
export interface LabelPlace {
  readonly x: number;
  readonly y: number;
  /** The greater stays. */
  readonly weight: number;
}

/** Of a label, in em. */
const labelEm = { width: 2.9, height: 1.5 };

/** The labels that can be drawn at this font size without touching one another, the greatest first. */
export function labelsWithRoom<Label extends LabelPlace>(
  labels: readonly Label[],
  fontSize: number,
  most: number,
): Label[] {
  const [width, height] = [labelEm.width * fontSize, labelEm.height * fontSize];
  const placed: Label[] = [];
  for (const label of [...labels].sort((a, b) => b.weight - a.weight)) {
    if (placed.length >= most) break;
    const free = placed.every(({ x, y }) => Math.abs(x - label.x) >= width || Math.abs(y - label.y) >= height);
    if (free) placed.push(label);
  }
  return placed;
}
