import { setImmediate as turn } from 'node:timers/promises';
import { throwIfCancelled } from '../../../shared/errors.ts';

/** How long work may keep others waiting, in milliseconds: about a frame. */
const longestMs = 16;

/**
 * Lets signals, answers and timers through in the middle of work that is all computing. A process that listens to
 * SIGTERM hears it only then.
 */
export class Breath {
  readonly #signal: AbortSignal | undefined;
  readonly #what: string;
  #since = performance.now();

  /** @param what is cancelled by `signal` */
  constructor(signal: AbortSignal | undefined, what: string) {
    this.#signal = signal;
    this.#what = what;
  }

  /** Call it often; it mostly returns at once. @throws CancelledError */
  async take(): Promise<void> {
    if (performance.now() - this.#since < longestMs) return;
    await turn();
    this.#since = performance.now();
    throwIfCancelled(this.#signal, this.#what);
  }
}
