import { z } from 'zod';
import type { BucketKeys } from '../../farm/index.ts';
import { KeptSecret, type KeptWhere, type Secrets } from './kept-secret.ts';

const keptSchema = z.object({ server: z.string(), id: z.string(), secret: z.string() });

/** The keys of a farm's bucket: in the system's keychain where there is one, else in memory until the program ends. */
export class FarmBucketKeys {
  readonly #kept: KeptSecret<z.infer<typeof keptSchema>>;

  constructor(secrets: Secrets | null) {
    this.#kept = new KeptSecret(secrets, 'farm-bucket-keys', keptSchema);
  }

  /** @param store as a person named it. @returns null for a folder, and where the environment is to say them */
  of(store: string): BucketKeys | null {
    const bucket = bucketOf(store);
    const kept = bucket === null ? null : this.#kept.of(bucket);
    return kept && { id: kept.id, secret: kept.secret };
  }

  /** @param keys null forgets them. @returns where they are kept; null for a folder, which has none */
  set(store: string, keys: BucketKeys | null): KeptWhere | null {
    const bucket = bucketOf(store);
    return bucket === null ? null : this.#kept.set(keys && { server: bucket, ...keys });
  }
}

/** Bucket and server: what keys are for. Null for what is no bucket. */
function bucketOf(store: string): string | null {
  const url = URL.canParse(store) ? new URL(store) : null;
  if (url?.protocol !== 's3:') return null;
  return `s3://${url.host} at ${url.searchParams.get('endpoint') ?? 'Amazon'}`;
}
