import { ThroughlineError } from '../../../shared/errors.ts';
import type { ArtifactStore } from './artifact-store.ts';
import { FolderStore } from './folder-store.ts';
import type { BucketKeys } from './s3-store.ts';

const hint = 'Give a folder that all machines see, or s3://bucket/prefix?endpoint=http://host:port.';

/**
 * The store that a person named: a folder, or `s3://bucket/prefix`, with `?endpoint=` and `region=` for a server that is
 * not Amazon's.
 * @param keys of a bucket, instead of those of the environment
 * @throws ThroughlineError `bad-input` for anything else, and for secrets in an address
 */
export async function openArtifactStore(text: string, keys: BucketKeys | null = null): Promise<ArtifactStore> {
  if (!/^[a-z][a-z0-9+.-]+:\/\//i.test(text)) {
    if (text.trim() === '') throw new ThroughlineError('bad-input', 'The store of the farm has no name.', hint);
    return new FolderStore(text);
  }
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol !== 's3:' || url.hostname === '')
    throw new ThroughlineError('bad-input', `${url?.protocol ?? 'That'}// is no store that Throughline knows.`, hint);
  if (url.username !== '' || url.password !== '')
    throw new ThroughlineError(
      'bad-input',
      'The address of a bucket must not hold a password.',
      'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY instead.',
    );
  const endpoint = url.searchParams.get('endpoint');
  if (endpoint !== null && !(URL.canParse(endpoint) && /^https?:$/.test(new URL(endpoint).protocol)))
    throw new ThroughlineError('bad-input', `endpoint takes an http or https address, not ${endpoint}`, hint);
  // Loaded only where a bucket is used.
  const { S3Store } = await import('./s3-store.ts');
  const place = {
    bucket: url.hostname,
    prefix: decodeURIComponent(url.pathname).replace(/^\/+|\/+$/g, ''),
    endpoint,
    region: url.searchParams.get('region') ?? process.env.AWS_REGION ?? 'us-east-1',
  };
  return new S3Store(place, keys);
}
