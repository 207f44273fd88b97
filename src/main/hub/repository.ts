import { listFiles, modelInfo } from '@huggingface/hub';
import { ThroughlineError } from '../../shared/errors.ts';
import type { HubEndpoint } from './endpoint.ts';
import { hubFetch, type Patience } from './hub-fetch.ts';

export interface HubOptions {
  readonly endpoint: HubEndpoint;
  readonly patience?: Patience;
  readonly signal?: AbortSignal | undefined;
}

/** A file as the Hub lists it. */
export interface HubFile {
  readonly path: string;
  readonly sizeBytes: number;
  /** What its bytes must hash to: SHA-256 of big files, git's own (SHA-1 with a header) of small ones. */
  readonly digest: { readonly kind: 'sha256' | 'git'; readonly hex: string };
}

/** A repository at one commit: what it holds cannot change any more. */
export interface PinnedRepository {
  readonly repository: string;
  /** 40 hex digits. */
  readonly commit: string;
  readonly licence: string | null;
  readonly files: readonly HubFile[];
}

const namePattern = /^[\w-][\w.-]{0,95}\/[\w-][\w.-]{0,95}$/;
const revisionPattern = /^[\w-][\w./-]{0,120}$/;
const mostFiles = 10_000;

/** `owner/name` or `owner/name@revision`. @throws ThroughlineError `bad-input` for anything else */
export function parseRepository(text: string): { readonly repository: string; readonly revision: string } {
  const [repository = '', revision = 'main', ...rest] = text.split('@');
  if (namePattern.test(repository) && revisionPattern.test(revision) && !revision.includes('..') && rest.length === 0) {
    return { repository, revision };
  }
  throw new ThroughlineError(
    'bad-input',
    `${JSON.stringify(text)} does not name a repository.`,
    'Write owner/name, or owner/name@revision.',
  );
}

/** Looks a revision up once; whatever is fetched then is of that commit. @throws ThroughlineError, CancelledError */
export async function pinRepository(
  repository: string,
  revision: string,
  { endpoint, patience, signal }: HubOptions,
): Promise<PinnedRepository> {
  const polite = hubFetch(endpoint, { repository, revision }, { ...(patience ? { patience } : {}), signal });
  const common = { hubUrl: endpoint.url, fetch: polite };
  const info = await understood(repository, () =>
    modelInfo({ ...common, name: repository, revision, additionalFields: ['sha', 'cardData', 'tags'] }),
  );
  const commit = String(info.sha);
  if (!/^[0-9a-f]{40}$/.test(commit)) throw strange(repository);
  const files: HubFile[] = [];
  await understood(repository, async () => {
    for await (const { type, path, size, lfs, oid } of listFiles({
      ...common,
      repo: { type: 'model', name: repository },
      revision: commit,
      recursive: true,
    })) {
      if (type !== 'file') continue;
      if (!isPlainPath(path)) throw strange(repository);
      files.push({
        path,
        sizeBytes: lfs?.size ?? size,
        digest: lfs ? { kind: 'sha256', hex: lfs.oid.replace(/^sha256:/, '') } : { kind: 'git', hex: String(oid) },
      });
      if (files.length > mostFiles) throw strange(repository);
    }
  });
  return { repository, commit, licence: licenceOf(info), files };
}

/** A path that stays in the folder it is put into, on every system. */
function isPlainPath(path: string): boolean {
  return path.length <= 400 && path.split('/').every((part) => /^[^\\:*?"<>|\0]+$/.test(part) && !/^\.+$/.test(part));
}

function licenceOf({ tags, cardData }: { readonly tags?: unknown; readonly cardData?: unknown }): string | null {
  const card = (cardData as { license?: unknown; license_name?: unknown } | undefined) ?? {};
  for (const said of [card.license_name, card.license]) if (typeof said === 'string' && said !== 'other') return said;
  const tag = Array.isArray(tags) ? tags.find((one) => /^license:/.test(String(one))) : undefined;
  return tag === undefined ? null : String(tag).slice('license:'.length);
}

/** An answer that is no answer of the Hub's is told as that. */
async function understood<T>(repository: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    if (cause instanceof ThroughlineError) throw cause;
    throw strange(repository, cause);
  }
}

function strange(repository: string, cause?: unknown): ThroughlineError {
  return new ThroughlineError(
    'bad-input',
    `What came back about ${repository} is not an answer of the Hub.`,
    'A network that asks for a login answers in its place: open a web page first, or check HF_ENDPOINT.',
    { cause },
  );
}
