import {
  AbortMultipartUploadCommand,
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandInput,
  type ListMultipartUploadsCommandOutput,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { ThroughlineError } from '../../../shared/errors.ts';
import { chunkLimit } from './artifact-format.ts';
import {
  type ArtifactStore,
  keptFolders,
  noteUseAfterMs,
  type ReadLimit,
  type StoredFile,
  storeFull,
} from './artifact-store.ts';
import { whyNotBucket } from './why-not-bucket.ts';

/** Who may use a bucket. */
export interface BucketKeys {
  readonly id: string;
  readonly secret: string;
}

/** Where a bucket is. Who may use it stands in the environment (AWS_ACCESS_KEY_ID and so on), or is given beside it, never here. */
export interface BucketPlace {
  readonly bucket: string;
  /** Before every name; empty for none, else without slashes at its ends. */
  readonly prefix: string;
  /** Of a server that is not Amazon's, such as http://127.0.0.1:9000. */
  readonly endpoint: string | null;
  readonly region: string;
}

/** A server that could not be connected to for so long is not there, in milliseconds. */
const connectMs = 10_000;
/** A server from which nothing came for so long is asked again, in milliseconds. */
const silenceMs = 30_000;
/** So often something is asked before it counts as failed. */
const attempts = 3;
/** What `check` writes, to see that it may. */
const checkName = 'throughline.txt';
const neverThere = 'never-there.txt';

/** Artifacts in a bucket of S3 or of a server that speaks like it. */
export class S3Store implements ArtifactStore {
  readonly place: string;
  readonly #where: BucketPlace;
  readonly #client: S3Client;
  /** Some servers do not know "only where there is none". */
  #knowsConditions = true;
  /** By how much the server's clock is ahead of this machine's, in milliseconds; null where it cannot be told. */
  #aheadMs: Promise<number | null> | null = null;

  /**
   * @param keys instead of those of the environment
   * @param patienceMs instead of the usual times without a word from the server
   */
  constructor(where: BucketPlace, keys: BucketKeys | null = null, patienceMs?: number) {
    this.#where = where;
    this.place = `s3://${where.bucket}${where.prefix === '' ? '' : `/${where.prefix}`}`;
    this.#client = new S3Client({
      region: where.region,
      ...(keys ? { credentials: { accessKeyId: keys.id, secretAccessKey: keys.secret } } : {}),
      // Other servers rarely have a name for each bucket, and not all of them know the newer checksums.
      ...(where.endpoint === null ? {} : { endpoint: where.endpoint, forcePathStyle: true }),
      maxAttempts: attempts,
      requestHandler: { connectionTimeout: patienceMs ?? connectMs, socketTimeout: patienceMs ?? silenceMs },
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    });
    // A bucket's own path has no slash at its end, as other clients write it: some servers sign it so.
    this.#client.middlewareStack.add(
      (next) => (args) => {
        const request = args.request as { path?: unknown };
        if (request.path === `/${where.bucket}/`) request.path = `/${where.bucket}`;
        return next(args);
      },
      { step: 'build', name: 'pathOfBucket' },
    );
  }

  async has(name: string): Promise<boolean> {
    try {
      const { LastModified } = await this.#client.send(new HeadObjectCommand(this.#object(name)));
      await this.#noteUse(name, LastModified);
      return true;
    } catch (error) {
      if (statusOf(error) === 404) return false;
      throw this.#unreachable(error);
    }
  }

  async get(name: string, limit?: ReadLimit): Promise<Uint8Array | null> {
    // The client asks again by itself until an answer begins; one that ends in the middle is left to us.
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#get(name, limit ?? chunkLimit(`${this.place}/${name}`));
      } catch (error) {
        if (statusOf(error) === 404 && nameOf(error) !== 'NoSuchBucket') return null;
        if (error instanceof ThroughlineError) throw error;
        if (attempt >= attempts || error instanceof S3ServiceException) throw this.#unreachable(error);
      }
    }
  }

  async #get(name: string, { mostBytes, tooLarge }: ReadLimit): Promise<Uint8Array | null> {
    const { Body, ContentLength, LastModified } = await this.#client.send(new GetObjectCommand(this.#object(name)));
    if (!Body) return null;
    const stream = Body as AsyncIterable<Uint8Array> & { destroy?(): void };
    const pieces: Uint8Array[] = [];
    let size = ContentLength ?? 0;
    if (size > mostBytes) {
      stream.destroy?.();
      throw tooLarge(size);
    }
    size = 0;
    // Leaving the loop ends the stream: a server that says little and sends much fills no memory.
    for await (const piece of stream) {
      size += piece.length;
      if (size > mostBytes) throw tooLarge(size);
      pieces.push(piece);
    }
    const bytes = Buffer.concat(pieces);
    await this.#noteUse(name, LastModified, bytes);
    return bytes;
  }

  async put(name: string, bytes: Uint8Array, mayReplace: boolean): Promise<boolean> {
    const object = { ...this.#object(name), Body: bytes, ContentLength: bytes.length };
    const onlyNew = !mayReplace && this.#knowsConditions;
    try {
      if (!mayReplace && !onlyNew && (await this.has(name))) return false;
      await this.#client.send(new PutObjectCommand({ ...object, ...(onlyNew ? { IfNoneMatch: '*' } : {}) }));
      return true;
    } catch (error) {
      const status = statusOf(error);
      if (onlyNew && (status === 412 || status === 409)) return false;
      if (onlyNew && status === 501) {
        this.#knowsConditions = false;
        return this.put(name, bytes, mayReplace);
      }
      throw error instanceof ThroughlineError ? error : this.#unreachable(error);
    }
  }

  async check(): Promise<void> {
    // Unlike a request for the bucket's head alone, this one is answered with the reason of a refusal. Who may not list gets a
    // refusal too for what is not there.
    await this.get(neverThere);
    try {
      await this.#writeCheck();
    } catch (error) {
      throw this.#unreachable(error);
    }
  }

  async now(): Promise<number> {
    try {
      await this.#writeCheck();
      const { LastModified } = await this.#client.send(new HeadObjectCommand(this.#object(checkName)));
      if (!LastModified) throw new Error('the server does not say when something was written');
      return LastModified.getTime();
    } catch (error) {
      throw this.#unreachable(error);
    }
  }

  async *list(what: 'everything' | 'leftovers'): AsyncGenerator<StoredFile> {
    try {
      for (const folder of keptFolders) {
        yield* this.#uploads(`${folder}/`);
        if (what === 'everything') yield* this.#objects(`${folder}/`);
      }
    } catch (error) {
      throw error instanceof ThroughlineError ? error : this.#unreachable(error);
    }
  }

  async remove({ name, usedMs, upload }: StoredFile): Promise<boolean> {
    const object = this.#object(name);
    try {
      if (upload !== undefined) {
        await this.#client.send(new AbortMultipartUploadCommand({ ...object, UploadId: upload }));
        return true;
      }
      const { LastModified } = await this.#client.send(new HeadObjectCommand(object));
      // Heads count in seconds, and lists more finely.
      if (LastModified && Math.floor(LastModified.getTime() / 1000) > Math.floor(usedMs / 1000)) return false;
      await this.#client.send(new DeleteObjectCommand(object));
      return true;
    } catch (error) {
      if (statusOf(error) === 404) return false;
      throw this.#unreachable(error);
    }
  }

  async *#objects(folder: string): AsyncGenerator<StoredFile> {
    const { Bucket, Key: Prefix } = this.#object(folder);
    let token: string | undefined;
    do {
      const page = await this.#client.send(
        new ListObjectsV2Command({ Bucket, Prefix, ...(token === undefined ? {} : { ContinuationToken: token }) }),
      );
      for (const { Key = '', Size = 0, LastModified } of page.Contents ?? [])
        yield { name: this.#nameOf(Key), bytes: Size, usedMs: LastModified?.getTime() ?? Number.POSITIVE_INFINITY };
      token = page.IsTruncated ? page.NextContinuationToken : undefined;
    } while (token !== undefined);
  }

  /** What was begun to be sent in parts, as other programs and older versions may; not every server can say. */
  async *#uploads(folder: string): AsyncGenerator<StoredFile> {
    const { Bucket, Key: Prefix } = this.#object(folder);
    let from: { KeyMarker?: string; UploadIdMarker?: string } | null = {};
    while (from !== null) {
      const page: ListMultipartUploadsCommandOutput | null = await this.#listUploads({ Bucket, Prefix, ...from });
      if (page === null) return;
      for (const { Key = '', UploadId: upload, Initiated } of page.Uploads ?? [])
        if (upload !== undefined)
          yield { name: this.#nameOf(Key), bytes: 0, usedMs: Initiated?.getTime() ?? Number.POSITIVE_INFINITY, upload };
      const { NextKeyMarker, NextUploadIdMarker } = page;
      from =
        page.IsTruncated && NextKeyMarker && NextUploadIdMarker
          ? { KeyMarker: NextKeyMarker, UploadIdMarker: NextUploadIdMarker }
          : null;
    }
  }

  async #listUploads(input: ListMultipartUploadsCommandInput): Promise<ListMultipartUploadsCommandOutput | null> {
    try {
      return await this.#client.send(new ListMultipartUploadsCommand(input));
    } catch (error) {
      if ([405, 501].includes(statusOf(error) ?? 0)) return null;
      throw error;
    }
  }

  async #writeCheck(): Promise<void> {
    const Body = 'Chunks of films, made by the machines of a farm of Throughline.\n';
    await this.#client.send(new PutObjectCommand({ ...this.#object(checkName), Body }));
  }

  /** Says that an object was asked for, once a day, by copying it to itself. Whoever may only read says nothing. */
  async #noteUse(name: string, used: Date | undefined, bytes?: Uint8Array): Promise<void> {
    if (!used) return;
    // Most were written today: the server's clock is asked for where that may not be so.
    if (Math.abs(Date.now() - used.getTime()) < noteUseAfterMs / 2) return;
    this.#aheadMs ??= this.now().then(
      (now) => now - Date.now(),
      () => null,
    );
    const aheadMs = await this.#aheadMs;
    if (aheadMs === null || Date.now() + aheadMs - used.getTime() <= noteUseAfterMs) return;
    const object = this.#object(name);
    const { Bucket, Key } = object;
    const CopySource = [Bucket, ...Key.split('/')].map(encodeURIComponent).join('/');
    try {
      const { CopyObjectResult } = await this.#client.send(
        new CopyObjectCommand({ ...object, CopySource, MetadataDirective: 'REPLACE' }),
      );
      // Not every server counts a copy to itself as written.
      const isRenewed = (CopyObjectResult?.LastModified?.getTime() ?? 0) > used.getTime();
      if (!isRenewed && bytes) await this.#client.send(new PutObjectCommand({ ...object, Body: bytes }));
    } catch {} // it may only read, or somebody took it away
  }

  #nameOf(key: string): string {
    const { prefix } = this.#where;
    return prefix === '' ? key : key.slice(prefix.length + 1);
  }

  #object(name: string): { readonly Bucket: string; readonly Key: string } {
    const { bucket, prefix } = this.#where;
    return { Bucket: bucket, Key: prefix === '' ? name : `${prefix}/${name}` };
  }

  #unreachable(cause: unknown): ThroughlineError {
    const { what, hint, isFull } = whyNotBucket(nameOf(cause), statusOf(cause));
    if (isFull) return storeFull(`bucket ${this.place}`, cause);
    return new ThroughlineError('farm', `The farm's bucket ${this.place} cannot be used: ${what}.`, hint, { cause });
  }
}

function statusOf(error: unknown): number | null {
  return error instanceof S3ServiceException ? (error.$metadata.httpStatusCode ?? null) : null;
}

/** What a server or the system calls an error. */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown reason';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
