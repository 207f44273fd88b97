import { Redis, type RedisOptions } from 'ioredis';

/**
 * How long an answer may take before a connection is given up for another one, in milliseconds. More than the 10 seconds for
 * which BullMQ lets the server wait for work on a connection. Without it, what a cable swallowed is sent again by the system
 * alone, after up to two minutes, and what a firewall forgot stays silent for ever.
 */
const usualSilenceMs = 15_000;

/**
 * A connection that notices when its server no longer answers, and then connects anew. What was asked is asked again. The
 * client's own `socketTimeout` does the same, but keeps a process alive after its connection has ended.
 */
export class WatchfulRedis extends Redis {
  readonly #silenceMs: number;
  #watch: NodeJS.Timeout | undefined;

  constructor(options: RedisOptions, silenceMs = usualSilenceMs) {
    super(options);
    this.#silenceMs = silenceMs;
    this.on('ready', () => this.#begin());
    this.on('close', () => clearInterval(this.#watch));
  }

  /** BullMQ makes its other connections by this. */
  override duplicate(override?: Partial<RedisOptions>): Redis {
    return new WatchfulRedis({ ...this.options, ...override }, this.#silenceMs);
  }

  #begin(): void {
    clearInterval(this.#watch);
    let askedAt: number | null = null;
    this.#watch = setInterval(() => {
      if (askedAt !== null) {
        if (performance.now() - askedAt > this.#silenceMs) this.disconnect(true);
        return;
      }
      askedAt = performance.now();
      const answered = (): void => {
        askedAt = null;
      };
      this.ping().then(answered, answered);
    }, this.#silenceMs / 4).unref();
  }
}
