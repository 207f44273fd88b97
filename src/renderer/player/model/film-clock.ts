/**
 * The clock that films run by. While sound is heard it is the sound's: pictures follow what comes out of the loudspeaker,
 * so that the two cannot drift apart. Otherwise it is the page's. It never jumps and never goes back where one takes over
 * from the other.
 */
export class FilmClock {
  #source: () => number;
  #shiftMs = 0;
  #lastMs = Number.NEGATIVE_INFINITY;

  /** @param source a clock in milliseconds that never goes back */
  constructor(source: () => number) {
    this.#source = source;
  }

  /** Now, in milliseconds. */
  nowMs(): number {
    const now = this.#source() + this.#shiftMs;
    this.#lastMs = Math.max(this.#lastMs, now);
    return this.#lastMs;
  }

  /** Goes on by another clock from now on. */
  follow(source: () => number): void {
    const now = this.nowMs();
    this.#source = source;
    this.#shiftMs = now - source();
  }

  /** What the source says at a moment of this clock. */
  sourceMs(ms: number): number {
    return ms - this.#shiftMs;
  }
}

/** The one of this window. */
export const filmClock = new FilmClock(() => performance.now());
