// Reads mutated inputs one after the other in a process of its own, so that one that hangs, takes all memory or ends
// the process does not end the run. Started by run-fuzz.ts; says what it does in files, which outlive it.
import { appendFileSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { ThroughlineError } from '../../src/shared/errors.ts';
import { mutated } from './mutate.ts';
import type { Parser } from './parser.ts';
import { Random, seedOf } from './random.ts';

/** What a process is told, as JSON, by its one argument. */
export interface Task {
  /** Exports `parsers`. */
  readonly module: string;
  readonly parser: string;
  readonly seed: number;
  readonly from: number;
  readonly to: number;
  /** CPU time that one input may take, in milliseconds. */
  readonly limitMs: number;
  /** What one input may add to the memory of the process, in MB. */
  readonly memoryMb: number;
  /** Takes `place` (the input that is read now), `findings` (a JSON line each), `result` at the end, and scratch files. */
  readonly folder: string;
}

export interface FoundInput {
  readonly index: number;
  readonly what: string;
}

export interface ProcessResult {
  readonly read: number;
  readonly refused: number;
  readonly slowestMs: number;
}

async function work(task: Task): Promise<void> {
  const { module, parser: name, seed, from, to, limitMs, memoryMb, folder } = task;
  const { parsers }: { parsers: readonly Parser[] } = await import(module);
  const parser = parsers.find((candidate) => candidate.name === name);
  if (!parser) throw new Error(`there is no parser ${name}`);
  const find = (index: number, what: string) =>
    appendFileSync(join(folder, 'findings'), `${JSON.stringify({ index, what } satisfies FoundInput)}\n`);
  const place = openSync(join(folder, 'place'), 'w');
  const scratch = join(folder, 'scratch');
  mkdirSync(scratch, { recursive: true });

  const corpus = await parser.corpus();
  for (const input of corpus) {
    try {
      await parser.read(input, scratch);
    } catch (error) {
      if (!(error instanceof ThroughlineError)) find(-1, `corpus: ${inWords(error)}`);
    }
  }
  let read = 0;
  let refused = 0;
  let slowestMs = 0;
  for (let index = from; index < to; index++) {
    writeSync(place, String(index), 0);
    const input = mutated(new Random(seedOf(seed, name, index)), corpus, parser.kind, parser.words ?? []);
    const peakKb = process.resourceUsage().maxRSS;
    const before = process.threadCpuUsage();
    try {
      await parser.read(input, scratch);
      read += 1;
    } catch (error) {
      if (error instanceof ThroughlineError && error.code !== 'internal') refused += 1;
      else find(index, inWords(error));
    }
    const { user, system } = process.threadCpuUsage(before);
    const ms = (user + system) / 1000;
    slowestMs = Math.max(slowestMs, ms);
    if (ms > limitMs) find(index, `took ${Math.round(ms)} ms for ${input.length} bytes`);
    const addedMb = (process.resourceUsage().maxRSS - peakKb) / 1024;
    if (addedMb > memoryMb) find(index, `took ${Math.round(addedMb)} MB for ${input.length} bytes`);
  }
  writeFileSync(join(folder, 'result'), JSON.stringify({ read, refused, slowestMs } satisfies ProcessResult));
}

function inWords(error: unknown): string {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return text.split('\n').slice(0, 6).join('\n');
}

await work(JSON.parse(process.argv[2] ?? '{}') as Task);
