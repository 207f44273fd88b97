import { type ChildProcess, fork, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { failureReason, progressLine, readAttempt, whyNotYet, writeAttempt } from './electron-attempt.ts';

const root = join(import.meta.dirname, '../..');
const electron = join(root, 'node_modules/electron');
const memory = join(root, 'node_modules/.cache/throughline/electron.json');
/** A download that gets nothing for so long is given up; one that moves may take as long as it likes. */
const idleTimeMs = 60_000;
const unpackingTimeMs = 300_000;

export interface DownloadOptions {
  /** Try also where it failed lately. */
  readonly again?: boolean;
  /** Shows how far it is. */
  readonly show?: DownloadDisplay;
  /** What fetches the archive; given in tests. */
  readonly fetcher?: string;
  readonly idleTimeMs?: number;
  readonly memoryFile?: string;
}

/**
 * Downloads and unpacks Electron, whose package comes without its binary.
 * @returns null once it is there; a sentence saying why it is not
 */
export async function downloadElectron(options: DownloadOptions = {}): Promise<string | null> {
  const installer = join(electron, 'install.js');
  if (!existsSync(installer)) return 'The desktop app needs Electron, whose package is not installed.';
  const { version } = JSON.parse(readFileSync(join(electron, 'package.json'), 'utf8')) as { version: string };
  const { memoryFile = memory } = options;
  const notYet = options.again ? null : whyNotYet(readAttempt(memoryFile), version, Date.now());
  if (notYet !== null) return notYet;
  const show = options.show ?? new DownloadDisplay();
  show.begin();
  const fetcher = options.fetcher ?? join(import.meta.dirname, 'fetch-electron.ts');
  const reason =
    (await moving(fork(fetcher, [], { cwd: root, silent: true }), options.idleTimeMs ?? idleTimeMs, show)) ??
    (options.fetcher ? null : await unpack(installer));
  show.end();
  writeAttempt(memoryFile, reason === null ? null : { version, at: Date.now(), reason });
  return reason === null ? null : `The desktop app needs Electron, which could not be downloaded: ${reason}`;
}

/** Waits for a fetching process, as long as it says that it goes on. @returns why it failed; null if it did not */
async function moving(child: ChildProcess, patienceMs: number, show: DownloadDisplay): Promise<string | null> {
  let idle = false;
  const giveUp = (): void => {
    idle = true;
    child.kill('SIGKILL');
  };
  let timer = setTimeout(giveUp, patienceMs);
  child.on('message', (message) => {
    const { transferred, total } = message as { transferred: number; total: number | null };
    clearTimeout(timer);
    timer = setTimeout(giveUp, patienceMs);
    show.progress(transferred, total);
  });
  const said = await ended(child);
  clearTimeout(timer);
  if (idle) return `nothing came for ${Math.round(patienceMs / 1000)} seconds.`;
  return said === null ? null : failureReason(said);
}

async function unpack(installer: string): Promise<string | null> {
  const child = spawn(process.execPath, [installer], { cwd: root, timeout: unpackingTimeMs });
  const said = await ended(child);
  return said === null ? null : failureReason(said);
}

/** @returns all that a process said, if it failed; null if it did not */
function ended(child: ChildProcess): Promise<string | null> {
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data) => (said += data));
  const stop = (): void => void child.kill('SIGKILL');
  process.once('exit', stop);
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code) => {
      process.off('exit', stop);
      resolve(code === 0 ? null : said);
    });
  });
}

/** Where a download is shown: a line drawn over on a terminal, elsewhere a line each tenth. */
export class DownloadDisplay {
  readonly #out: Pick<NodeJS.WriteStream, 'isTTY' | 'write'>;
  #startedAt = 0;
  #tenth = 0;

  constructor(out: Pick<NodeJS.WriteStream, 'isTTY' | 'write'> = process.stdout) {
    this.#out = out;
  }

  begin(): void {
    this.#startedAt = performance.now();
    if (!this.#out.isTTY) this.#out.write('Downloading Electron (once)\n');
  }

  progress(doneBytes: number, totalBytes: number | null): void {
    const line = progressLine(doneBytes, totalBytes, performance.now() - this.#startedAt);
    if (this.#out.isTTY) this.#out.write(`\r\x1b[K${line}`);
    const tenth = totalBytes ? Math.floor((doneBytes / totalBytes) * 10) : 0;
    if (!this.#out.isTTY && tenth > this.#tenth) this.#out.write(`${line}\n`);
    this.#tenth = tenth;
  }

  end(): void {
    if (this.#out.isTTY) this.#out.write('\r\x1b[K');
  }
}
