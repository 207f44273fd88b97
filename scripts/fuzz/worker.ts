// Reads mutated inputs one after the other in a thread of its own, so that one that hangs or takes all memory can be
// ended without ending the run. Started by run-fuzz.ts.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { ThroughlineError } from '../../src/shared/errors.ts';
import { mutated } from './mutate.ts';
import type { Parser } from './parser.ts';
import { Random, seedOf } from './random.ts';

/** What a worker is told. */
export interface Task {
  /** Exports `parsers`. */
  readonly module: string;
  readonly parser: string;
  readonly seed: number;
  readonly from: number;
  readonly to: number;
  /** CPU time that one input may take, in milliseconds. */
  readonly limitMs: number;
  /** Its one number is the input that is read now. */
  readonly place: Int32Array<SharedArrayBuffer>;
}

/** What it says. */
export type Message =
  | { readonly kind: 'finding'; readonly index: number; readonly what: string }
  | { readonly kind: 'done'; readonly read: number; readonly refused: number; readonly slowestMs: number };

async function work({ module, parser: name, seed, from, to, limitMs, place }: Task): Promise<void> {
  const { parsers }: { parsers: readonly Parser[] } = await import(module);
  const parser = parsers.find((candidate) => candidate.name === name);
  if (!parser) throw new Error(`there is no parser ${name}`);
  const say = (message: Message) => parentPort?.postMessage(message);
  const corpus = await parser.corpus();
  const folder = mkdtempSync(join(tmpdir(), 'throughline-fuzz-'));
  let read = 0;
  let refused = 0;
  let slowestMs = 0;
  for (const input of corpus) {
    try {
      await parser.read(input, folder);
    } catch (error) {
      if (!(error instanceof ThroughlineError)) say({ kind: 'finding', index: -1, what: `corpus: ${inWords(error)}` });
    }
  }
  for (let index = from; index < to; index++) {
    Atomics.store(place, 0, index);
    const input = mutated(new Random(seedOf(seed, name, index)), corpus, parser.kind, parser.words ?? []);
    const before = process.threadCpuUsage();
    try {
      await parser.read(input, folder);
      read += 1;
    } catch (error) {
      if (error instanceof ThroughlineError && error.code !== 'internal') refused += 1;
      else say({ kind: 'finding', index, what: inWords(error) });
    }
    const { user, system } = process.threadCpuUsage(before);
    const ms = (user + system) / 1000;
    slowestMs = Math.max(slowestMs, ms);
    if (ms > limitMs) say({ kind: 'finding', index, what: `took ${Math.round(ms)} ms for ${input.length} bytes` });
  }
  rmSync(folder, { recursive: true, force: true });
  say({ kind: 'done', read, refused, slowestMs });
}

function inWords(error: unknown): string {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return text.split('\n').slice(0, 6).join('\n');
}

await work(workerData as Task);
