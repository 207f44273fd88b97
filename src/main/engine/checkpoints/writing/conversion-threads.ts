import { Worker } from 'node:worker_threads';
import { ThroughlineError, throwIfCancelled } from '../../../../shared/errors.ts';
import { type Outcome, openOutcome } from '../../../../shared/outcome.ts';
import type { SharedFile } from '../byte-source.ts';
import type { StoredTensor } from '../stored-tensor.ts';
import type { Conversion, Converted } from './convert.ts';

/** A conversion as it goes to a thread. */
export interface SharedConversion extends Omit<Conversion, 'tensor'> {
  readonly tensor: Omit<StoredTensor, 'source'> & { readonly source: SharedFile };
}
export type ToThread =
  | { readonly kind: 'convert'; readonly conversion: SharedConversion }
  /** It was written; its room may be used again. */
  | { readonly kind: 'room'; readonly room: ArrayBuffer };
export type FromThread =
  /** The next bytes of the tensor under way. */
  | { readonly kind: 'piece'; readonly room: ArrayBuffer; readonly lengthBytes: number }
  /** What was told of the tensor under way is void. */
  | { readonly kind: 'again' }
  | { readonly kind: 'end'; readonly outcome: Outcome<Converted> };

/** A conversion that waits for its turn. */
export interface WaitingConversion {
  /** What it holds in memory as a whole, beyond the pieces. */
  readonly heldBytes: number;
  make(): Promise<SharedConversion>;
}

/** What is told in the order of the tensors, whichever thread was first. */
export interface InOrder {
  write(bytes: Uint8Array): void;
  again(): void;
  done(converted: Converted): void;
}

/** Conversions wait while those under way hold more than so much between them. */
const mostHeldBytes = 384 * 1024 ** 2;

/**
 * Converts tensors in threads, and tells of them in their order. A thread runs ahead of what is written by a few pieces only,
 * so that memory does not grow with the tensors. All threads have ended when this returns or throws.
 * @throws ThroughlineError of a tensor that cannot be converted, CancelledError, and what `into` throws
 */
export async function convertInThreads(
  threadCount: number,
  conversions: readonly WaitingConversion[],
  into: InOrder,
  signal?: AbortSignal,
): Promise<void> {
  const bell = new Bell();
  const threads = Array.from({ length: threadCount }, () => new ConversionThread(bell));
  signal?.addEventListener('abort', bell.ring, { once: true });
  const jobs: Job[] = []; // begun and not yet written whole, in order
  let begun = 0;
  try {
    while (begun < conversions.length || jobs.length > 0) {
      writeWhatIsThere(jobs, into, signal);
      const next = conversions[begun];
      const idle = threads.find(({ busy }) => !busy);
      if (next && idle && fits(next, jobs)) {
        jobs.push(idle.begin(await next.make(), next.heldBytes));
        begun++;
      } else if (jobs.length > 0) {
        await bell.rung();
      }
    }
  } finally {
    signal?.removeEventListener('abort', bell.ring);
    await Promise.all(threads.map((thread) => thread.end()));
  }
}

function fits({ heldBytes }: WaitingConversion, jobs: readonly Job[]): boolean {
  return jobs.length === 0 || jobs.reduce((sum, job) => sum + job.heldBytes, heldBytes) <= mostHeldBytes;
}

function writeWhatIsThere(jobs: Job[], into: InOrder, signal: AbortSignal | undefined): void {
  throwIfCancelled(signal, 'The import');
  for (let job = jobs[0]; job; job = jobs[0]) {
    for (const message of job.told.splice(0)) {
      switch (message.kind) {
        case 'piece':
          into.write(new Uint8Array(message.room, 0, message.lengthBytes));
          job.thread.giveBack(message.room);
          throwIfCancelled(signal, 'The import');
          break;
        case 'again':
          into.again();
          break;
        case 'end':
          into.done(openOutcome(message.outcome, 'in a thread of the import'));
          jobs.shift();
      }
    }
    job.thread.checkAlive();
    if (jobs[0] === job) return; // more of it is to come
  }
}

/** Wakes the one who waits. What rang before is not lost. */
class Bell {
  #next = Promise.withResolvers<void>();

  readonly ring = (): void => this.#next.resolve();

  async rung(): Promise<void> {
    await this.#next.promise;
    this.#next = Promise.withResolvers();
  }
}

/** A tensor that a thread was given. */
interface Job {
  readonly thread: ConversionThread;
  readonly heldBytes: number;
  /** Not looked at yet. */
  readonly told: FromThread[];
}

class ConversionThread {
  readonly #worker: Worker;
  #job: Job | null = null;
  #failure: ThroughlineError | null = null;

  constructor(bell: Bell) {
    const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    this.#worker = new Worker(new URL(`./conversion-thread.${ending}`, import.meta.url), {
      execArgv: ['--no-warnings'],
    });
    this.#worker.on('message', (message: FromThread) => {
      this.#job?.told.push(message);
      if (message.kind === 'end') this.#job = null;
      bell.ring();
    });
    const fail = (cause?: unknown): void => {
      this.#failure ??= new ThroughlineError(
        'internal',
        'A thread of the import ended before it was done.',
        'Try again: it goes on where it stopped.',
        { cause },
      );
      bell.ring();
    };
    this.#worker.once('error', fail);
    this.#worker.once('exit', () => fail());
  }

  get busy(): boolean {
    return this.#job !== null;
  }

  /** Only while it is not busy. */
  begin(conversion: SharedConversion, heldBytes: number): Job {
    this.#job = { thread: this, heldBytes, told: [] };
    const moved = conversion.change ? [conversion.change.buffer as ArrayBuffer] : [];
    this.#worker.postMessage({ kind: 'convert', conversion } satisfies ToThread, moved);
    return this.#job;
  }

  giveBack(room: ArrayBuffer): void {
    this.#worker.postMessage({ kind: 'room', room } satisfies ToThread, [room]);
  }

  checkAlive(): void {
    if (this.#failure) throw this.#failure;
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}
