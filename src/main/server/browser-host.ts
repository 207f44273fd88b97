import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { createRouter } from '../studio/router.ts';
import type { Studio } from '../studio/studio.ts';
import { ApiSockets } from './api-sockets.ts';
import { Gate } from './gate.ts';
import { Pages, plainPage } from './pages.ts';

export interface BrowserHostOptions {
  readonly studio: Studio;
  /** The built renderer. */
  readonly pagesFolder: string;
  /** 0: any that is free. */
  readonly port: number;
  /** Told the new link when somebody came with one that was used up. */
  readonly onNewLink?: (url: string) => void;
}

const onlyThisMachine = '127.0.0.1';
const oneYearSec = 31_536_000;

/** Serves one studio to browsers on this machine: the renderer, the API over a WebSocket, pictures and films. */
export class BrowserHost {
  readonly #studio: Studio;
  readonly #pages: Pages;
  readonly #server: Server;
  readonly #gate: Gate;
  readonly #sockets: ApiSockets;
  readonly #onNewLink: ((url: string) => void) | undefined;

  private constructor({ studio, pagesFolder, onNewLink }: BrowserHostOptions, server: Server) {
    this.#studio = studio;
    this.#pages = new Pages(pagesFolder);
    this.#server = server;
    this.#onNewLink = onNewLink;
    this.#gate = new Gate(this.port);
    this.#sockets = new ApiSockets(createRouter(studio), this.#gate);
    server.on('request', (request, response) => {
      this.#answer(request, response).catch((error) => {
        if (!response.headersSent)
          send(response, 500, plainPage('Something went wrong', String(error?.message ?? error)));
        else response.destroy();
      });
    });
    server.on('upgrade', (request, socket, head) => this.#sockets.upgrade(request, socket, head));
  }

  static async start(options: BrowserHostOptions): Promise<BrowserHost> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(options.port, onlyThisMachine, resolve);
    });
    return new BrowserHost(options, server);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** A link that lets one browser in. */
  newLink(): string {
    return `http://${onlyThisMachine}:${this.port}/?token=${this.#gate.newToken()}`;
  }

  /** Ends every connection; the studio is the caller's. Idempotent. */
  async close(): Promise<void> {
    this.#sockets.close();
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    protect(response, request.headers.host);
    if (!this.#gate.isForUs(request.headers)) {
      return send(response, 421, plainPage('Wrong address', 'Throughline answers only to 127.0.0.1 and localhost.'));
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') return send(response, 405, '');
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const token = searchParams.get('token');
    if (pathname === '/' && token !== null && !this.#gate.isKnown(request.headers)) return this.#letIn(response, token);
    if (!this.#gate.isKnown(request.headers)) {
      return send(
        response,
        403,
        plainPage('Not let in', 'Open Throughline with the link that it printed in the terminal.'),
      );
    }
    if (pathname === '/' && token !== null) return send(response, 200, plainPage('Throughline', 'Opening…', refresh));
    if (pathname.startsWith('/media/')) return this.#sendMedia(response, pathname);
    if (pathname.startsWith('/downloads/')) return this.#sendFilm(response, pathname);
    return this.#sendPage(response, pathname);
  }

  #letIn(response: ServerResponse, token: string): void {
    const cookie = this.#gate.exchange(token);
    if (cookie === null) {
      this.#onNewLink?.(this.newLink());
      send(
        response,
        403,
        plainPage(
          'This link was used before',
          'Each link is good for one browser. There is a new one in the terminal.',
        ),
      );
      return;
    }
    response.setHeader('set-cookie', cookie);
    // A page that goes on by itself, not a redirect: a strict cookie is not sent where another site led here.
    send(response, 200, plainPage('Throughline', 'Opening…', refresh));
  }

  async #sendMedia(response: ServerResponse, path: string): Promise<void> {
    const media = await this.#studio.media(path);
    if (!media) return send(response, 404, '');
    response.setHeader('cache-control', `private, max-age=${oneYearSec}, immutable`);
    send(response, 200, media.bytes, media.type);
  }

  async #sendFilm(response: ServerResponse, path: string): Promise<void> {
    const [, id = '', index = ''] = /^\/downloads\/([\w-]{1,40})\/(\d{1,4})$/.exec(path) ?? [];
    const film = this.#studio.download(id, Number(index));
    const size = film && (await stat(film.file).catch(() => null))?.size;
    if (!film || size === null || size === undefined) {
      return send(response, 404, plainPage('Not found', 'This film is not there any more. Export it again.'));
    }
    response.writeHead(200, {
      'content-type': 'video/mp4',
      'content-length': size,
      'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(film.name)}`,
      'cache-control': 'no-store',
    });
    await pipeline(createReadStream(film.file), response);
  }

  async #sendPage(response: ServerResponse, path: string): Promise<void> {
    const page = this.#pages.at(path);
    if (!page) {
      return path === '/'
        ? send(
            response,
            503,
            plainPage('Not built yet', 'The editor has not been built. Stop Throughline and start it again.'),
          )
        : send(response, 404, plainPage('Not found', 'There is no such page.'));
    }
    const caching = page.immutable ? `private, max-age=${oneYearSec}, immutable` : 'no-cache';
    response.writeHead(200, { 'content-type': page.type, 'cache-control': caching });
    await pipeline(createReadStream(page.file), response);
  }
}

const refresh = '<meta http-equiv="refresh" content="0; url=/">';

/** What holds for every answer. */
function protect(response: ServerResponse, host = ''): void {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    // Components place themselves with style attributes and small style elements.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "media-src 'self' blob:",
    "worker-src 'self'",
    `connect-src 'self' ws://${/^[\w.[\]:-]*$/.test(host) ? host : ''}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  response.setHeader('content-security-policy', policy.join('; '));
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('referrer-policy', 'no-referrer');
  response.setHeader('cross-origin-opener-policy', 'same-origin');
  response.setHeader('cross-origin-resource-policy', 'same-origin');
}

function send(
  response: ServerResponse,
  status: number,
  body: string | Uint8Array,
  type = 'text/html; charset=utf-8',
): void {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  response.writeHead(status, {
    'content-type': type,
    'content-length': bytes.length,
    ...(response.hasHeader('cache-control') ? {} : { 'cache-control': 'no-store' }),
  });
  response.end(response.req.method === 'HEAD' ? undefined : bytes);
}
