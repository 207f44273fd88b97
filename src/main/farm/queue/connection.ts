import { Redis } from 'ioredis';
import { ThroughlineError } from '../../../shared/errors.ts';
import type { QueueAddress } from './address.ts';

/** Between two attempts to reach a server that went away, in milliseconds. */
const mostBetweenAttemptsMs = 2000;

/**
 * Connects to a server, and goes on trying once it was reached.
 * @throws ThroughlineError `farm` where it cannot be reached now, or is none for queues
 */
export async function connectToQueue({ place, options }: QueueAddress): Promise<{ redis: Redis; note: string | null }> {
  let reached = false;
  let reason: Error | null = null;
  const redis = new Redis({
    ...options,
    lazyConnect: true,
    maxRetriesPerRequest: null, // as BullMQ's workers need it
    retryStrategy: (attempt) => (reached ? Math.min(100 * attempt, mostBetweenAttemptsMs) : null),
  });
  redis.on('error', (error: Error) => {
    reason = error;
  });
  try {
    await redis.connect();
    reached = true;
    return { redis, note: await noteOn(redis, place) };
  } catch (error) {
    redis.disconnect();
    throw new ThroughlineError(
      'farm',
      `The queue at ${place} cannot be reached (${codeOf(reason ?? error)}).`,
      'Does the server run there, and are name, port and password right?',
      { cause: reason ?? error },
    );
  }
}

async function noteOn(redis: Redis, place: string): Promise<string | null> {
  const memory = await redis.info('memory');
  const policy = /^maxmemory_policy:(\S+)/m.exec(memory)?.[1] ?? 'noeviction';
  const limited = !/^maxmemory:0\s*$/m.test(memory);
  if (policy === 'noeviction' || !limited) return null;
  return `The server at ${place} may throw work away when its memory is full (maxmemory-policy ${policy}). Set it to noeviction.`;
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown reason';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message.slice(0, 120);
}
