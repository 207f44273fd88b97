import {
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { ThroughlineError } from '../../../shared/errors.ts';
import { largestArtifactBytes, tooLarge } from './artifact-format.ts';
import type { ArtifactStore } from './artifact-store.ts';

/** Where a bucket is. Who may use it stands in the environment (AWS_ACCESS_KEY_ID and so on), never here. */
export interface BucketPlace {
  readonly bucket: string;
  /** Before every name; empty for none, else without slashes at its ends. */
  readonly prefix: string;
  /** Of a server that is not Amazon's, such as http://127.0.0.1:9000. */
  readonly endpoint: string | null;
  readonly region: string;
}

/** Artifacts in a bucket of S3 or of a server that speaks like it. */
export class S3Store implements ArtifactStore {
  readonly place: string;
  readonly #where: BucketPlace;
  readonly #client: S3Client;
  /** Some servers do not know "only where there is none". */
  #knowsConditions = true;

  constructor(where: BucketPlace) {
    this.#where = where;
    this.place = `s3://${where.bucket}${where.prefix === '' ? '' : `/${where.prefix}`}`;
    this.#client = new S3Client({
      region: where.region,
      // Other servers rarely have a name for each bucket, and not all of them know the newer checksums.
      ...(where.endpoint === null ? {} : { endpoint: where.endpoint, forcePathStyle: true }),
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    });
  }

  async has(name: string): Promise<boolean> {
    try {
      await this.#client.send(new HeadObjectCommand(this.#object(name)));
      return true;
    } catch (error) {
      if (statusOf(error) === 404) return false;
      throw this.#unreachable(error);
    }
  }

  async get(name: string): Promise<Uint8Array | null> {
    try {
      const { Body, ContentLength } = await this.#client.send(new GetObjectCommand(this.#object(name)));
      if (!Body) return null;
      const place = `${this.place}/${name}`;
      const stream = Body as AsyncIterable<Uint8Array> & { destroy?(): void };
      const pieces: Uint8Array[] = [];
      let size = ContentLength ?? 0;
      if (size > largestArtifactBytes) {
        stream.destroy?.();
        throw tooLarge(place, size);
      }
      size = 0;
      // Leaving the loop ends the stream: a server that says little and sends much fills no memory.
      for await (const piece of stream) {
        size += piece.length;
        if (size > largestArtifactBytes) throw tooLarge(place, size);
        pieces.push(piece);
      }
      return Buffer.concat(pieces);
    } catch (error) {
      if (statusOf(error) === 404) return null;
      throw error instanceof ThroughlineError ? error : this.#unreachable(error);
    }
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
    try {
      await this.#client.send(new HeadBucketCommand({ Bucket: this.#where.bucket }));
    } catch (error) {
      throw this.#unreachable(error);
    }
  }

  #object(name: string): { readonly Bucket: string; readonly Key: string } {
    const { bucket, prefix } = this.#where;
    return { Bucket: bucket, Key: prefix === '' ? name : `${prefix}/${name}` };
  }

  #unreachable(cause: unknown): ThroughlineError {
    const status = statusOf(cause);
    const why = status === null ? reasonOf(cause) : `it answered ${status}`;
    return new ThroughlineError(
      'farm',
      `The farm's bucket ${this.place} cannot be used (${why}).`,
      status === 403 || status === null
        ? 'See that the server runs, and that AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are set and right. What was finished is kept.'
        : 'See that the bucket is there and may be used. What was finished is kept.',
      { cause },
    );
  }
}

function statusOf(error: unknown): number | null {
  return error instanceof S3ServiceException ? (error.$metadata.httpStatusCode ?? null) : null;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? ('code' in error ? String(error.code) : error.name) : 'unknown reason';
}
