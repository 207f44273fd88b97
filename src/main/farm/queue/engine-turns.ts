/** After so long with one model a worker gives way where another is wanted, in milliseconds. */
const longestTurnMs = 60_000;
/** Who may not begin asks again after so long at the latest, in milliseconds. */
const askAgainMs = 1000;

interface Wish {
  readonly sinceMs: number;
  readonly askedMs: number;
}

/**
 * Whose turn it is of several models that one engine runs, one at a time. One model goes on as long as it has work, and gives way
 * after a minute; then whoever wanted it first is next. Models are numbers from 0 on.
 */
export class EngineTurns {
  readonly #longestTurnMs: number;
  readonly #clock: () => number;
  #current: number | null = null;
  #sinceMs = 0;
  #isBusy = false;
  /** The model at work has nothing to do. */
  #isIdle = false;
  readonly #wishes = new Map<number, Wish>();
  readonly #waiting = new Set<() => void>();

  /** @param turnMs instead of the usual time */
  constructor(turnMs = longestTurnMs, clock = () => performance.now()) {
    this.#longestTurnMs = turnMs;
    this.#clock = clock;
  }

  /** Whether a model may begin a run now; it then has to say {@link done}. Else it is remembered that it wants to. */
  begin(model: number): boolean {
    const now = this.#clock();
    if (this.#isBusy || !this.#mayBegin(model, now)) {
      this.#wishes.set(model, { sinceMs: this.#wishes.get(model)?.sinceMs ?? now, askedMs: now });
      return false;
    }
    this.#wishes.delete(model);
    if (model !== this.#current) this.#sinceMs = now;
    this.#current = model;
    this.#isBusy = true;
    this.#isIdle = false;
    return true;
  }

  /** The run of the model at work has ended. */
  done(): void {
    this.#isBusy = false;
    if (this.#isOver(this.#clock())) this.#wake();
  }

  /** A model's queue has no run for it. */
  idle(model: number): void {
    if (model !== this.#current || this.#isBusy) return;
    this.#isIdle = true;
    this.#wake();
  }

  /** A model that will not ask any more. */
  remove(model: number): void {
    this.#wishes.delete(model);
    if (this.#current !== model) return;
    this.#current = null;
    this.#isBusy = false;
    this.#wake();
  }

  /** Waits until it is worth asking again. */
  async changed(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, askAgainMs);
    this.#waiting.add(resolve);
    const stop = (): void => resolve();
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) resolve();
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      this.#waiting.delete(resolve);
    }
  }

  #mayBegin(model: number, now: number): boolean {
    const next = this.#next(now);
    if (model === this.#current) return next === null || !this.#isOver(now);
    if (next !== null && next !== model) return false;
    return this.#current === null || this.#isIdle || this.#isOver(now);
  }

  #isOver(now: number): boolean {
    return now - this.#sinceMs >= this.#longestTurnMs;
  }

  /** Who has wanted it longest, besides the model at work; others may have made meanwhile what it was wanted for. */
  #next(now: number): number | null {
    const wanting = [...this.#wishes].filter(([model, { askedMs }]) => {
      const isRecent = now - askedMs <= 2 * askAgainMs;
      if (!isRecent) this.#wishes.delete(model);
      return isRecent && model !== this.#current;
    });
    wanting.sort(([, a], [, b]) => a.sinceMs - b.sinceMs);
    return wanting[0]?.[0] ?? null;
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
  }
}
