/** What a request asks for. */
export interface RequestTarget {
  /** As it was sent, percent signs and dots included; begins with a slash. */
  readonly path: string;
  readonly query: URLSearchParams;
}

/**
 * Reads a request's target. Only paths: a proxy's whole addresses, `*` and nothing at all are not for us.
 * @returns null for what is no path
 */
export function requestTarget(target: string | undefined): RequestTarget | null {
  if (!target?.startsWith('/')) return null;
  // A fragment is never sent by a browser; by hand, since `#.*$` is quadratic in a target of many `#`.
  const hash = target.indexOf('#');
  const whole = hash < 0 ? target : target.slice(0, hash);
  const at = whole.indexOf('?');
  const path = at < 0 ? whole : whole.slice(0, at);
  return { path, query: new URLSearchParams(at < 0 ? '' : whole.slice(at + 1)) };
}
