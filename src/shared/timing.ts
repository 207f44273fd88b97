/** Pixel frames that a latent frame covers, but for the very first, which covers one (docs/model-format.md, Decoder). */
export const temporalStride = 4;

/** Pixel frames of a chunk: 9 for the first of a story and 12 for the others, at 3 latent frames a chunk. */
export function pixelFramesOfChunk(chunkIndex: number, chunkFrames: number): number {
  return chunkFrames * temporalStride - (chunkIndex === 0 ? temporalStride - 1 : 0);
}

/** First pixel frame of a latent frame: 0, 1, 5, 9, ... */
export function firstPixelFrame(latentFrame: number): number {
  return latentFrame === 0 ? 0 : temporalStride * latentFrame - (temporalStride - 1);
}

/** Pixel frames of the first `chunks` chunks of a story. */
export function pixelFramesOfChunks(chunks: number, chunkFrames: number): number {
  return firstPixelFrame(chunks * chunkFrames);
}

/** Pixel frames of a shot of so many chunks, of which the first is chunk `chunkIndex` of its story. */
export function shotPixelFrames(chunkIndex: number, chunks: number, chunkFrames: number): number {
  return pixelFramesOfChunks(chunkIndex + chunks, chunkFrames) - pixelFramesOfChunks(chunkIndex, chunkFrames);
}

/** The chunk boundary nearest to a time: how many chunks fit before `timeSec` (0 or more). */
export function nearestChunkBoundary(timeSec: number, fps: number, chunkFrames: number): number {
  return Math.max(0, Math.round((timeSec * fps + temporalStride - 1) / (chunkFrames * temporalStride)));
}

/** Where a latent frame stands in the film, in seconds. */
export function latentFrameToSec(latentFrame: number, fps: number): number {
  return firstPixelFrame(latentFrame) / fps;
}

/** A film time as `m:ss.s`, rounded down to a tenth: `0:07.5`, `12:00.0`. */
export function timeCode(timeSec: number): string {
  const tenths = Math.floor(timeSec * 10 + 1e-6);
  const seconds = Math.floor(tenths / 10);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}.${tenths % 10}`;
}
