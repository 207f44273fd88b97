import { createHash } from 'node:crypto';
import { pixelFramesOfChunk, pixelFramesOfChunks } from '../../shared/timing.ts';

/** Which frames of a film a chunk shows. */
export function spanOf(chunk: number, chunkFrames: number): { readonly first: number; readonly count: number } {
  return { first: pixelFramesOfChunks(chunk, chunkFrames), count: pixelFramesOfChunk(chunk, chunkFrames) };
}

/**
 * What recipes call footage of one chunk: a digest of what names its frames.
 * @param digests SHA-256 of each frame, of its pixels or of its file
 */
export function footageName(digests: readonly Uint8Array[]): string {
  const hash = createHash('sha256').update('throughline-footage/1');
  for (const digest of digests) hash.update(digest);
  return hash.digest('hex');
}

export function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
