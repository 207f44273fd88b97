import { Worker } from 'node:worker_threads';
import { type BirpcReturn, createBirpc } from 'birpc';
import { type ErrorCode, ThroughlineError } from '../../shared/errors.ts';
import type { ProjectFile } from './project-file.ts';

export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | {
      readonly ok: false;
      readonly code: ErrorCode;
      readonly message: string;
      readonly hint: string;
      readonly stack: string;
    };

/** What a project file does, by name. */
export type ProjectFileMethod = keyof ProjectFile;

/** What the thread answers. */
export interface ProjectFileFunctions {
  open(file: string, newDocument: string | null): Promise<Outcome<void>>;
  call(method: ProjectFileMethod, args: readonly unknown[]): Promise<Outcome<unknown>>;
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

/**
 * Opens a project file in a thread of its own, or makes a new one.
 * @param newDocument document (JSON) of a new project; the file must not be there yet
 * @throws ThroughlineError as {@link ProjectFile.open}
 */
export async function openProjectFile(file: string, newDocument: string | null = null): Promise<ProjectStore> {
  const thread = new ProjectThread();
  try {
    await thread.ask((rpc) => rpc.open(file, newDocument));
  } catch (error) {
    await thread.end();
    throw error;
  }
  let closed: Promise<void> | null = null;
  const close = async (): Promise<void> => {
    await thread.ask((rpc) => rpc.call('close', [])).catch(() => {});
    await thread.end();
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

class ProjectThread {
  readonly #worker: Worker;
  readonly #rpc: BirpcReturn<ProjectFileFunctions, Record<string, never>>;
  readonly #ended: Promise<never>;

  constructor() {
    const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    this.#worker = new Worker(new URL(`./project-file-thread.${ending}`, import.meta.url), {
      execArgv: ['--no-warnings'],
    });
    this.#ended = new Promise((_, reject) => {
      const stopped = (cause?: unknown): void =>
        reject(
          new ThroughlineError('database', 'The project is closed.', 'Open it again. What was saved is kept.', {
            cause,
          }),
        );
      this.#worker.once('error', stopped);
      this.#worker.once('exit', () => stopped());
    });
    this.#ended.catch(() => {}); // whoever is waiting hears of it
    this.#rpc = createBirpc<ProjectFileFunctions, Record<string, never>>(
      {},
      {
        post: (message) => this.#worker.postMessage(message),
        on: (listener) => this.#worker.on('message', listener),
        timeout: -1,
      },
    );
  }

  async ask<T>(
    work: (rpc: BirpcReturn<ProjectFileFunctions, Record<string, never>>) => Promise<Outcome<T>>,
  ): Promise<T> {
    const result = await Promise.race([work(this.#rpc), this.#ended]);
    if (result.ok) return result.value;
    throw new ThroughlineError(result.code, result.message, result.hint, { cause: new Error(result.stack) });
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}
