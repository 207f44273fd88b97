import { Worker } from 'node:worker_threads';
import type { Message, Task } from './worker.ts';

export interface FuzzOptions {
  readonly parser: string;
  readonly seed: number;
  /** Inputs from number `first` on. */
  readonly first?: number;
  readonly count: number;
  /** CPU time that one input may take, in milliseconds. */
  readonly limitMs: number;
  /** Memory that one input may take, in MB. */
  readonly memoryMb: number;
  /** A thread that says nothing so long, by the clock, hangs. Far above the limit: a busy machine is no finding. */
  readonly hangMs?: number;
  /** Where `parsers` are exported; ours if absent. */
  readonly module?: string;
}

export interface Finding {
  readonly parser: string;
  readonly seed: number;
  /** Makes the input again: `--first index --count 1`; -1: an input of the corpus itself. */
  readonly index: number;
  readonly what: string;
}

export interface FuzzResult {
  /** Inputs that were good, and that ended in an error of ours. */
  readonly read: number;
  readonly refused: number;
  /** CPU time of the slowest, in milliseconds. */
  readonly slowestMs: number;
  readonly findings: readonly Finding[];
}

const defaultHangMs = 90_000;
const ourParsers = new URL('./parsers.ts', import.meta.url).href;
/** After so many a parser is not tried further: they are mostly one fault. */
const mostFindings = 25;
/** What the thread itself takes: its modules and the test's own copies of an input. */
const ownMemoryMb = 120;

/** Reads mutated inputs; an input that ends or holds the thread is a finding, and the run goes on after it. */
export async function runFuzz(options: FuzzOptions): Promise<FuzzResult> {
  const { parser, seed, first = 0, count, limitMs, module = ourParsers } = options;
  const findings: Finding[] = [];
  let read = 0;
  let refused = 0;
  let slowestMs = 0;
  let from = first;
  while (from < first + count && findings.length < mostFindings) {
    const place = new Int32Array(new SharedArrayBuffer(4));
    Atomics.store(place, 0, from);
    const task: Task = { module, parser, seed, from, to: first + count, limitMs, place };
    const ended = await runThread(task, options, (message) => {
      if (message.kind === 'finding') findings.push({ parser, seed, index: message.index, what: message.what });
      else {
        read += message.read;
        refused += message.refused;
        slowestMs = Math.max(slowestMs, message.slowestMs);
      }
    });
    if (ended === null) break;
    const index = Atomics.load(place, 0);
    findings.push({ parser, seed, index, what: ended });
    from = index + 1;
  }
  return { read, refused, slowestMs, findings };
}

/** Null where the thread came to its end; else what ended it, in words. */
function runThread(
  task: Task,
  { memoryMb, hangMs = defaultHangMs }: FuzzOptions,
  onMessage: (message: Message) => void,
): Promise<string | null> {
  return new Promise((resolve) => {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), {
      workerData: task,
      resourceLimits: { maxOldGenerationSizeMb: memoryMb + ownMemoryMb },
    });
    let finished = false;
    let last = -1;
    const watch = setInterval(() => {
      const now = Atomics.load(task.place, 0);
      if (now === last) end(`hangs: nothing for ${hangMs / 1000} s`);
      last = now;
    }, hangMs);
    const end = (what: string | null) => {
      clearInterval(watch);
      resolve(what);
      void worker.terminate();
    };
    worker.on('message', (message: Message) => {
      onMessage(message);
      if (message.kind === 'done') {
        finished = true;
        end(null);
      }
    });
    worker.on('error', (error: Error & { code?: string }) => {
      const memory = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      end(memory ? `takes more than ${memoryMb} MB` : `ends the thread: ${error.stack ?? error.message}`);
    });
    worker.on('exit', (code) => {
      if (!finished) end(`ends the thread with code ${code}`);
    });
  });
}
