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
  const at = target.indexOf('?');
  const path = at < 0 ? target : target.slice(0, at);
  const query = at < 0 ? '' : target.slice(at + 1).replace(/#.*$/, '');
  return { path: path.replace(/#.*$/, ''), query: new URLSearchParams(query) };
}
