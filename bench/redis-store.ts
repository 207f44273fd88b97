import { parseQueueAddress } from '../src/main/farm/index.ts';
import { connectToQueue } from '../src/main/farm/queue/connection.ts';
import type { ArtifactStore } from '../src/main/farm/store/artifact-store.ts';

type Redis = Awaited<ReturnType<typeof connectToQueue>>['redis'];

/** Artifacts in the memory of a server: a store that costs no disk, for measuring everything else. */
export class RedisStore implements ArtifactStore {
  readonly place = 'memory';
  readonly #redis: Redis;

  private constructor(redis: Redis) {
    this.#redis = redis;
  }

  static async open(url: string): Promise<RedisStore> {
    return new RedisStore((await connectToQueue(parseQueueAddress(url))).redis);
  }

  /** What a server says of itself. */
  static async infoOf(url: string): Promise<string> {
    const { redis } = await connectToQueue(parseQueueAddress(url));
    const info = await redis.info();
    redis.disconnect();
    return info;
  }

  async has(name: string): Promise<boolean> {
    return (await this.#redis.exists(name)) === 1;
  }

  get(name: string): Promise<Uint8Array | null> {
    return this.#redis.getBuffer(name);
  }

  async put(name: string, bytes: Uint8Array, mayReplace: boolean): Promise<boolean> {
    const content = Buffer.from(bytes);
    if (mayReplace) await this.#redis.set(name, content);
    else if ((await this.#redis.set(name, content, 'NX')) === null) return false;
    return true;
  }

  async check(): Promise<void> {}

  async now(): Promise<number> {
    return Number((await this.#redis.time())[0]) * 1000;
  }

  async *list(): AsyncGenerator<never> {}

  async remove(): Promise<boolean> {
    return false;
  }

  dispose(): void {
    this.#redis.disconnect();
  }
}
