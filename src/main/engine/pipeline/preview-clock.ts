/** Pictures come no more often than this, in milliseconds. */
const leastIntervalMs = 400;
/** Where a picture is dear, at most one part in so many of the time goes into them. */
const costShare = 8;

/** Says when another picture of the chunk being made is worth its time. */
export class PreviewClock {
  #last = Number.NEGATIVE_INFINITY;
  #intervalMs = leastIntervalMs;

  isDue(): boolean {
    return performance.now() - this.#last >= this.#intervalMs;
  }

  /** A picture was made, and took so long. */
  took(elapsedMs: number): void {
    this.#last = performance.now();
    this.#intervalMs = Math.max(leastIntervalMs, elapsedMs * costShare);
  }
}
