import { open } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { basename } from 'node:path';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import mime from 'mime';
import { readPageFile } from '../pages/page-files.ts';
import { receiveUpload, uploadPath } from '../studio/assets/receive-upload.ts';
import { createRouter } from '../studio/router.ts';
import type { Studio } from '../studio/studio.ts';
import { attachment, openingPage, plainPage, protect, send } from './answers.ts';
import { ApiSockets } from './api-sockets.ts';
import { Connections } from './connections.ts';
import { zipOfFolder } from './folder-zip.ts';
import { Gate } from './gate.ts';
import { type Limits, limits as usualLimits } from './limits.ts';
import { requestTarget } from './request-target.ts';

export interface BrowserHostOptions {
  readonly studio: Studio;
  /** The built renderer. */
  readonly pagesFolder: string;
  /** 0: any that is free. */
  readonly port: number;
  /** Told the next link as soon as one was used up: there is always one that is good and was told. */
  readonly onNewLink?: (url: string) => void;
  /** Others than usual, for tests. */
  readonly limits?: Partial<Limits>;
}

const onlyThisMachine = '127.0.0.1';
const apiPath = '/api';
const whereTheLinkIs = 'Open the newest link in the terminal where Throughline runs: it is good for one browser.';

/**
 * Serves one studio to browsers on this machine: the renderer, the API over a WebSocket, pictures and films. No client
 * may end it or hold it, whatever it sends or does not send (docs/browser-host.md).
 */
export class BrowserHost {
  readonly #studio: Studio;
  readonly #pagesFolder: string;
  readonly #server: Server;
  readonly #gate: Gate;
  readonly #sockets: ApiSockets;
  readonly #connections: Connections;
  readonly #limits: Limits;
  readonly #onNewLink: ((url: string) => void) | undefined;

  private constructor({ studio, pagesFolder, onNewLink }: BrowserHostOptions, server: Server, limits: Limits) {
    this.#studio = studio;
    this.#pagesFolder = pagesFolder;
    this.#server = server;
    this.#limits = limits;
    this.#onNewLink = onNewLink;
    this.#gate = new Gate(this.port);
    this.#sockets = new ApiSockets(createRouter(studio), limits);
    this.#connections = new Connections(limits);
    server.on('connection', (socket) => this.#connections.add(socket));
    server.on('error', () => {}); // of one connection that could not be taken; the next one may be
    server.on('clientError', (error: NodeJS.ErrnoException, socket) => refuseClient(error, socket));
    server.on('request', (request, response) => {
      this.#answer(request, response).catch((error) => answerFailure(response, error));
    });
    server.on('upgrade', (request, socket, head) => {
      socket.on('error', () => {}); // it closes then
      try {
        this.#upgrade(request, socket, head);
      } catch {
        refuseUpgrade(socket, '400 Bad Request');
      }
    });
  }

  /** @throws Error with the system's code where it cannot listen at the port */
  static async start(options: BrowserHostOptions): Promise<BrowserHost> {
    const limits = { ...usualLimits, ...options.limits };
    const server = createServer({
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.headersTimeMs,
      requestTimeout: limits.requestTimeMs,
      keepAliveTimeout: limits.keepAliveMs,
      connectionsCheckingInterval: Math.min(limits.headersTimeMs, 5000),
    });
    server.maxHeadersCount = limits.headerCount;
    server.setTimeout(limits.idleTimeMs, (socket) => socket.destroy());
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(options.port, onlyThisMachine, () => {
        server.off('error', reject);
        resolve();
      });
    });
    return new BrowserHost(options, server, limits);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Connections and sockets of the API that are open now. */
  get load(): { readonly connections: number; readonly sockets: number } {
    return { connections: this.#connections.size, sockets: this.#sockets.size };
  }

  /** The link that lets one browser in; the same until a browser came with it. */
  link(): string {
    return `http://${onlyThisMachine}:${this.port}/?token=${this.#gate.token()}`;
  }

  /** Ends every connection; the studio is the caller's. Idempotent. */
  async close(): Promise<void> {
    this.#sockets.close();
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const refused = this.#upgradeRefusal(request);
    if (refused === null) this.#sockets.open(request, socket, head);
    else refuseUpgrade(socket, refused);
  }

  /** The status that an upgrade is refused with; null if it is not. */
  #upgradeRefusal({ headers, url, socket }: IncomingMessage): string | null {
    const ours = this.#gate.isForUs(headers) && this.#gate.isKnown(headers) && this.#gate.isFromOurPage(headers);
    if (!ours) return '403 Forbidden';
    this.#connections.know(socket);
    if (requestTarget(url)?.path !== apiPath) return '404 Not Found';
    return this.#sockets.size >= this.#limits.sockets ? '503 Service Unavailable' : null;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { headers, method } = request;
    protect(response, headers.host);
    if (!this.#gate.isForUs(headers))
      return say(response, 421, 'Wrong address', 'Throughline answers only to 127.0.0.1 and localhost.');
    const target = requestTarget(request.url);
    if (method === 'POST' && target?.path === uploadPath) return this.#takeUpload(request, response, target.query);
    if (method !== 'GET' && method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD');
      return say(response, 405, 'Not here', 'Only pages can be asked for here.');
    }
    if (target === null) return say(response, 400, 'Not a page', 'What was asked for is no address of a page.');
    const { path, query } = target;
    const token = path === '/' ? query.get('token') : null;
    const known = this.#gate.isKnown(headers);
    // What only looks whether a link leads somewhere (HEAD) is no browser and keeps no cookie: it uses nothing up.
    if (!known && token !== null && method === 'GET') return this.#letIn(response, token);
    if (!known) return say(response, 403, 'Not let in', `This browser was not let in yet. ${whereTheLinkIs}`);
    this.#connections.know(request.socket);
    if (token !== null) return send(response, { status: 200, body: openingPage() });
    if (path !== '/' && this.#gate.isFromElsewhere(headers))
      return say(response, 403, 'Not from there', 'Only the editor itself may ask for this.');
    if (path.startsWith('/media/')) return this.#sendMedia(response, path);
    if (path.startsWith('/downloads/')) return this.#sendExport(response, path);
    return this.#sendPage(response, path);
  }

  #letIn(response: ServerResponse, token: string): void {
    const admission = this.#gate.exchange(token);
    if (admission.kind === 'admitted') {
      send(response, { status: 200, body: openingPage(), headers: { 'set-cookie': admission.cookie } });
      this.#onNewLink?.(this.link());
      return;
    }
    const [title, sentence] =
      admission.kind === 'used'
        ? ['This link was used before', 'Each link is good once.']
        : ['This link is not of this run', 'Throughline makes a new link each time it starts.'];
    say(response, 403, title, `${sentence} ${whereTheLinkIs}`);
  }

  /** A sound that our own page sends; nobody else may. */
  async #takeUpload(request: IncomingMessage, response: ServerResponse, query: URLSearchParams): Promise<void> {
    const { headers } = request;
    if (!this.#gate.isKnown(headers) || !this.#gate.isFromOurPage(headers))
      return say(response, 403, 'Not from there', 'Only the editor itself may send files.');
    this.#connections.know(request.socket);
    const { status, body } = await receiveUpload(this.#studio, query, request);
    if (!response.destroyed) send(response, { status, body, type: 'application/json' });
  }

  async #sendMedia(response: ServerResponse, path: string): Promise<void> {
    const media = await this.#studio.media(path);
    if (!media) return send(response, { status: 404, body: '' });
    send(response, { status: 200, body: media.bytes, type: media.type, immutable: true });
  }

  async #sendExport(response: ServerResponse, path: string): Promise<void> {
    const [, id = '', index = ''] = /^\/downloads\/([\w-]{1,40})\/(\d{1,4})$/.exec(path) ?? [];
    const made = this.#studio.download(id, Number(index));
    if (made?.isFolder) return sendFolder(response, made.place);
    // Opened before its size is asked for: what is sent is one file, whatever happens to its name.
    const handle = made && (await open(made.place).catch(() => null));
    if (!made || !handle) return sayGone(response);
    try {
      const { size } = await handle.stat();
      startDownload(response, basename(made.place), size);
      if (response.req.method === 'HEAD' || size === 0) response.end();
      else await pipeline(handle.createReadStream({ autoClose: false, end: size - 1 }), response);
    } finally {
      await handle.close();
    }
  }

  async #sendPage(response: ServerResponse, path: string): Promise<void> {
    const page = await readPageFile(this.#pagesFolder, path);
    if (page) {
      const { bytes: body, type, immutable } = page;
      const headers = immutable ? {} : { 'cache-control': 'no-cache' };
      return send(response, { status: 200, body, type, immutable, headers });
    }
    if (path !== '/') return say(response, 404, 'Not found', 'There is no such page.');
    say(response, 503, 'Not built yet', 'The editor has not been built. Stop Throughline and start it again.');
  }
}

async function sendFolder(response: ServerResponse, folder: string): Promise<void> {
  const zip = await zipOfFolder(folder).catch(() => null);
  if (!zip) return sayGone(response);
  startDownload(response, `${basename(folder)}.zip`, zip.sizeBytes);
  if (response.req.method === 'HEAD') response.end();
  else await pipeline(zip.stream(), response);
}

function startDownload(response: ServerResponse, name: string, sizeBytes: number): void {
  response.writeHead(200, {
    'content-type': mime.getType(name) ?? 'application/octet-stream',
    'content-length': sizeBytes,
    'content-disposition': attachment(name),
    'cache-control': 'no-store',
  });
}

function sayGone(response: ServerResponse): void {
  say(response, 404, 'Not found', 'This export is not there any more. Export it again.');
}

function say(response: ServerResponse, status: number, title: string, sentence: string): void {
  send(response, { status, body: plainPage(title, sentence) });
}

/** Ends an answer that went wrong. Never throws. */
function answerFailure(response: ServerResponse, error: unknown): void {
  if (response.headersSent || response.destroyed) {
    response.destroy(); // a film cut short must not look whole
    return;
  }
  try {
    say(response, 500, 'Something went wrong', error instanceof Error ? error.message : String(error));
  } catch {
    response.destroy();
  }
}

function refuseUpgrade(socket: Duplex, status: string): void {
  if (socket.destroyed || !socket.writable) socket.destroy();
  else socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy());
}

/** Answers what is no request. */
function refuseClient(error: NodeJS.ErrnoException, socket: Duplex & Partial<Pick<Socket, 'bytesWritten'>>): void {
  const status =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? '431 Request Header Fields Too Large'
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? '408 Request Timeout'
        : '400 Bad Request';
  // In the middle of an answer another one would be taken for part of it.
  if (socket.bytesWritten) socket.destroy();
  else refuseUpgrade(socket, status);
}
