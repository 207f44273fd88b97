import type { RedisOptions } from 'ioredis';
import { ThroughlineError } from '../../../shared/errors.ts';

/** Where a queue is. */
export interface QueueAddress {
  /** As it may be shown: without the password. */
  readonly place: string;
  readonly options: RedisOptions;
  /** Before all that a team puts on the server. */
  readonly prefix: string;
}

const hint = 'Give redis://host:6379, or rediss:// for an encrypted connection.';
const usualPort = 6379;

/**
 * The address of a queue: `redis[s]://[user:password@]host[:port][/database][?prefix=team]`. A password may stand in the
 * environment instead (THROUGHLINE_QUEUE_PASSWORD), where it is in no history of commands.
 * @throws ThroughlineError `bad-input`
 */
export function parseQueueAddress(text: string, environment: NodeJS.ProcessEnv = process.env): QueueAddress {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^rediss?:$/.test(url.protocol) || url.hostname === '')
    throw new ThroughlineError('bad-input', 'That is no address of a queue.', hint);
  const database = url.pathname.replace(/^\//, '');
  if (!/^\d{0,4}$/.test(database))
    throw new ThroughlineError('bad-input', `${database} is no number of a database.`, hint);
  const prefix = url.searchParams.get('prefix') ?? 'throughline';
  if (!/^[\w-]{1,60}$/.test(prefix))
    throw new ThroughlineError('bad-input', 'prefix takes letters, digits and dashes, 60 at most.', hint);
  const port = url.port === '' ? usualPort : Number(url.port);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const password = url.password === '' ? environment.THROUGHLINE_QUEUE_PASSWORD : decodeURIComponent(url.password);
  return {
    place: `${url.protocol}//${url.hostname}:${port}${database === '' ? '' : `/${database}`}`,
    prefix,
    options: {
      host,
      port,
      ...(database === '' ? {} : { db: Number(database) }),
      ...(url.username === '' ? {} : { username: decodeURIComponent(url.username) }),
      ...(password === undefined ? {} : { password }),
      ...(url.protocol === 'rediss:' ? { tls: {} } : {}),
    },
  };
}
