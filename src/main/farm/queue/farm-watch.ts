import type { Redis } from 'ioredis';
import type { QueueAddress } from './address.ts';
import { connectToQueue } from './connection.ts';
import { type FarmPreview, noteWatched, readPreviews, readWorkers, type SeenWorker } from './presence.ts';

/** Looks at who works on a farm. Owner: whoever opened it; call {@link dispose}. */
export class FarmWatch {
  readonly #redis: Redis;
  readonly #prefix: string;
  /** Something a person should know of the server; null for nothing. */
  readonly note: string | null;

  private constructor(redis: Redis, prefix: string, note: string | null) {
    this.#redis = redis;
    this.#prefix = prefix;
    this.note = note;
  }

  /** @throws ThroughlineError `farm` where the queue cannot be reached */
  static async open(address: QueueAddress): Promise<FarmWatch> {
    const { redis, note } = await connectToQueue(address);
    return new FarmWatch(redis, address.prefix, note);
  }

  /** Whether the server can be asked at this moment. */
  get isConnected(): boolean {
    return this.#redis.status === 'ready';
  }

  workers(): Promise<SeenWorker[]> {
    return readWorkers(this.#redis, this.#prefix);
  }

  /** Asks workers for pictures of what they make, for the next seconds. */
  async wantPreviews(): Promise<void> {
    await noteWatched(this.#redis, this.#prefix);
  }

  /** The newest pictures of some workers, by their ids. */
  previews(ids: readonly string[]): Promise<FarmPreview[]> {
    return readPreviews(this.#redis, this.#prefix, ids);
  }

  /** Idempotent. */
  dispose(): void {
    this.#redis.disconnect();
  }
}
