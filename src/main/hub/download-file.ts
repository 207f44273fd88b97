import { createHash, type Hash } from 'node:crypto';
import { createReadStream, existsSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { CancelledError, systemError, ThroughlineError, throwIfCancelled } from '../../shared/errors.ts';
import { makeFolder } from '../files/index.ts';
import { CutConnection, hubFetch, pause, usualPatience } from './hub-fetch.ts';
import type { HubFile, HubOptions, PinnedRepository } from './repository.ts';

export interface DownloadOptions extends HubOptions {
  /** Told how much of the file is here, in bytes. */
  readonly onBytes?: (doneBytes: number) => void;
}

const unfinished = '.part';

/**
 * Fetches one file. It is written under another name, goes on where an earlier attempt stopped, and has its own name only
 * once its length and digest are those that the Hub states.
 * @returns whether anything was fetched; a file that is there whole is taken as it is
 * @throws ThroughlineError with the sentence of what went wrong; CancelledError, and what came so far is kept
 */
export async function downloadFile(
  { repository, commit }: Pick<PinnedRepository, 'repository' | 'commit'>,
  file: HubFile,
  target: string,
  options: DownloadOptions,
): Promise<boolean> {
  const { endpoint, patience = usualPatience, signal, onBytes } = options;
  if (statSync(target, { throwIfNoEntry: false })?.size === file.sizeBytes) {
    onBytes?.(file.sizeBytes);
    return false;
  }
  const part = `${target}${unfinished}`;
  makeFolder(dirname(target));
  const address = file.path.split('/').map(encodeURIComponent).join('/');
  const url = `${endpoint.url}/${repository}/resolve/${commit}/${address}`;
  const polite = hubFetch(endpoint, { repository, revision: commit, path: file.path }, { patience, signal });

  const have = Math.min(sizeOf(part), file.sizeBytes);
  const hash =
    file.digest.kind === 'git' ? createHash('sha1').update(`blob ${file.sizeBytes}\0`) : createHash('sha256');
  await hashSoFar(part, have, hash, signal);
  const handle = await open(part, existsSync(part) ? 'r+' : 'w');
  let doneBytes = have;
  onBytes?.(doneBytes);
  try {
    await handle.truncate(doneBytes);
    for (let inVain = 0; doneBytes < file.sizeBytes; ) {
      const before = doneBytes;
      try {
        const abort = new AbortController();
        const response = await polite(url, {
          headers: { range: `bytes=${doneBytes}-`, 'accept-encoding': 'identity' },
          signal: abort.signal,
        });
        const skip = bytesBefore(response, doneBytes, file);
        for await (const piece of pieces(response, abort, patience.silenceMs, skip, signal)) {
          if (doneBytes + piece.length > file.sizeBytes) throw tooLong(file);
          await written(handle, piece, doneBytes);
          hash.update(piece);
          doneBytes += piece.length;
          onBytes?.(doneBytes);
        }
        if (doneBytes < file.sizeBytes) throw new CutConnection('ended early');
      } catch (error) {
        if (!(error instanceof CutConnection)) throw error;
        inVain = doneBytes > before ? 1 : inVain + 1;
        if (inVain >= patience.attempts) throw keepsBreaking(file, error);
        await pause(patience.pauseMs * 2 ** (inVain - 1), signal);
      }
    }
  } catch (error) {
    await handle.close();
    // What is too long or something else altogether is nothing to go on with.
    if (error instanceof WrongContent) rmSync(part, { force: true });
    throw systemError(error) ?? error;
  }
  await handle.sync();
  await handle.close();
  if (hash.digest('hex') !== file.digest.hex) {
    rmSync(part, { force: true });
    throw new ThroughlineError(
      'bad-input',
      `${file.path} arrived damaged: its digest is not the one that ${repository} states. It was deleted.`,
      'Get it again.',
    );
  }
  renameSync(part, target);
  return true;
}

/** The same file in the cache of the Hub's own tools; null where it is not there whole. */
export function cachedFile(
  cacheFolder: string,
  { repository, commit }: Pick<PinnedRepository, 'repository' | 'commit'>,
  file: HubFile,
): string | null {
  const path = join(cacheFolder, `models--${repository.replace('/', '--')}`, 'snapshots', commit, file.path);
  if (statSync(path, { throwIfNoEntry: false })?.size !== file.sizeBytes) return null;
  // A blob of that cache is called after its digest.
  return basename(realpathSync(path)) === file.digest.hex ? path : null;
}

/** The answer is not the file at all: nothing of it may be kept. */
class WrongContent extends ThroughlineError {}

/** How many bytes of the answer come before those that are wanted. @throws ThroughlineError where it is not the file */
function bytesBefore(response: Response, wanted: number, file: HubFile): number {
  if (/^text\/html\b/i.test(response.headers.get('content-type') ?? '') && !/\.html?$/.test(file.path)) {
    throw new WrongContent(
      'bad-input',
      `A web page came instead of ${file.path}.`,
      'A network that asks for a login does that: open a web page first, then get the model again.',
    );
  }
  const [, from, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get('content-range') ?? '') ?? [];
  const length = response.headers.get('content-length');
  const whole = response.status === 206 ? total : response.status === 416 ? '-1' : (length ?? undefined);
  if (whole !== undefined && whole !== '*' && Number(whole) !== file.sizeBytes) {
    throw new WrongContent(
      'bad-input',
      `${file.path} has another length than its repository states.`,
      'Get it again; if that stays so, something between here and the Hub changes files.',
    );
  }
  if (response.status !== 206) return wanted; // it begins from the start, whatever was asked
  if (from === undefined || Number(from) > wanted) throw new CutConnection('another range');
  return wanted - Number(from);
}

/** The body, without its first `skip` bytes. Silence, and an end before the end, are a {@link CutConnection}. */
async function* pieces(
  response: Response,
  abort: AbortController,
  silenceMs: number,
  skip: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, void> {
  if (!response.body) throw new CutConnection('no body');
  const reader = response.body.getReader();
  try {
    while (true) {
      const timer = setTimeout(() => abort.abort(new CutConnection('silence')), silenceMs);
      let next: Awaited<ReturnType<typeof reader.read>>;
      try {
        next = await reader.read();
      } catch (cause) {
        if (signal?.aborted) throw new CancelledError('The download');
        throw new CutConnection('cut', { cause });
      } finally {
        clearTimeout(timer);
      }
      throwIfCancelled(signal, 'The download');
      if (next.done) return;
      const piece = next.value.subarray(Math.min(skip, next.value.length));
      skip -= next.value.length - piece.length;
      if (piece.length > 0) yield piece;
    }
  } finally {
    abort.abort();
  }
}

async function written(handle: FileHandle, piece: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < piece.length; ) {
    done += (await handle.write(piece, done, piece.length - done, at + done)).bytesWritten;
  }
}

async function hashSoFar(part: string, bytes: number, hash: Hash, signal: AbortSignal | undefined): Promise<void> {
  if (bytes === 0) return;
  for await (const piece of createReadStream(part, { end: bytes - 1, highWaterMark: 4 * 1024 ** 2 })) {
    throwIfCancelled(signal, 'The download');
    hash.update(piece as Buffer);
  }
}

function tooLong(file: HubFile): ThroughlineError {
  return new WrongContent(
    'bad-input',
    `${file.path} does not end where its repository says it does.`,
    'Get it again; if that stays so, something between here and the Hub changes files.',
  );
}

function keepsBreaking({ path }: HubFile, cause: unknown): ThroughlineError {
  return new ThroughlineError(
    'bad-input',
    `The connection breaks again and again while ${path} is fetched.`,
    'Try again later: it goes on where it stopped.',
    { cause },
  );
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
