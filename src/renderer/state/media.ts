/** The chunk's middle frame. */
export function thumbUrl(key: string): string {
  return `/media/chunk/${key}/thumb.webp`;
}

/** All pixel frames of a chunk, one below the other at model size. */
export function stripUrl(key: string): string {
  return `/media/chunk/${key}/strip.webp`;
}

/** The picture of one latent frame of a chunk; `frame` counts in the chunk, 0..chunkFrames-1. */
export function frameUrl(key: string, frame: number): string {
  return `/media/frame/${key}/${frame}.webp`;
}

/** What footage shows in a chunk's place: its frames, one below the other. */
export function footageUrl(asset: string, chunk: number): string {
  return `/media/footage/${asset}/${chunk}.png`;
}
