import type { PictureSize } from './geometry.ts';

/**
 * Enlarges RGB pictures: separable cubic convolution (Catmull-Rom, Keys 1981, a = -0.5), every result held
 * between the two source samples it lies between.
 *
 * Flat colours are what the models here draw. A cubic or Lanczos filter alone overshoots at their edges and draws
 * a halo; with the hold an edge is monotone and one source pixel wide, a flat area keeps its exact value, and
 * gradients stay as smooth as the cubic makes them. Works on gamma-encoded values, as players do.
 */
export interface Upscaler {
  /**
   * @param rgb [source.height, source.width, 3], 0..255
   * @returns [target.height, target.width, 3], 0..255; valid until the next call, owned by the upscaler
   */
  apply(rgb: Uint8Array): Uint8Array;
}

/** For each output sample of an axis: its four source samples (edges repeated) and their weights, which sum to `weightOne`. */
interface AxisPlan {
  readonly taps: Int32Array; // [length, 4]
  readonly weights: Int32Array; // [length, 4]
}

const weightBits = 14;
const weightOne = 1 << weightBits;
const weightHalf = weightOne >> 1;

/**
 * @param source size of the pictures that come in
 * @param target size of the pictures wanted, no smaller than the source on either side
 */
export function createUpscaler(source: PictureSize, target: PictureSize): Upscaler {
  if (target.width === source.width && target.height === source.height) return { apply: (rgb) => rgb };
  const across = planAxis(source.width, target.width);
  const down = planAxis(source.height, target.height);
  const rowLength = target.width * 3;
  const widened = new Uint8Array(source.height * rowLength); // [source.height, target.width, 3]
  const enlarged = new Uint8Array(target.height * rowLength);
  return {
    apply(rgb) {
      widen(rgb, source, across, widened);
      heighten(widened, rowLength, down, enlarged);
      return enlarged;
    },
  };
}

function planAxis(from: number, to: number): AxisPlan {
  const taps = new Int32Array(to * 4);
  const weights = new Int32Array(to * 4);
  for (let i = 0; i < to; i++) {
    // Pixel centres: output i lies at this place between source samples.
    const place = ((i + 0.5) * from) / to - 0.5;
    const first = Math.floor(place);
    const t = place - first;
    const cubic = [
      ((-0.5 * t + 1) * t - 0.5) * t,
      (1.5 * t - 2.5) * t * t + 1,
      ((-1.5 * t + 2) * t + 0.5) * t,
      (0.5 * t - 0.5) * t * t,
    ].map((weight) => Math.round(weight * weightOne));
    cubic[1]! += weightOne - cubic.reduce((sum, weight) => sum + weight, 0);
    for (let tap = 0; tap < 4; tap++) {
      taps[i * 4 + tap] = Math.max(0, Math.min(from - 1, first - 1 + tap));
      weights[i * 4 + tap] = cubic[tap]!;
    }
  }
  return { taps, weights };
}

function widen(rgb: Uint8Array, source: PictureSize, plan: AxisPlan, out: Uint8Array): void {
  const { taps, weights } = plan;
  const columns = taps.length / 4;
  let o = 0;
  for (let row = 0; row < source.height; row++) {
    const start = row * source.width * 3;
    for (let column = 0; column < columns; column++) {
      const k = column * 4;
      const a = start + taps[k]! * 3;
      const b = start + taps[k + 1]! * 3;
      const c = start + taps[k + 2]! * 3;
      const d = start + taps[k + 3]! * 3;
      for (let channel = 0; channel < 3; channel++) {
        out[o++] = held(
          rgb[a + channel]! * weights[k]! +
            rgb[b + channel]! * weights[k + 1]! +
            rgb[c + channel]! * weights[k + 2]! +
            rgb[d + channel]! * weights[k + 3]!,
          rgb[b + channel]!,
          rgb[c + channel]!,
        );
      }
    }
  }
}

function heighten(picture: Uint8Array, rowLength: number, plan: AxisPlan, out: Uint8Array): void {
  const { taps, weights } = plan;
  const rows = taps.length / 4;
  for (let row = 0; row < rows; row++) {
    const k = row * 4;
    const a = taps[k]! * rowLength;
    const b = taps[k + 1]! * rowLength;
    const c = taps[k + 2]! * rowLength;
    const d = taps[k + 3]! * rowLength;
    const wa = weights[k]!;
    const wb = weights[k + 1]!;
    const wc = weights[k + 2]!;
    const wd = weights[k + 3]!;
    const o = row * rowLength;
    for (let i = 0; i < rowLength; i++) {
      const inner = picture[b + i]!;
      const next = picture[c + i]!;
      out[o + i] = held(picture[a + i]! * wa + inner * wb + next * wc + picture[d + i]! * wd, inner, next);
    }
  }
}

function held(weighted: number, left: number, right: number): number {
  const value = (weighted + weightHalf) >> weightBits;
  return Math.max(Math.min(left, right), Math.min(Math.max(left, right), value));
}
