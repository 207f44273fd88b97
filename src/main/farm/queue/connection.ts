import type { Redis } from 'ioredis';
import { ThroughlineError } from '../../../shared/errors.ts';
import type { QueueAddress } from './address.ts';
import { WatchfulRedis } from './watchful-redis.ts';
import { whyNot } from './why-not.ts';

/** Between two attempts to reach a server that went away, in milliseconds. */
const mostBetweenAttemptsMs = 2000;
/** A server that could not be spoken with for so long is not there, in milliseconds. */
const usualTimeoutMs = 10_000;

/**
 * Connects to a server, and goes on trying once it was reached.
 * @param timeoutMs it is told after so long that nobody answers, whatever the server does or does not do
 * @throws ThroughlineError `farm` where it cannot be used now, or is none for queues: why, and what to do
 */
export async function connectToQueue(
  address: QueueAddress,
  timeoutMs = usualTimeoutMs,
): Promise<{ redis: Redis; note: string | null }> {
  const { place, options } = address;
  let reached = false;
  let reason: Error | null = null;
  const redis = new WatchfulRedis({
    ...options,
    lazyConnect: true,
    connectTimeout: timeoutMs,
    maxRetriesPerRequest: null, // as BullMQ's workers need it
    retryStrategy: (attempt) => (reached ? Math.min(100 * attempt, mostBetweenAttemptsMs) : null),
  });
  redis.on('error', (error: Error) => {
    reason = error;
  });
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(Object.assign(new Error('it says nothing'), { code: 'ETIMEDOUT' })), timeoutMs);
  });
  try {
    const note = await Promise.race([meet(redis, address), silence]);
    reached = true;
    return { redis, note };
  } catch (error) {
    redis.disconnect();
    const cause = reason ?? error;
    const { what, hint } = await whyNot(cause, address);
    throw new ThroughlineError('farm', `The queue at ${place} cannot be reached: ${what}.`, hint, { cause });
  } finally {
    clearTimeout(timer);
  }
}

/** Connects, sees that everything that was asked for is had, and looks how the server is set. */
async function meet(redis: Redis, { place, options }: QueueAddress): Promise<string | null> {
  await redis.connect();
  // The client goes on with database 0 where it may not have another.
  if (options.db !== undefined) await redis.select(options.db);
  const memory = await redis.info('memory');
  const policy = /^maxmemory_policy:(\S+)/m.exec(memory)?.[1] ?? 'noeviction';
  const limited = !/^maxmemory:0\s*$/m.test(memory);
  if (policy === 'noeviction' || !limited) return null;
  return `The server at ${place} may throw work away when its memory is full (maxmemory-policy ${policy}). Set it to noeviction.`;
}
