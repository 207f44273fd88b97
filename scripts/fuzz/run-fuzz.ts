import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FoundInput, ProcessResult, Task } from './fuzz-process.ts';

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
  /** A process that is at the same input so long, by the clock, hangs. Far above the limit: a busy machine is no finding. */
  readonly hangMs?: number;
  /** Where `parsers` are exported; ours if absent. */
  readonly module?: string;
}

export interface Finding extends FoundInput {
  readonly parser: string;
  readonly seed: number;
  /** Makes the input again: `--first index --count 1`; -1: an input of the corpus itself. */
  readonly index: number;
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
/** What the process itself takes: its modules, the corpus, and its own copies of an input. */
const ownMemoryMb = 150;

/** Reads mutated inputs; an input that ends or holds the process is a finding, and the run goes on after it. */
export async function runFuzz(options: FuzzOptions): Promise<FuzzResult> {
  const { parser, seed, first = 0, count, limitMs, memoryMb, module = ourParsers } = options;
  const findings: Finding[] = [];
  let total: ProcessResult = { read: 0, refused: 0, slowestMs: 0 };
  let from = first;
  while (from < first + count && findings.length < mostFindings) {
    const folder = mkdtempSync(join(tmpdir(), 'throughline-fuzz-'));
    try {
      const task: Task = { module, parser, seed, from, to: first + count, limitMs, memoryMb, folder };
      const ended = await runProcess(task, options.hangMs ?? defaultHangMs);
      for (const line of contentOf(folder, 'findings').split('\n').filter(Boolean)) {
        findings.push({ parser, seed, ...(JSON.parse(line) as FoundInput) });
      }
      if (ended === null) {
        const { read, refused, slowestMs } = JSON.parse(contentOf(folder, 'result')) as ProcessResult;
        total = {
          read: total.read + read,
          refused: total.refused + refused,
          slowestMs: Math.max(total.slowestMs, slowestMs),
        };
        break;
      }
      const index = placeOf(folder) ?? from;
      findings.push({ parser, seed, index, what: ended });
      from = index + 1;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return { ...total, findings };
}

function contentOf(folder: string, name: string): string {
  const file = join(folder, name);
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

function placeOf(folder: string): number | null {
  const text = contentOf(folder, 'place');
  return text === '' ? null : Number(text);
}

/** Null where the process came to its end; else what ended it, in words. */
function runProcess(task: Task, hangMs: number): Promise<string | null> {
  const script = fileURLToPath(new URL('./fuzz-process.ts', import.meta.url));
  const heap = `--max-old-space-size=${task.memoryMb + ownMemoryMb}`;
  const child = spawn(process.execPath, [heap, script, JSON.stringify(task)], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (data: Buffer) => {
    said = (said + data.toString('utf8')).slice(-20_000);
  });
  let hangs = false;
  let last: number | null = -1;
  const watch = setInterval(() => {
    const now = placeOf(task.folder);
    hangs = now === last;
    if (hangs) child.kill('SIGKILL');
    last = now;
  }, hangMs);
  return new Promise((resolve) => {
    child.on('close', (code, signal) => {
      clearInterval(watch);
      if (code === 0) resolve(null);
      else if (hangs) resolve(`hangs: nothing for ${hangMs / 1000} s`);
      else if (/heap (limit|out of memory)|Allocation failed/i.test(said)) {
        resolve(`takes more than ${task.memoryMb} MB`);
      } else resolve(`ends the process (${signal ?? code}): ${said.trim().slice(-1000)}`);
    });
  });
}
