/** A part of a film: a chunk, and how many frames it has. */
export interface FilmPart {
  readonly key: string;
  readonly frames: number;
}

/** Where a film that runs over and over stands at a frame of the clock. @param parts at least one */
export function frameAt<Part extends FilmPart>(parts: readonly Part[], frame: number): { part: Part; at: number } {
  let at = frame % parts.reduce((sum, { frames }) => sum + frames, 0);
  for (const part of parts) {
    if (at < part.frames) return { part, at };
    at -= part.frames;
  }
  throw new Error('a film without frames');
}
