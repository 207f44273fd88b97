import { lstat, realpath, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ThroughlineError } from '../../shared/errors.ts';
import { errnoOf } from './write-error.ts';

/**
 * What a path is wanted for: to read a file, to write one that may not be there yet, to read the folder of a model, to
 * read parts of a model, which are a file or a folder of files, or to write into a folder that may not be there yet.
 */
export type PathUse = 'read' | 'write' | 'model' | 'parts' | 'folder';

export interface PathDoorOptions {
  /**
   * Folders that a person named: only what lies in them may be used, links resolved. Null: anything, where every path
   * was chosen by a person in a dialog of the system.
   */
  readonly folders?: readonly string[] | null;
  /** Files outside of them that a person opened before; they may be read again. Asked each time. */
  readonly alsoRead?: () => readonly (string | null | undefined)[];
  /** Says how what is refused can be allowed. @param folder that the path is in */
  readonly howToAllow?: (folder: string) => string;
  /** How long a disk may take to say what is there, in milliseconds. */
  readonly deadlineMs?: number;
  /** What asks the disk; given in tests. */
  readonly disk?: Pick<typeof import('node:fs/promises'), 'lstat' | 'realpath' | 'stat'>;
}

const usualDeadlineMs = 10_000;
/**
 * Questions to the disk at a time. One to a network folder that is gone holds a thread of the system's until it comes
 * back; Node has four, and the others must stay free.
 */
const questionsAtOnce = 2;
/** Files there are the system's own: reading or making some never ends. */
const systemFolders = process.platform === 'linux' ? ['/proc', '/sys', '/dev'] : [];
const memoryDisk = '/dev/shm';

/** A path out of what file managers and terminals put on the clipboard: one in quotes, or a `file:` address. */
function unwrapped(given: string): string {
  const bare = /^\s*(["'])(.+)\1\s*$/.exec(given)?.[2] ?? given;
  try {
    return /^\s*file:\/\//i.test(bare) ? fileURLToPath(bare.trim()) : bare;
  } catch {
    return bare; // of another machine, or no address after all
  }
}

/**
 * Where every path that comes over the API goes through, before anything is opened. Only regular files and folders pass,
 * and only in the folders that were named; a disk that does not answer is given up on.
 */
export class PathDoor {
  readonly #options: PathDoorOptions;
  readonly #disk: NonNullable<PathDoorOptions['disk']>;
  readonly #waiting: (() => void)[] = [];
  #asking = 0;

  constructor(options: PathDoorOptions = {}) {
    this.#options = options;
    this.#disk = options.disk ?? { lstat, realpath, stat };
  }

  /**
   * @param given as a person typed or pasted it or a dialog answered; `~` is their own folder
   * @returns the path, absolute, links resolved; of parts of a model the path by which they are called, since a cache
   *   of downloads is made of links, and names and neighbours say what its files are
   * @throws ThroughlineError `bad-input` for what is outside, is not there, or is no such thing; `model-missing` for the
   *   folder of a model that is not there
   */
  async admit(given: string, use: PathUse): Promise<string> {
    const bare = unwrapped(given);
    if (bare.includes('\0')) throw refusal('This name has a character in it that no file can have.', 'Remove it.');
    const asked = path.resolve(bare.replace(/^~(?=$|[\\/])/, homedir()));
    const place = await this.#ask(asked, () => this.#realPlace(asked));
    await this.#checkFolders(asked, place.path, use);
    if (systemFolders.some((folder) => isWithin(place.path, folder)) && !isWithin(place.path, memoryDisk))
      throw refusal(`${asked} belongs to the system itself.`, 'Choose a file or folder of yours.');
    const status = place.exists ? await this.#ask(asked, () => this.#disk.stat(place.path)) : null;
    if (status === null && use !== 'write' && use !== 'folder') {
      if (use === 'model')
        throw new ThroughlineError(
          'model-missing',
          `There is no folder ${asked}.`,
          'Choose a folder that holds a model.',
        );
      throw refusal(
        use === 'parts' ? `There is nothing at ${asked}.` : `There is no file ${asked}.`,
        'It may have been moved.',
      );
    }
    if (use === 'folder') {
      if (status && !status.isDirectory()) throw refusal(`${asked} is not a folder.`, 'Choose a folder.');
    } else if (use === 'model') {
      if (!status?.isDirectory()) throw refusal(`${asked} is not a folder.`, 'Choose a folder.');
    } else if (status?.isDirectory() && use === 'parts') return asked;
    else if (status?.isDirectory()) throw refusal(`${asked} is a folder.`, 'Choose a file.');
    else if (status && !status.isFile())
      throw refusal(`${asked} is not a file, but a pipe, a socket or a device.`, 'Choose a file.');
    return use === 'parts' ? asked : place.path;
  }

  /** The path with every link resolved that is there; what is not there yet is added as it is. */
  async #realPlace(asked: string): Promise<{ readonly path: string; readonly exists: boolean }> {
    const missing: string[] = [];
    for (let at = asked; ; at = path.dirname(at)) {
      try {
        return { path: path.join(await this.#disk.realpath(at), ...missing), exists: missing.length === 0 };
      } catch (error) {
        const code = errnoOf(error);
        if (code === 'ENOTDIR') throw refusal(`${path.dirname(at)} is a file, not a folder.`, 'Choose another folder.');
        if (code === 'EACCES' || code === 'EPERM')
          throw refusal(`${asked} may not be read by this user.`, 'Check the permissions of its folder.');
        if (code === 'ELOOP') throw refusal(`The links that lead to ${asked} go round in a circle.`, 'Remove them.');
        if (code === 'ENAMETOOLONG') throw refusal('This name is longer than a file can have.', 'Choose another one.');
        if (code !== 'ENOENT' || path.dirname(at) === at) throw error;
        // Writing to a link that leads nowhere would make a file where it leads.
        const link = await this.#disk.lstat(at).catch(() => null);
        if (link?.isSymbolicLink()) throw refusal(`${at} is a link that leads nowhere.`, 'Choose another name.');
        missing.unshift(path.basename(at));
      }
    }
  }

  async #checkFolders(asked: string, real: string, use: PathUse): Promise<void> {
    const { folders, alsoRead, howToAllow } = this.#options;
    if (!folders) return;
    const named = async (place: string): Promise<string | null> =>
      (await this.#ask(place, () => this.#realPlace(path.resolve(place))).catch(() => null))?.path ?? null;
    for (const folder of folders) {
      const base = await named(folder);
      if (base !== null && isWithin(real, base)) return;
    }
    if (use !== 'write' && use !== 'folder') {
      for (const file of alsoRead?.() ?? []) if (file && (await named(file)) === real) return;
    }
    const folder = use === 'model' || use === 'parts' || use === 'folder' ? asked : path.dirname(asked);
    throw refusal(
      `${asked} is outside the folders that the browser may use.`,
      howToAllow?.(folder) ?? 'Choose a file in one of them.',
    );
  }

  /** Asks the disk something, in turn, and gives up after the deadline. */
  async #ask<T>(about: string, question: () => Promise<T>): Promise<T> {
    const { deadlineMs = usualDeadlineMs } = this.#options;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () =>
          reject(
            refusal(`The disk of ${about} does not answer.`, 'Is it a network folder that cannot be reached now?'),
          ),
        deadlineMs,
      );
    });
    try {
      return await Promise.race([this.#inTurn(question), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #inTurn<T>(question: () => Promise<T>): Promise<T> {
    if (this.#asking >= questionsAtOnce) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#asking++;
    try {
      return await question();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#asking--;
    }
  }
}

function isWithin(file: string, folder: string): boolean {
  return file === folder || file.startsWith(folder.endsWith(path.sep) ? folder : `${folder}${path.sep}`);
}

function refusal(message: string, hint: string): ThroughlineError {
  return new ThroughlineError('bad-input', message, hint);
}
