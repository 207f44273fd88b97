import { Worker } from 'node:worker_threads';
import { type BirpcReturn, createBirpc } from 'birpc';
import { ThroughlineError } from '../../shared/errors.ts';
import { Lifeline } from '../../shared/lifeline.ts';
import { type Outcome, openOutcome, type WireError } from '../../shared/outcome.ts';
import { requireRegularFile } from '../files/index.ts';
import { enterOpenFile, openFileLike } from './open-files.ts';
import type { ProjectFile } from './project-file.ts';

/** What a project file does, by name. */
export type ProjectFileMethod = keyof ProjectFile;

/** What the thread answers. */
export interface ProjectFileFunctions {
  open(file: string, newDocument: string | null): Promise<Outcome<void>>;
  call(method: ProjectFileMethod, args: readonly unknown[]): Promise<Outcome<unknown>>;
}

/** What the thread says by itself. */
export interface ProjectFileOwner {
  /** The file is not where it was opened, in words; null: it is there again. */
  lost(error: WireError | null): void;
}

/** A {@link ProjectFile} in a thread of its own: the same methods, answering later. Calls are done in order. */
export type ProjectStore = {
  [Method in Exclude<ProjectFileMethod, 'close'>]: (
    ...args: Parameters<ProjectFile[Method]>
  ) => Promise<Awaited<ReturnType<ProjectFile[Method]>>>;
} & {
  /** Ends what is under way, closes the file and its thread. Idempotent. */
  close(): Promise<void>;
};

export interface OpenProjectFileOptions {
  /**
   * So long, in milliseconds, a call may take before the thread is given up. Some calls copy or read the whole project,
   * so the default is generous: it is there for disks that never answer.
   */
  readonly deadlineMs?: number;
  /**
   * Told when the file is moved, deleted or replaced while it is open, within seconds, also while nothing is written;
   * and, with null, when it is back.
   */
  readonly onLost?: (error: ThroughlineError | null) => void;
}

/** Ten minutes. */
const patientDeadlineMs = 600_000;

/**
 * Opens a project file in a thread of its own, or makes a new one.
 * @param newDocument document (JSON) of a new project; the file must not be there yet
 * @throws ThroughlineError as {@link ProjectFile.open}
 */
export async function openProjectFile(
  file: string,
  newDocument: string | null = null,
  { deadlineMs = patientDeadlineMs, onLost }: OpenProjectFileOptions = {},
): Promise<ProjectStore> {
  if (newDocument === null) requireRegularFile(file);
  // To look at a file that this process has open would drop its lock, under whatever name it was found.
  if (openFileLike(file) !== null) throw openHere(file);
  const thread = new ProjectThread(deadlineMs, onLost);
  try {
    await thread.ask((rpc) => rpc.open(file, newDocument));
  } catch (error) {
    await thread.end();
    throw error;
  }
  const leave = enterOpenFile(file);
  let closed: Promise<void> | null = null;
  const close = async (): Promise<void> => {
    await thread.ask((rpc) => rpc.call('close', [])).catch(() => {});
    await thread.end();
    leave();
  };
  return new Proxy({} as ProjectStore, {
    get: (_, name) => {
      if (name === 'then') return undefined; // so that it can be awaited
      if (name === 'close') {
        return () => {
          closed ??= close();
          return closed;
        };
      }
      return (...args: unknown[]) => thread.ask((rpc) => rpc.call(name as ProjectFileMethod, args));
    },
  });
}

type ProjectRpc = BirpcReturn<ProjectFileFunctions, ProjectFileOwner>;

class ProjectThread {
  readonly #worker: Worker;
  readonly #rpc: ProjectRpc;
  readonly #lifeline = new Lifeline();
  readonly #deadlineMs: number;

  constructor(deadlineMs: number, onLost: OpenProjectFileOptions['onLost']) {
    this.#deadlineMs = deadlineMs;
    const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    this.#worker = new Worker(new URL(`./project-file-thread.${ending}`, import.meta.url), {
      execArgv: ['--no-warnings'],
    });
    const stopped = (cause?: unknown): void => this.#lifeline.die(closedError(cause));
    this.#worker.once('error', stopped);
    this.#worker.once('exit', () => stopped());
    const lost: ProjectFileOwner['lost'] = (error) =>
      onLost?.(error && new ThroughlineError(error.code, error.message, error.hint));
    this.#rpc = createBirpc<ProjectFileFunctions, ProjectFileOwner>(
      { lost },
      {
        post: (message) => this.#worker.postMessage(message),
        on: (listener) => this.#worker.on('message', listener),
        timeout: -1,
      },
    );
  }

  async ask<T>(work: (rpc: ProjectRpc) => Promise<Outcome<T>>): Promise<T> {
    const timer = setTimeout(() => {
      this.#lifeline.die(stuckError(this.#deadlineMs));
      void this.#worker.terminate();
    }, this.#deadlineMs).unref();
    try {
      return openOutcome(await this.#lifeline.race(work(this.#rpc)), 'in the thread of the project file');
    } finally {
      clearTimeout(timer);
    }
  }

  async end(): Promise<void> {
    const ended = this.#worker.terminate();
    // A thread that waits for a disk cannot be waited for.
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, endingTimeMs).unref())]);
  }
}

/** So long, in milliseconds, the end of a thread is waited for. */
const endingTimeMs = 10_000;

function closedError(cause: unknown): ThroughlineError {
  return new ThroughlineError('database', 'The project is closed.', 'Open it again. What was saved is kept.', {
    cause,
  });
}

function stuckError(deadlineMs: number): ThroughlineError {
  return new ThroughlineError(
    'database',
    `The disk of this project has not answered for ${Math.round(deadlineMs / 1000)} seconds.`,
    'Check that the disk is connected, then open the project again. What was saved is kept.',
  );
}

function openHere(file: string): ThroughlineError {
  return new ThroughlineError(
    'database',
    `${file} is open here already, perhaps under another name.`,
    'Go on in the window that has it open.',
  );
}
