/** Width and height, in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * The middle of a picture, as large as it can be in the shape that is wanted, averaged to the size that is wanted: every
 * pixel is the mean of the area that it covers. Our own arithmetic, so that the same picture gives the same numbers whatever
 * library reads it.
 * @param rgba [from.height, from.width, 4]; what lets through is laid on white
 * @returns RGB, [to.height, to.width, 3]
 */
export function coverRgb(rgba: Uint8Array | Uint8ClampedArray, from: Size, to: Size): Uint8Array {
  const scale = Math.min(from.width / to.width, from.height / to.height);
  const columns = spans((from.width - to.width * scale) / 2, scale, to.width, from.width);
  const rows = spans((from.height - to.height * scale) / 2, scale, to.height, from.height);
  const out = new Uint8Array(to.width * to.height * 3);
  for (const [y, row] of rows.entries()) {
    for (const [x, column] of columns.entries()) {
      let [red, green, blue, total] = [0, 0, 0, 0];
      for (const { at: sy, weight: rowWeight } of row) {
        for (const { at: sx, weight } of column) {
          const share = rowWeight * weight;
          const i = (sy * from.width + sx) * 4;
          const cover = (rgba[i + 3] as number) / 255;
          const paper = 255 * (1 - cover);
          red += share * ((rgba[i] as number) * cover + paper);
          green += share * ((rgba[i + 1] as number) * cover + paper);
          blue += share * ((rgba[i + 2] as number) * cover + paper);
          total += share;
        }
      }
      const o = (y * to.width + x) * 3;
      out[o] = Math.round(red / total);
      out[o + 1] = Math.round(green / total);
      out[o + 2] = Math.round(blue / total);
    }
  }
  return out;
}

interface Part {
  readonly at: number;
  readonly weight: number;
}

/** For each of `count` pixels, `scale` wide from `start` on, the source pixels under it and how much of each. */
function spans(start: number, scale: number, count: number, length: number): Part[][] {
  return Array.from({ length: count }, (_, i) => {
    const [from, to] = [start + i * scale, start + (i + 1) * scale];
    const parts: Part[] = [];
    for (let at = Math.max(0, Math.floor(from)); at < Math.min(length, Math.ceil(to)); at++) {
      const weight = Math.min(to, at + 1) - Math.max(from, at);
      if (weight > 0) parts.push({ at, weight });
    }
    return parts;
  });
}
