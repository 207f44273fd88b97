import { setTimeout as wait } from 'node:timers/promises';
import type { Redis } from 'ioredis';

/** Longest that a worker waits for what follows on its path, in milliseconds, and as a share of the run that it made. */
const longestGraceMs = 500;
const graceShare = 0.05;
/** Between two looks whether it came, in milliseconds. */
const lookEveryMs = 5;
/** After the wait: so long it may take to come from the queue to the worker, in milliseconds. */
const comingMs = 500;

/** How long a worker waits for what follows on a run that took so long: little of it, so that other work is not kept. */
export function graceAfter(runMs: number): number {
  return Math.min(longestGraceMs, runMs * graceShare);
}

/**
 * Which worker has the state of which path in memory, so that it need not be replayed. A hint, and no lock: it is gone after
 * a moment, or once the worker has begun something else, and then anybody makes what follows. Paths are named by their last
 * chunk's key, of one queue.
 */
export class HeldPaths {
  readonly #redis: Redis;
  readonly #start: string;

  constructor(redis: Redis, prefix: string, queue: string) {
    this.#redis = redis;
    this.#start = `${prefix}:path:${queue}:`;
  }

  /** Who holds a path at this moment; null for nobody, or where the server does not answer. */
  async holderOf(key: string): Promise<string | null> {
    if (this.#redis.status !== 'ready') return null;
    return this.#redis.get(this.#start + key).catch(() => null);
  }

  /** What follows on a path lies in the queue: whoever holds it need not wait any more. */
  async noteGiven(key: string): Promise<void> {
    await this.#redis.set(this.#given(key), '1', 'PX', longestGraceMs + comingMs);
  }

  async hold(key: string, holder: string, graceMs: number): Promise<void> {
    await this.#redis.set(this.#start + key, holder, 'PX', Math.ceil(graceMs + comingMs));
  }

  async release(key: string): Promise<void> {
    await this.#redis.del(this.#start + key, this.#given(key));
  }

  /** Waits until what follows lies in the queue. @returns whether it came before the grace was over, or `isOver` */
  async follows(key: string, graceMs: number, isOver: () => boolean): Promise<boolean> {
    const until = performance.now() + graceMs;
    while (performance.now() < until && !isOver() && this.#redis.status === 'ready') {
      if ((await this.#redis.exists(this.#given(key))) === 1) return true;
      await wait(lookEveryMs);
    }
    return false;
  }

  #given(key: string): string {
    return `${this.#start}${key}:given`;
  }
}
