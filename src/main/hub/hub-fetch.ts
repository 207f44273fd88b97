import { CancelledError, ThroughlineError } from '../../shared/errors.ts';
import type { HubEndpoint } from './endpoint.ts';

/** How patient a fetch is; tests are less. */
export interface Patience {
  /** Without a byte for so long, in milliseconds, a connection counts as cut. */
  readonly silenceMs: number;
  /** First pause before an attempt is repeated, in milliseconds; each further one is twice as long. */
  readonly pauseMs: number;
  /** The longest pause that a server may ask for, in milliseconds. */
  readonly longestPauseMs: number;
  /** Attempts in a row that bring nothing. */
  readonly attempts: number;
}

export const usualPatience: Patience = { silenceMs: 60_000, pauseMs: 1000, longestPauseMs: 120_000, attempts: 5 };

/** What is being asked for, as errors name it. */
export interface Asked {
  /** `owner/name`. */
  readonly repository: string;
  readonly revision: string;
  readonly path?: string;
}

/** The connection failed or was cut: another attempt may do. */
export class CutConnection extends Error {}

/**
 * The `fetch` that everything of the Hub goes through. Waits where the server asks it to, repeats what may succeed later,
 * and gives every other answer its sentence. The token goes to the Hub's own address and to no other host.
 * @throws ThroughlineError, CancelledError
 */
export function hubFetch(
  { url: hub, token }: HubEndpoint,
  asked: Asked,
  {
    patience = usualPatience,
    signal,
  }: { readonly patience?: Patience; readonly signal?: AbortSignal | undefined } = {},
): typeof fetch {
  const origin = new URL(hub).origin;
  return async (input, init = {}) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const headers = new Headers(init.headers);
    headers.delete('authorization');
    if (token !== null && url.origin === origin) headers.set('authorization', `Bearer ${token}`);
    for (let attempt = 1; ; attempt++) {
      if (signal?.aborted) throw new CancelledError('The download');
      let pauseMs = patience.pauseMs * 2 ** (attempt - 1);
      let problem: ThroughlineError;
      try {
        const response = await headed(url, { ...init, headers }, patience.silenceMs, signal);
        // Redirects within fetch drop the token where they leave the Hub; they must not leave encryption either.
        if (url.protocol === 'https:' && response.url.startsWith('http:')) throw insecure(asked);
        if (response.ok || response.status === 416) return response;
        await response.body?.cancel().catch(() => {});
        problem = answered(response, asked, token !== null);
        if (response.status !== 429 && response.status < 500) throw problem;
        pauseMs = Math.max(pauseMs, askedPauseMs(response.headers.get('retry-after')));
        if (pauseMs > patience.longestPauseMs) throw problem;
      } catch (error) {
        if (error instanceof ThroughlineError) throw error;
        problem = unreachable(hub, error);
      }
      if (attempt >= patience.attempts) throw problem;
      await pause(pauseMs, signal);
    }
  };
}

/** Resolves after `ms`. @throws CancelledError as soon as `signal` is aborted */
export async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  if (signal?.aborted) throw new CancelledError('The download');
  await new Promise<void>((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(new CancelledError('The download'));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal?.addEventListener('abort', stop, { once: true });
  });
}

/** A response's headers, within `silenceMs`; its body then has the time it needs. */
async function headed(
  url: URL,
  init: RequestInit,
  silenceMs: number,
  signal: AbortSignal | undefined,
): Promise<Response> {
  const silent = new AbortController();
  const timer = setTimeout(() => silent.abort(new CutConnection('no answer')), silenceMs);
  const signals = [silent.signal, ...(signal ? [signal] : []), ...(init.signal ? [init.signal] : [])];
  try {
    return await fetch(url, { ...init, signal: AbortSignal.any(signals) });
  } catch (error) {
    if (signal?.aborted) throw new CancelledError('The download');
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** Seconds, or a date. */
function askedPauseMs(retryAfter: string | null): number {
  if (retryAfter === null) return 0;
  const seconds = Number(retryAfter);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(retryAfter) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : 0;
}

function answered(response: Response, { repository, revision, path }: Asked, known: boolean): ThroughlineError {
  const code = response.headers.get('x-error-code');
  const { status } = response;
  if (code === 'GatedRepo' || (status === 403 && code !== 'RepoNotFound')) {
    return new ThroughlineError(
      'bad-input',
      `${repository} gives its files only to people who accepted its terms.`,
      known
        ? 'Accept them on its page with the account of your token, and try again.'
        : 'Accept them on its page, put a token of your account into HF_TOKEN, and try again.',
    );
  }
  if (code === 'RevisionNotFound') {
    return new ThroughlineError('bad-input', `${repository} has no revision ${revision}.`, 'Check its name.');
  }
  if (code === 'EntryNotFound' || (status === 404 && path !== undefined && code !== 'RepoNotFound')) {
    return new ThroughlineError(
      'bad-input',
      `${repository} has no file ${path ?? ''} at ${revision}.`,
      'Its authors may have moved it: look at its page, and name the file with --file.',
    );
  }
  if (status === 401 || status === 404) {
    return new ThroughlineError(
      'bad-input',
      known
        ? `There is no repository ${repository} that your token may read.`
        : `There is no repository ${repository} that everybody may read.`,
      known
        ? 'Check its name, and whether the token still holds.'
        : 'Check its name. A private one needs a token in HF_TOKEN.',
    );
  }
  if (status === 429) {
    return new ThroughlineError(
      'bad-input',
      'The Hub asks to be left alone for a while: too many requests came from here.',
      'Try again in some minutes. What was fetched is kept.',
    );
  }
  if (status >= 500) {
    return new ThroughlineError(
      'bad-input',
      `The Hub has a problem of its own (${status}).`,
      'Try again later. What was fetched is kept.',
    );
  }
  return new ThroughlineError(
    'bad-input',
    `The Hub refused ${path ?? repository} (${status}).`,
    'Check the name, the revision and the file.',
  );
}

function insecure({ path, repository }: Asked): ThroughlineError {
  return new ThroughlineError(
    'bad-input',
    `The Hub sends on to a place without encryption for ${path ?? repository}.`,
    'Something between here and the Hub changes its answers. Try another network.',
  );
}

function unreachable(hub: string, cause: unknown): ThroughlineError {
  const host = new URL(hub).host;
  const loop = cause instanceof Error && /redirect count/.test(String(cause.cause ?? cause.message));
  return loop
    ? new ThroughlineError('bad-input', `${host} sends round in a circle.`, 'Try again later.', { cause })
    : new ThroughlineError(
        'bad-input',
        `${host} cannot be reached.`,
        'Check the connection and try again. What was fetched is kept.',
        { cause },
      );
}
