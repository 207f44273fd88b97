import type { Geometry } from '../../model/config.ts';
import { ropeTable } from '../../model/rope.ts';
import type { FramePack } from '../policy.ts';

/** Size of a grid that patches of `side` x `side` tokens are laid over, the last row and column repeated where they reach beyond. */
export function packGrid(
  side: number,
  { rows, columns }: Pick<Geometry, 'rows' | 'columns'>,
): { rows: number; columns: number } {
  return { rows: Math.ceil(rows / side), columns: Math.ceil(columns / side) };
}

/** Frames of the past as a graph is fed them: [frames, channels, height, width]. */
export interface LatentFrames {
  readonly values: Float32Array;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/**
 * The latents of packs of one rate, side by side: each pack's channels are those of its frames in turn, and rows and columns go
 * on to whole patches of `side` x `side` tokens by repeating the last. One frame at `side` 1 is that frame itself.
 * @param frames index into `latents` of every pack's frames, as many of each pack
 * @returns [packs, channels*rate, height', width'], the order that the kernel in `graphs.ts` is reshaped to
 */
export function packedLatents(
  latents: LatentFrames,
  side: number,
  frames: readonly (readonly number[])[],
): { values: Float32Array; dims: [number, number, number, number] } {
  const { channels, height, width, values } = latents;
  const [tall, wide] = [height, width].map((size) => Math.ceil(size / (2 * side)) * 2 * side) as [number, number];
  const rate = frames[0]?.length ?? 0;
  const out = new Float32Array(frames.length * channels * rate * tall * wide);
  let at = 0;
  for (const members of frames) {
    for (let channel = 0; channel < channels; channel++) {
      for (const frame of members) {
        const plane = (frame * channels + channel) * height * width;
        for (let row = 0; row < tall; row++) {
          const from = plane + Math.min(row, height - 1) * width;
          for (let column = 0; column < wide; column++)
            out[at++] = values[from + Math.min(column, width - 1)] as number;
        }
      }
    }
  }
  return { values: out, dims: [frames.length, channels * rate, tall, wide] };
}

/**
 * RoPE of packs' tokens: cosines and sines are the means of those of the whole frames' tokens in each (model reference F), so
 * that they are shorter than a rotation's.
 * @param shift added to every pack's time
 * @returns [tokens, headDim/2] each, pack by pack
 */
export function pooledRope(
  packs: readonly FramePack[],
  geometry: Geometry,
  theta: number,
  shift: number,
): { cos: Float32Array; sin: Float32Array } {
  const parts = packs.map(({ rate, side, time }) => {
    const whole = ropeTable(
      Array.from({ length: rate }, (_, i) => time + shift + i),
      geometry,
      theta,
    );
    return { cos: pooled(whole.cos, rate, side, geometry), sin: pooled(whole.sin, rate, side, geometry) };
  });
  return { cos: joined(parts.map(({ cos }) => cos)), sin: joined(parts.map(({ sin }) => sin)) };
}

/** Means over `rate` frames and `side` rows and columns: [rate*tokens, pairs] -> [grid tokens, pairs]. */
function pooled(table: Float32Array, rate: number, side: number, geometry: Geometry): Float32Array {
  const { rows, columns, tokens } = geometry;
  const pairs = table.length / (rate * tokens);
  const grid = packGrid(side, geometry);
  const count = rate * side ** 2;
  const out = new Float32Array(grid.rows * grid.columns * pairs);
  const sums = new Float64Array(pairs);
  for (let token = 0; token < grid.rows * grid.columns; token++) {
    sums.fill(0);
    for (let i = 0; i < count; i++) {
      const frame = Math.floor(i / side ** 2);
      const row = Math.min(rows - 1, Math.floor(token / grid.columns) * side + (Math.floor(i / side) % side));
      const column = Math.min(columns - 1, (token % grid.columns) * side + (i % side));
      const from = (frame * tokens + row * columns + column) * pairs;
      for (let pair = 0; pair < pairs; pair++) sums[pair] = (sums[pair] as number) + (table[from + pair] as number);
    }
    out.set(
      sums.map((sum) => sum / count),
      token * pairs,
    );
  }
  return out;
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
