/**
 * Guesses how long a render will take from the chunks it has seen. Chunks that are made and chunks that are only
 * decoded are timed apart: they differ tenfold.
 */
export class RenderClock {
  readonly #left: Record<'made' | 'stored', number>;
  readonly #walls: Record<'made' | 'stored', number[]> = { made: [], stored: [] };

  /** @param toMake chunks to be made  @param toDecode chunks found finished */
  constructor(toMake: number, toDecode: number) {
    this.#left = { made: toMake, stored: toDecode };
  }

  finished(kind: 'made' | 'stored', wallMs: number): void {
    this.#left[kind] = Math.max(0, this.#left[kind] - 1);
    this.#walls[kind].push(wallMs);
  }

  /** Milliseconds left, `runningMs` into the chunk at hand; null until a chunk has been made. */
  remainingMs(runningMs: number): number | null {
    const made = this.#typicalMs('made');
    if (made === null && this.#left.made > 0) return null;
    const total = this.#left.made * (made ?? 0) + this.#left.stored * (this.#typicalMs('stored') ?? 0);
    return Math.max(0, total - Math.min(runningMs, made ?? runningMs));
  }

  /** Mean of the last eight; the first of all warms up and counts only while it is alone. */
  #typicalMs(kind: 'made' | 'stored'): number | null {
    const walls = this.#walls[kind];
    const recent = walls.slice(walls.length > 1 ? Math.max(1, walls.length - 8) : 0);
    return recent.length > 0 ? recent.reduce((sum, ms) => sum + ms, 0) / recent.length : null;
  }
}
