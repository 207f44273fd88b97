import { rmSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ThroughlineError, throwIfCancelled } from '../../shared/errors.ts';
import { cachedFile, downloadFile } from './download-file.ts';
import { type HubFile, type HubOptions, type PinnedRepository, parseRepository, pinRepository } from './repository.ts';

/** A file that is wanted: its path in the repository, or the end of it. */
export interface WantedFile {
  /** `owner/name` or `owner/name@revision`. */
  readonly repository: string;
  readonly file: string;
}

/** What fetching comes to, before it is begun. */
export interface FetchPlan {
  readonly files: readonly PlannedFile[];
  /** Still to be fetched. */
  readonly remainingBytes: number;
  readonly licences: readonly {
    readonly repository: string;
    readonly commit: string;
    readonly licence: string | null;
  }[];
}
export interface PlannedFile {
  readonly pinned: PinnedRepository;
  readonly file: HubFile;
  /** Where it will lie, or lies already. */
  readonly path: string;
  /** It is in the cache of the Hub's own tools, and is used from there. */
  readonly cached: boolean;
}

export interface FetchProgress {
  readonly file: string;
  readonly doneBytes: number;
  readonly ofBytes: number;
}

/** Room to leave on the disk beyond what is fetched. */
const spareBytes = 256 * 1024 ** 2;
const weights = /\.(safetensors|pt|pth|ckpt|bin)$|(^|\/)tokenizer\.json$|\.safetensors\.index\.json$/;

/**
 * Looks up what is wanted; every repository is pinned to one commit.
 * @param downloadsFolder where half of a file may lie from an earlier attempt
 * @throws ThroughlineError naming the file or repository that is not there
 */
export async function planFetch(
  wanted: readonly WantedFile[],
  downloadsFolder: string,
  options: HubOptions,
): Promise<FetchPlan> {
  const pins = new Map<string, PinnedRepository>();
  const files = new Map<string, PlannedFile>();
  for (const { repository: named, file: name } of wanted) {
    const { repository, revision } = parseRepository(named);
    const pinned = pins.get(named) ?? (await pinRepository(repository, revision, options));
    pins.set(named, pinned);
    const file = found(pinned, revision, name);
    const cached = cachedFile(options.endpoint.cacheFolder, pinned, file);
    const path = cached ?? join(downloadsFolder, repository.replace('/', '--'), pinned.commit, ...file.path.split('/'));
    files.set(path, { pinned, file, path, cached: cached !== null });
  }
  const all = [...files.values()];
  const remainingBytes = all.reduce(
    (sum, { file, path, cached }) => sum + (cached ? 0 : file.sizeBytes - here(path)),
    0,
  );
  const licences = [...new Map([...pins.values()].map((pin) => [pin.repository, pin])).values()];
  return {
    files: all,
    remainingBytes,
    licences: licences.map(({ repository, commit, licence }) => ({ repository, commit, licence })),
  };
}

/** The files of a repository that a model may be made of. @throws ThroughlineError where there are none */
export async function modelFilesOf(named: string, options: HubOptions): Promise<WantedFile[]> {
  const { repository, revision } = parseRepository(named);
  const { files } = await pinRepository(repository, revision, options);
  const wanted = files.filter(({ path }) => weights.test(path));
  if (wanted.length > 0) return wanted.map(({ path }) => ({ repository: named, file: path }));
  throw new ThroughlineError(
    'bad-input',
    `${repository} holds no weights.`,
    files.length === 0 ? 'It is empty.' : 'Name the files that are wanted with --file.',
  );
}

/**
 * Fetches what a plan names, one file after the other. Whatever arrived whole, and half of what did not, stays for the next
 * attempt.
 * @returns where the files lie
 * @throws ThroughlineError with the sentence of what went wrong; CancelledError
 */
export async function fetchFiles(
  plan: FetchPlan,
  downloadsFolder: string,
  {
    freeBytes = freeBytesOf,
    onProgress,
    ...options
  }: HubOptions & {
    readonly freeBytes?: (folder: string) => number;
    readonly onProgress?: (progress: FetchProgress) => void;
  },
): Promise<string[]> {
  const ofBytes = plan.files.reduce((sum, { file }) => sum + file.sizeBytes, 0);
  const free = plan.remainingBytes === 0 ? Number.POSITIVE_INFINITY : freeBytes(downloadsFolder);
  if (free < plan.remainingBytes + spareBytes) {
    const gigabytes = (bytes: number): string => (bytes / 1e9).toFixed(1);
    throw new ThroughlineError(
      'disk-full',
      `The download needs ${gigabytes(plan.remainingBytes + spareBytes)} GB, and ${gigabytes(free)} GB are free.`,
      'Free some space and get it again.',
    );
  }
  let before = 0;
  for (const { pinned, file, path, cached } of plan.files) {
    throwIfCancelled(options.signal, 'The download');
    const onBytes = (bytes: number): void => onProgress?.({ file: file.path, doneBytes: before + bytes, ofBytes });
    if (cached) onBytes(file.sizeBytes);
    else await downloadFile(pinned, file, path, { ...options, onBytes });
    before += file.sizeBytes;
  }
  return plan.files.map(({ path }) => path);
}

/** Deletes what was fetched for a plan; what lies in another tool's cache stays. */
export function dropFetched(plan: FetchPlan, downloadsFolder: string): void {
  for (const { pinned, cached } of plan.files) {
    const folder = join(downloadsFolder, pinned.repository.replace('/', '--'), pinned.commit);
    if (!cached) rmSync(folder, { recursive: true, force: true });
  }
}

function found({ repository, files }: PinnedRepository, revision: string, name: string): HubFile {
  const exact = files.find(({ path }) => path === name);
  const ending = files.filter(({ path }) => path.endsWith(`/${name}`));
  const file = exact ?? ending[0];
  if (file && (exact || ending.length === 1)) return file;
  throw new ThroughlineError(
    'bad-input',
    file
      ? `${repository} has several files called ${name}: ${ending.map(({ path }) => path).join(', ')}.`
      : `${repository} has no file ${name} at ${revision}.`,
    file
      ? 'Name one of them whole.'
      : 'Its authors may have moved it: look at its page, and name the file with --file.',
  );
}

function here(path: string): number {
  const whole = statSync(path, { throwIfNoEntry: false });
  return (whole ?? statSync(`${path}.part`, { throwIfNoEntry: false }))?.size ?? 0;
}

function freeBytesOf(folder: string): number {
  for (let at = folder; ; at = join(at, '..')) {
    if (!statSync(at, { throwIfNoEntry: false })) continue;
    const { bavail, bsize } = statfsSync(at);
    return bavail * bsize;
  }
}
