import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

const secretBytes = 32;
/** Names under which only this machine reaches itself; any other would be a stranger's name for it (DNS rebinding). */
const ownNames = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * Who may talk to the studio: a browser that was opened with the link of this run, and only from our own page. The
 * link's token is good once; the browser keeps a cookie instead.
 */
export class Gate {
  readonly #secret = randomBytes(secretBytes).toString('base64url');
  readonly #cookieName: string;
  #token: string | null = null;

  /** @param port cookies do not tell ports apart, so their names must */
  constructor(port: number) {
    this.#cookieName = `throughline-${port}`;
  }

  /** A new token for a link; the one before is no longer good. */
  newToken(): string {
    this.#token = randomBytes(secretBytes).toString('base64url');
    return this.#token;
  }

  /** Takes a token, once. Returns the `Set-Cookie` that lets its browser in; null if the token is not good. */
  exchange(token: string): string | null {
    if (this.#token === null || !equal(token, this.#token)) return null;
    this.#token = null;
    return `${this.#cookieName}=${this.#secret}; HttpOnly; SameSite=Strict; Path=/`;
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
}

function equal(a: string, b: string): boolean {
  const [x, y] = [Buffer.from(a), Buffer.from(b)];
  return x.length === y.length && timingSafeEqual(x, y);
}
