import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

const secretBytes = 32;
/** Names under which only this machine reaches itself; any other would be a stranger's name for it (DNS rebinding). */
const ownNames = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** What a token that was shown at the door is. */
export type Admission =
  /** Good, and used up now; `cookie` lets its browser in from here on. */
  | { readonly kind: 'admitted'; readonly cookie: string }
  /** Good once, and used before. */
  | { readonly kind: 'used' }
  /** Never was good. */
  | { readonly kind: 'unknown' };

/**
 * Who may talk to the studio: a browser that was opened with a link of this run, and only from our own page. A link's
 * token is good once; the browser keeps a cookie instead. A wrong token changes nothing: the link that was printed
 * stays good, whoever guesses.
 */
export class Gate {
  readonly #secret = randomBytes(secretBytes).toString('base64url');
  readonly #cookieName: string;
  #token: string | null = null;
  readonly #used: string[] = [];

  /** @param port cookies do not tell ports apart, so their names must */
  constructor(port: number) {
    this.#cookieName = `throughline-${port}`;
  }

  /** The token of the link that is good now: the one that waits for a browser, else a new one. */
  token(): string {
    this.#token ??= randomBytes(secretBytes).toString('base64url');
    return this.#token;
  }

  /** Takes a token, once. */
  exchange(token: string): Admission {
    if (this.#token !== null && equal(token, this.#token)) {
      this.#used.push(this.#token);
      this.#token = null;
      return { kind: 'admitted', cookie: `${this.#cookieName}=${this.#secret}; HttpOnly; SameSite=Strict; Path=/` };
    }
    return { kind: this.#used.some((used) => equal(token, used)) ? 'used' : 'unknown' };
  }

  /** Whether the request is addressed to us by a name of our own. */
  isForUs({ host }: IncomingHttpHeaders): boolean {
    return ownNames.has((host ?? '').replace(/:\d+$/, '').toLowerCase());
  }

  /** Whether the browser was let in before. */
  isKnown({ cookie }: IncomingHttpHeaders): boolean {
    const ours = (cookie ?? '')
      .split(';')
      .map((part) => part.trim())
      .find((part) => part.startsWith(`${this.#cookieName}=`));
    return ours !== undefined && equal(ours.slice(this.#cookieName.length + 1), this.#secret);
  }

  /** Whether our own page asks: browsers say which page opens a socket, and any page may try. */
  isFromOurPage({ host, origin }: IncomingHttpHeaders): boolean {
    return host !== undefined && origin === `http://${host}`;
  }

  /**
   * Whether another page had its browser ask, as browsers of today say. A strict cookie counts every port of this
   * machine as one site, so a page of another local server could ask with it.
   */
  isFromElsewhere(headers: IncomingHttpHeaders): boolean {
    const from = headers['sec-fetch-site'];
    return from === 'cross-site' || from === 'same-site';
  }
}

function equal(a: string, b: string): boolean {
  const [x, y] = [Buffer.from(a), Buffer.from(b)];
  return x.length === y.length && timingSafeEqual(x, y);
}
