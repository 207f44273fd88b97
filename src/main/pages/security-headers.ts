/**
 * What a page of ours may load: nothing but our own files. Styles may be inline: the interface's components place
 * themselves with style elements and attributes, and a style can send nothing anywhere under the other rules.
 * @param alsoConnect sources that it may connect to beside its own
 */
export function contentSecurityPolicy(alsoConnect: readonly string[] = []): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "media-src 'self' blob:",
    ["connect-src 'self'", ...alsoConnect].join(' '),
    "worker-src 'self'",
    "manifest-src 'self'",
    "object-src 'none'",
    "frame-src 'none'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

/** Sent with everything that a window loads. */
export function securityHeaders(alsoConnect: readonly string[] = []): Readonly<Record<string, string>> {
  return {
    'Content-Security-Policy': contentSecurityPolicy(alsoConnect),
    // Scratch sound is recorded by our own page alone; nothing else is ever asked for.
    'Permissions-Policy': 'microphone=(self), camera=(), geolocation=(), display-capture=()',
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
  };
}
