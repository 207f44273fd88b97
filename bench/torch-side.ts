import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { ChunkTimes } from './bench-story.ts';

const ms = z.number();
const answerSchema = z.object({
  chunks: z.array(
    z.object({
      encode: ms,
      retrieve: ms,
      recache: ms,
      steps: z.array(ms),
      commit: ms,
      decode: ms,
      total: ms,
      frames: z.int(),
    }),
  ),
});
const helloSchema = z.object({ torch: z.string(), threads: z.int() });

export type Precision = 'fp32' | 'bf16';

/** bench/torch_speed.py as a process: chunks on request, so that it can take turns with our engine. */
export class TorchSide {
  readonly version: string;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;

  private constructor(version: string, child: ChildProcessWithoutNullStreams, lines: AsyncIterator<string>) {
    this.version = version;
    this.#child = child;
    this.#lines = lines;
  }

  /** @returns null with the reason where PyTorch cannot be used; the interpreter is $PYTHON, or python3 */
  static async start(model: string, threads: number): Promise<TorchSide | string> {
    const python = process.env.PYTHON ?? 'python3';
    const child = spawn(python, [join(import.meta.dirname, 'torch_speed.py'), model], {
      env: { ...process.env, OMP_NUM_THREADS: String(threads) },
    });
    let complaint = '';
    child.stderr.on('data', (data: Buffer) => {
      complaint = (complaint + data.toString()).slice(-400);
    });
    child.on('error', (error) => {
      complaint = error.message;
    });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const hello = await lines.next();
    if (hello.done) return `${python}: ${complaint.trim().split('\n').at(-1) ?? 'no answer'}`;
    return new TorchSide(helloSchema.parse(JSON.parse(hello.value)).torch, child, lines);
  }

  async render(precision: Precision, prompt: string, chunks: number): Promise<ChunkTimes[]> {
    this.#child.stdin.write(`${JSON.stringify({ precision, prompt, chunks })}\n`);
    const answer = await this.#lines.next();
    if (answer.done) throw new Error('the PyTorch process ended');
    return answerSchema.parse(JSON.parse(answer.value)).chunks;
  }

  dispose(): void {
    this.#child.stdin.end();
  }
}
