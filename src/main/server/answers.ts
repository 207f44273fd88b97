import type { ServerResponse } from 'node:http';
import { securityHeaders } from '../pages/security-headers.ts';

const oneYearSec = 31_536_000;

export interface Answer {
  readonly status: number;
  readonly body: string | Uint8Array;
  /** An HTML page unless given. */
  readonly type?: string;
  /** Whether what is under this address never changes. */
  readonly immutable?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What holds for every answer. @param host as the request named us */
export function protect(response: ServerResponse, host = ''): void {
  // Some browsers do not count a socket to the page's own host as 'self'.
  const socket = /^[\w.[\]:-]+$/.test(host) ? [`ws://${host}`] : [];
  for (const [name, value] of Object.entries(securityHeaders(socket))) response.setHeader(name, value);
}

/** Sends a whole answer; its body is left out where the request was for its headers alone. */
export function send(response: ServerResponse, { status, body, type, immutable, headers }: Answer): void {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  // A client that sends a body after a question is not waited for.
  if (response.req.headers['content-length'] || response.req.headers['transfer-encoding'])
    response.setHeader('connection', 'close');
  response.writeHead(status, {
    'content-type': type ?? 'text/html; charset=utf-8',
    'content-length': bytes.length,
    'cache-control': immutable ? `private, max-age=${oneYearSec}, immutable` : 'no-store',
    ...headers,
  });
  response.end(response.req.method === 'HEAD' ? undefined : bytes);
}

/** Leads the browser on to the editor. */
const onward = '<meta http-equiv="refresh" content="0; url=/">';

/**
 * Lets a browser go on to the editor. A page that goes on by itself, not a redirect: a strict cookie is not sent where
 * another site led here.
 */
export function openingPage(): string {
  return plainPage('Throughline', 'Opening…', onward);
}

/** A page of one sentence. */
export function plainPage(title: string, sentence: string, head = ''): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><link rel="icon" href="data:,"><title>${escapeHtml(title)}</title>${head}<style>
body{font:16px/1.5 system-ui,sans-serif;background:#14161a;color:#e8eaed;display:grid;place-items:center;min-height:90vh;margin:0}
main{max-width:34em;padding:2em}h1{font-size:1.3em}</style></head><body><main><h1>${escapeHtml(title)}</h1><p>${escapeHtml(sentence)}</p></main></body></html>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** The header that makes a browser save what it gets under `name`, whatever signs are in it (RFC 6266, RFC 8187). */
export function attachment(name: string): string {
  const whole = name.toWellFormed();
  const plain = whole.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const coded = encodeURIComponent(whole).replace(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`);
  return `attachment; filename="${plain}"; filename*=UTF-8''${coded}`;
}
