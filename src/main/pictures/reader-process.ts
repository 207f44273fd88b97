import { fileURLToPath } from 'node:url';
import { createBirpc } from 'birpc';
import { CancelledError, ThroughlineError } from '../../shared/errors.ts';
import { Lifeline } from '../../shared/lifeline.ts';
import { type Outcome, openOutcome } from '../../shared/outcome.ts';
import { forkEngine, type SpawnEngine } from '../engine/engine-child.ts';

/** A process that reads one file of a person, and ends. */
export interface Reader {
  /** Its entry file, beside whoever starts it. */
  readonly entry: URL;
  /** What it reads, in the plural. */
  readonly what: 'pictures' | 'footage';
  /** Of the file, for sentences. */
  readonly name: string;
  /** Longer than this only what is made to takes. */
  readonly mostMs: number;
  readonly spawn?: SpawnEngine | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Has a process of its own read a file: one that was made to break a decoder ends that process and nothing else.
 * @throws ThroughlineError `bad-input` where the process ended over the file or took too long, `internal` where it could not be
 *   started; CancelledError, once the process is ended; what `work` throws
 */
export async function inReader<Functions extends object, T>(
  { entry, what, name, mostMs, spawn = forkEngine, signal }: Reader,
  work: (process: Functions) => Promise<Outcome<T>>,
): Promise<T> {
  const child = spawn(fileURLToPath(entry));
  const lifeline = new Lifeline();
  const broken = (why: string): ThroughlineError =>
    new ThroughlineError(
      'bad-input',
      `"${name}" cannot be read: ${why}.`,
      'Save it again in another program, or choose another.',
    );
  child.onOutput(() => {});
  child.onEnd((how) =>
    lifeline.die(
      how.kind === 'exited'
        ? broken(`the program that reads ${what} ended over it`)
        : new ThroughlineError(
            'internal',
            `The process that reads ${what} could not be started.`,
            'Free some memory and try again.',
            { cause: how.cause },
          ),
    ),
  );
  const stop = (): void => lifeline.die(new CancelledError(`Reading "${name}"`));
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted) stop();
  const timer = setTimeout(() => lifeline.die(broken('it takes too long')), mostMs);
  const rpc = createBirpc<Functions, object>(
    {},
    { post: (message) => child.post(message), on: (listener) => child.onMessage(listener), timeout: -1 },
  );
  try {
    return openOutcome(await lifeline.race(work(rpc as unknown as Functions)), `in the process of ${what}`);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
    child.kill();
  }
}
