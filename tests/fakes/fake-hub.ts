import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HubRequest {
  readonly host: string;
  readonly url: string;
  readonly range: string | null;
  readonly authorization: string | null;
}
/** Answers a request in the Hub's place; false: it is answered as usual. */
export type Fault = (request: HubRequest, response: ServerResponse, bytes: Buffer | null) => boolean;

/**
 * Answers as the Hugging Face Hub does, on loopback: what a revision is, what it holds, files with ranges, big ones by way
 * of another host. Owner: the test; call `close`.
 */
export class FakeHub {
  readonly commit = '5'.repeat(40);
  /** By repository and path; those that end in `.json` are small files of git's, the others are kept in LFS. */
  readonly files = new Map<string, Buffer>();
  readonly requests: HubRequest[] = [];
  fault: Fault = () => false;
  licence: string | null = 'apache-2.0';
  readonly #hub = createServer((request, response) => this.#answer('hub', request, response));
  readonly #store = createServer((request, response) => this.#answer('store', request, response));

  static async start(): Promise<FakeHub> {
    const hub = new FakeHub();
    for (const server of [hub.#hub, hub.#store]) {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    }
    return hub;
  }

  get url(): string {
    return address(this.#hub);
  }

  async close(): Promise<void> {
    for (const server of [this.#hub, this.#store]) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  /** Requests for bytes of a file. */
  fetched(path: string): readonly HubRequest[] {
    return this.requests.filter(({ host, url }) => host === 'store' && url.endsWith(path));
  }

  #answer(host: string, message: IncomingMessage, response: ServerResponse): unknown {
    const url = decodeURIComponent(message.url ?? '');
    const request: HubRequest = {
      host,
      url,
      range: message.headers.range ?? null,
      authorization: message.headers.authorization ?? null,
    };
    this.requests.push(request);
    const [, repository = '', path = ''] = /^\/([\w.-]+\/[\w.-]+)\/resolve\/[^/]+\/(.*)$/.exec(url) ?? [];
    const bytes = this.files.get(`${repository}:${path}`) ?? null;
    if (this.fault(request, response, bytes)) return;
    const info = /^\/api\/models\/([\w.-]+\/[\w.-]+)\/revision\/([^?]+)/.exec(url);
    const tree = /^\/api\/models\/([\w.-]+\/[\w.-]+)\/tree\/([^?/]+)/.exec(url);
    const repositories = new Set([...this.files.keys()].map((key) => key.split(':')[0]));
    const asked = info?.[1] ?? tree?.[1] ?? repository;
    if (!repositories.has(asked)) return refuse(response, 401, 'RepoNotFound');
    if (info) {
      if (!['main', 'v1', this.commit].includes(info[2] as string)) return refuse(response, 404, 'RevisionNotFound');
      return json(response, {
        _id: '1',
        id: asked,
        sha: this.commit,
        lastModified: '2026-01-01T00:00:00.000Z',
        cardData: this.licence === null ? {} : { license: this.licence },
        tags: [],
      });
    }
    if (tree) {
      const entries = [...this.files]
        .filter(([key]) => key.startsWith(`${asked}:`))
        .map(([key, content]) => entry(key.slice(asked.length + 1), content));
      return json(response, entries);
    }
    if (bytes === null) return refuse(response, 404, 'EntryNotFound');
    if (host === 'hub' && isLarge(path)) {
      return response.writeHead(302, { location: `${address(this.#store)}${message.url}` }).end();
    }
    return serve(response, bytes, request.range);
  }
}

/** A part of a file, or all of it. */
export function serve(response: ServerResponse, bytes: Buffer, range: string | null, end = bytes.length): void {
  const from = Number(/^bytes=(\d+)-/.exec(range ?? '')?.[1] ?? 0);
  response.writeHead(range === null ? 200 : 206, {
    'content-type': 'application/octet-stream',
    'content-length': bytes.length - from,
    ...(range === null ? {} : { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` }),
    etag: '"x"',
  });
  const piece = bytes.subarray(from, end);
  if (end >= bytes.length) response.end(piece);
  else response.write(piece, () => response.socket?.destroySoon());
}

export function refuse(response: ServerResponse, status: number, code: string | null, more = {}): void {
  response
    .writeHead(status, {
      'content-type': 'application/json',
      ...(code === null ? {} : { 'x-error-code': code }),
      ...more,
    })
    .end(JSON.stringify({ error: 'as asked for' }));
}

function json(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

function entry(path: string, content: Buffer): object {
  const git = createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
  const sha256 = createHash('sha256').update(content).digest('hex');
  const lfs = { oid: sha256, size: content.length, pointerSize: 130 };
  return { type: 'file', path, oid: git, size: content.length, ...(isLarge(path) ? { lfs } : {}) };
}

const isLarge = (path: string): boolean => !path.endsWith('.json');

function address(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
