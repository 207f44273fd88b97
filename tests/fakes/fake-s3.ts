import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a server refuses with. */
interface Refusal {
  readonly status: number;
  /** As S3 names errors. */
  readonly code: string;
}

/**
 * A server that speaks the part of S3 which a store of artifacts needs, strictly, and that misbehaves as a test wants it:
 * one bucket by path, HEAD, GET, PUT with `If-None-Match: *`, and what was begun in parts and is left. Requests must be signed in the name of
 * its user. A real server, which computes signatures anew, is in farm-bucket.test.ts.
 */
export class FakeS3 {
  readonly objects = new Map<string, Buffer>();
  /** Begun to be sent in parts, by upload: which key, and when. */
  readonly uploads = new Map<string, { readonly key: string; readonly initiated: Date }>();
  readonly user = 'AKFAKE';
  /** As servers do that do not know conditions. */
  refusesConditions = false;
  /** Says so of every object's size, and sends what it has. */
  claimedSize: number | null = null;
  /** Of every request of one of these methods. */
  refuses: (Refusal & { readonly methods: readonly string[] }) | null = null;
  /** So often a body ends in the middle, and the connection with it. */
  cutsLeft = 0;
  /** Before each answer, in milliseconds; null for none at all. */
  delayMs: number | null = 0;
  readonly #server: Server;

  private constructor(bucket: string) {
    this.#server = createServer((request, response) => {
      const pieces: Buffer[] = [];
      request.on('data', (piece) => pieces.push(piece));
      request.on('end', () => {
        if (this.delayMs === null) return;
        setTimeout(() => this.#answer(bucket, request, Buffer.concat(pieces), response), this.delayMs);
      });
    });
  }

  #answer(bucket: string, request: IncomingMessage, body: Buffer, response: ServerResponse): void {
    const { method = '', url = '/', headers } = request;
    const answer = (status: number, more: Record<string, string> = {}, content?: Buffer | string): void => {
      response.writeHead(status, more);
      response.end(method === 'HEAD' ? undefined : content);
    };
    const refuse = ({ status, code }: Refusal): void =>
      answer(status, { 'content-type': 'application/xml' }, `<Error><Code>${code}</Code><Message>no</Message></Error>`);
    const { pathname, searchParams: search } = new URL(url, 'http://fake');
    const path = decodeURIComponent(pathname);
    const [, named, ...rest] = path.split('/');
    const key = rest.join('/');
    const found = this.objects.get(key);
    const asked = `${method} ${key === '' ? 'bucket' : 'object'}`;
    if (!`${headers.authorization}`.startsWith(`AWS4-HMAC-SHA256 Credential=${this.user}/`))
      refuse({ status: 403, code: 'InvalidAccessKeyId' });
    else if (named !== bucket) refuse({ status: 404, code: 'NoSuchBucket' });
    else if (asked === 'GET bucket' && search.has('uploads')) {
      const uploads = [...this.uploads].map(
        ([id, { key: of, initiated }]) =>
          `<Upload><Key>${of}</Key><UploadId>${id}</UploadId><Initiated>${initiated.toISOString()}</Initiated></Upload>`,
      );
      answer(200, {}, `<ListMultipartUploadsResult>${uploads.join('')}</ListMultipartUploadsResult>`);
    } else if (asked === 'DELETE object' && this.uploads.delete(search.get('uploadId') ?? '')) answer(204);
    else if (this.refuses?.methods.includes(method)) refuse(this.refuses);
    else if (asked === 'HEAD object' || asked === 'GET object') {
      const sizes = {
        'content-length': String(this.claimedSize ?? found?.length),
        'last-modified': new Date().toUTCString(),
      };
      if (!found) refuse({ status: 404, code: 'NoSuchKey' });
      else if (method === 'HEAD' || this.cutsLeft === 0) answer(200, sizes, found);
      else {
        this.cutsLeft--;
        response.writeHead(200, sizes);
        response.write(found.subarray(0, found.length / 2), () => response.destroy());
      }
    } else if (asked === 'PUT object') {
      if (headers['if-none-match'] !== undefined && this.refusesConditions)
        refuse({ status: 501, code: 'NotImplemented' });
      else if (headers['if-none-match'] === '*' && found) refuse({ status: 412, code: 'PreconditionFailed' });
      else if (Number(headers['content-length']) !== body.length) answer(400);
      else {
        this.objects.set(key, body);
        answer(200, { etag: '"fake"' });
      }
    } else answer(405);
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
