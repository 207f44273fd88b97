import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ThroughlineError } from '../../shared/errors.ts';

/** Where models are fetched from, and as whom. */
export interface HubEndpoint {
  /** Without a slash at its end. */
  readonly url: string;
  /** Sent to {@link url} alone; never written down and never shown. Null: as anybody. */
  readonly token: string | null;
  /** Files that another tool has fetched already; may be missing. */
  readonly cacheFolder: string;
}

const hubUrl = 'https://huggingface.co';
const loopback = /^(localhost|127\.0\.0\.1|\[::1\])$/;

/**
 * As the Hub's own tools have it: `HF_ENDPOINT`; `HF_TOKEN`, or the token file of a login; `HF_HOME`, `HF_HUB_CACHE`.
 * @throws ThroughlineError `bad-input` where HF_ENDPOINT is no address, or would send the token in the clear
 */
export function hubEndpoint(env: NodeJS.ProcessEnv = process.env, home = homedir()): HubEndpoint {
  const hubHome = env.HF_HOME || join(env.XDG_CACHE_HOME || join(home, '.cache'), 'huggingface');
  return {
    url: endpointUrl(env.HF_ENDPOINT),
    token: token(env, hubHome),
    cacheFolder: env.HF_HUB_CACHE || env.HUGGINGFACE_HUB_CACHE || join(hubHome, 'hub'),
  };
}

function endpointUrl(given: string | undefined): string {
  if (!given?.trim()) return hubUrl;
  const url = URL.parse(given.trim());
  if (url && (url.protocol === 'https:' || (url.protocol === 'http:' && loopback.test(url.hostname)))) {
    return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
  }
  throw new ThroughlineError(
    'bad-input',
    'HF_ENDPOINT is not an address that models can be fetched from.',
    'Set it to an address that begins with https://, or unset it.',
  );
}

function token(env: NodeJS.ProcessEnv, hubHome: string): string | null {
  const named = (env.HF_TOKEN ?? env.HUGGING_FACE_HUB_TOKEN)?.trim();
  if (named) return named;
  try {
    return readFileSync(env.HF_TOKEN_PATH || join(hubHome, 'token'), 'utf8').trim() || null;
  } catch {
    return null; // nobody is logged in
  }
}
