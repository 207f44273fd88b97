/** Chunks whose times count. */
const kept = 12;

/** How long chunks take, from the last ones made. */
export class TimeLeft {
  #timesMs: number[] = [];
  #beganAt: number | null = null;

  /** Times of earlier runs, newest first, in milliseconds. */
  seed(timesMs: readonly number[]): void {
    if (this.#timesMs.length === 0) this.#timesMs = timesMs.slice(0, kept).reverse();
  }

  /** What was measured says nothing of what is to come. */
  forget(): void {
    this.#timesMs = [];
    this.#beganAt = null;
  }

  begin(): void {
    this.#beganAt = performance.now();
  }

  end(): void {
    if (this.#beganAt !== null) this.#timesMs.push(performance.now() - this.#beganAt);
    if (this.#timesMs.length > kept) this.#timesMs.shift();
    this.#beganAt = null;
  }

  /** Seconds that `chunks` take; null before any was measured. */
  secondsFor(chunks: number): number | null {
    if (this.#timesMs.length === 0) return null;
    // The median: the first chunk after a start also loads, restores or replays.
    const sorted = [...this.#timesMs].sort((a, b) => a - b);
    return ((sorted[sorted.length >> 1] as number) * chunks) / 1000;
  }

  /** @param running whether the first of `chunks` is being made now */
  secondsLeft(chunks: number, running: boolean): number | null {
    const all = this.secondsFor(chunks);
    if (all === null) return null;
    const one = all / Math.max(1, chunks);
    const spent = running && this.#beganAt !== null ? (performance.now() - this.#beganAt) / 1000 : 0;
    return Math.max(0, all - Math.min(spent, one));
  }
}
