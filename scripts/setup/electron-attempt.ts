import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { duration } from '../check/steps.ts';

/** A download of Electron that did not work. */
export interface FailedAttempt {
  /** Electron's. */
  readonly version: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** A sentence. */
  readonly reason: string;
}

const rememberedMs = 24 * 3_600_000;
/** How a person has it tried again before that. */
export const tryAgain = 'npm run electron';

/**
 * Whether to leave a download alone because it failed lately: a start should not wait for the same failure each time.
 * @returns the sentence to say; null where it is worth trying
 */
export function whyNotYet(last: FailedAttempt | null, version: string, now: number): string | null {
  if (last === null || last.version !== version) return null;
  const ago = now - last.at;
  // A clock that was set back must not put it off for ever.
  if (ago < 0 || ago > rememberedMs) return null;
  return `The desktop app needs Electron, which could not be downloaded ${agoInWords(ago)}: ${last.reason} It is tried again tomorrow, or now with: ${tryAgain}.`;
}

function agoInWords(ms: number): string {
  if (ms < 60_000) return 'just now';
  const hours = Math.floor(ms / 3_600_000);
  if (hours > 0) return hours === 1 ? 'an hour ago' : `${hours} hours ago`;
  const minutes = Math.floor(ms / 60_000);
  return minutes === 1 ? 'a minute ago' : `${minutes} minutes ago`;
}

/** The last attempt, if it failed; null where there was none or it cannot be read. */
export function readAttempt(file: string): FailedAttempt | null {
  try {
    const { version, at, reason } = JSON.parse(readFileSync(file, 'utf8'));
    return typeof version === 'string' && typeof at === 'number' && typeof reason === 'string'
      ? { version, at, reason }
      : null;
  } catch {
    return null;
  }
}

/** Remembers a failure; null forgets it. Never throws: then it is tried again at the next start. */
export function writeAttempt(file: string, attempt: FailedAttempt | null): void {
  try {
    if (attempt === null) rmSync(file, { force: true });
    else {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, JSON.stringify(attempt));
    }
  } catch {}
}

/** How far a download is: `Downloading Electron: 45 of 112 MB, 40 s left`. */
export function progressLine(doneBytes: number, totalBytes: number | null, elapsedMs: number): string {
  const megabytes = (bytes: number): string => String(Math.round(bytes / 1e6));
  if (!totalBytes) return `Downloading Electron: ${megabytes(doneBytes)} MB`;
  const line = `Downloading Electron: ${megabytes(doneBytes)} of ${megabytes(totalBytes)} MB`;
  if (doneBytes <= 0 || doneBytes >= totalBytes || elapsedMs < 2000) return line;
  const leftMs = (elapsedMs / doneBytes) * (totalBytes - doneBytes);
  return `${line}, ${duration(leftMs).replace(/\.\d s$/, ' s')} left`;
}

/** What went wrong, from all that the downloader said: one sentence. */
export function failureReason(output: string): string {
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|ECONNRESET|fetch failed/.test(output))
    return 'the server that has it could not be reached.';
  const [, status] = /(?:status|Response|HTTP)\D{0,20}\b([45]\d\d)\b/i.exec(output) ?? [];
  if (status) return `the server answered with status ${status}.`;
  if (/ENOSPC|EDQUOT/.test(output)) return 'the disk is full.';
  if (/EACCES|EPERM|EROFS/.test(output)) return 'this user may not write in node_modules or the cache folder.';
  if (/checksum|sha256|mismatch/i.test(output)) return 'what came was not what it should be.';
  const line = output.split('\n').find((text) => text.trim() !== '');
  return line ? `${line.trim().slice(0, 200).replace(/\.$/, '')}.` : 'it ended without a word.';
}
