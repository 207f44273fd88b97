import { createHash } from 'node:crypto';
import { pixelFramesOfChunk, pixelFramesOfChunks } from '../../shared/timing.ts';

/** Which frames of a film a chunk shows. */
export function spanOf(chunk: number, chunkFrames: number): { readonly first: number; readonly count: number } {
  return { first: pixelFramesOfChunks(chunk, chunkFrames), count: pixelFramesOfChunk(chunk, chunkFrames) };
}

/**
 * What recipes call footage of one chunk: a digest of what its frames show at the size of the model's films.
 * @param frames pixels of each, [height, width, 3]
 */
export function footageName(frames: readonly Uint8Array[]): string {
  const hash = createHash('sha256').update('throughline-footage/1');
  for (const frame of frames) hash.update(createHash('sha256').update(frame).digest());
  return hash.digest('hex');
}

/** Pixels of frames that lie one below the other, apart: views of the same memory. */
export function apart(pixels: Uint8Array, count: number): Uint8Array[] {
  const size = pixels.length / count;
  return Array.from({ length: count }, (_, i) => pixels.subarray(i * size, (i + 1) * size));
}
