import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * A server that speaks the part of S3 which a store of artifacts needs, strictly: one bucket by path, HEAD, GET, PUT with
 * `If-None-Match: *`. Requests must be signed in the name of its user; the signature itself is not computed anew.
 */
export class FakeS3 {
  readonly objects = new Map<string, Buffer>();
  readonly user = 'AKFAKE';
  /** As servers do that do not know conditions. */
  refusesConditions = false;
  /** Says so of every object's size, and sends what it has. */
  claimedSize: number | null = null;
  readonly #server: Server;

  private constructor(bucket: string) {
    this.#server = createServer((request, response) => {
      const answer = (status: number, headers: Record<string, string> = {}, body?: Buffer): void => {
        response.writeHead(status, headers);
        response.end(request.method === 'HEAD' ? undefined : body);
      };
      const pieces: Buffer[] = [];
      request.on('data', (piece) => pieces.push(piece));
      request.on('end', () => {
        const path = decodeURIComponent(new URL(request.url ?? '/', 'http://fake').pathname);
        const [, named, ...rest] = path.split('/');
        const key = rest.join('/');
        if (!request.headers.authorization?.startsWith(`AWS4-HMAC-SHA256 Credential=${this.user}/`)) return answer(403);
        if (named !== bucket) return answer(404);
        if (key === '') return answer(request.method === 'HEAD' ? 200 : 405);
        const found = this.objects.get(key);
        switch (request.method) {
          case 'HEAD':
          case 'GET':
            if (!found) return answer(404);
            return answer(200, { 'content-length': String(this.claimedSize ?? found.length) }, found);
          case 'PUT': {
            if (request.headers['if-none-match'] !== undefined && this.refusesConditions) return answer(501);
            if (request.headers['if-none-match'] === '*' && found) return answer(412);
            const body = Buffer.concat(pieces);
            if (Number(request.headers['content-length']) !== body.length) return answer(400);
            this.objects.set(key, body);
            return answer(200, { etag: '"fake"' });
          }
          default:
            return answer(405);
        }
      });
    });
  }

  static async start(bucket: string): Promise<FakeS3> {
    const fake = new FakeS3(bucket);
    await new Promise<void>((resolve) => fake.#server.listen(0, '127.0.0.1', resolve));
    return fake;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
