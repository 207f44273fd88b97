import { readFileSync, statSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
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
const largestFileBytes = 2 ** 20;

/**
 * The address of a queue: `redis[s]://[user:password@]host[:port][/database][?prefix=team]`. A password may stand in the
 * environment instead (THROUGHLINE_QUEUE_PASSWORD), or in a file that THROUGHLINE_QUEUE_PASSWORD_FILE names, where no list
 * of processes and no history of commands shows it. A team's own certificate authority is named by THROUGHLINE_QUEUE_CA, a
 * PEM file.
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
  const password = url.password === '' ? passwordIn(environment) : decoded(url.password);
  return {
    place: `${url.protocol}//${url.hostname}:${port}${database === '' ? '' : `/${database}`}`,
    prefix,
    options: {
      host,
      port,
      ...(database === '' ? {} : { db: Number(database) }),
      ...(url.username === '' ? {} : { username: decoded(url.username) }),
      ...(password === undefined ? {} : { password }),
      ...(url.protocol === 'rediss:' ? { tls: encryption(environment) } : {}),
    },
  };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (cause) {
    throw new ThroughlineError(
      'bad-input',
      'The name or password in the address of the queue is not written as addresses need it.',
      'Write % as %25, or put the password into THROUGHLINE_QUEUE_PASSWORD.',
      { cause },
    );
  }
}

function passwordIn(environment: NodeJS.ProcessEnv): string | undefined {
  const { THROUGHLINE_QUEUE_PASSWORD: password, THROUGHLINE_QUEUE_PASSWORD_FILE: file } = environment;
  if (password !== undefined && password !== '') return password;
  if (file === undefined || file === '') return undefined;
  return contentOf(file, 'THROUGHLINE_QUEUE_PASSWORD_FILE', 'the password and nothing else').replace(/\r?\n$/, '');
}

/** Whose certificates are believed: the usual ones, and a team's own. */
function encryption({ THROUGHLINE_QUEUE_CA: file }: NodeJS.ProcessEnv): { readonly ca?: string[] } {
  if (file === undefined || file === '') return {};
  const authority = contentOf(file, 'THROUGHLINE_QUEUE_CA', 'certificates, as PEM');
  if (!authority.includes('-----BEGIN CERTIFICATE-----'))
    throw new ThroughlineError('bad-input', `${file} holds no certificate.`, 'THROUGHLINE_QUEUE_CA takes a PEM file.');
  return { ca: [...rootCertificates, authority] };
}

/** A file that the environment names. Larger ones are refused: neither a password nor a certificate is. */
function contentOf(file: string, variable: string, holds: string): string {
  try {
    if (statSync(file).size > largestFileBytes) throw new Error('it is too large');
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new ThroughlineError(
      'bad-input',
      `${file}, which ${variable} names, cannot be read.`,
      `It takes a file that holds ${holds}.`,
      { cause },
    );
  }
}
