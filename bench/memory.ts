import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { z } from 'zod';
import { engineArguments } from '../src/main/engine/engine-child.ts';
import type { BenchContext } from './context.ts';
import { printTable, slope } from './figures.ts';

const megabyte = 1024 * 1024;
const reportSchema = z.object({
  resident: z.array(z.number()),
  tensors: z.array(z.int()),
  tensorBytes: z.array(z.int()),
  heap: z.array(z.int()),
  buffers: z.array(z.int()),
  peakBytes: z.number(),
});

/** Memory over a long story: it must be flat once the prototypes have reached their capacity. */
export async function memory(context: BenchContext): Promise<void> {
  const chunks = context.quick ? 24 : 200;
  const flatFrom = chunks / 2;
  const rows: (string | number)[][] = [];
  for (const policy of ['window', 'nam', 'nam+sma']) {
    const { resident, tensors, tensorBytes, heap, buffers, peakBytes } = await tell(context, policy, chunks);
    const at = (chunk: number): string => ((resident[chunk - 1] ?? Number.NaN) / megabyte).toFixed(0);
    const perChunk = slope(resident.slice(flatFrom)) / 1024;
    const most = (bytes: readonly number[]): string => (Math.max(...bytes.slice(flatFrom)) / megabyte).toFixed(0);
    const steadyTensors = new Set(tensors.slice(flatFrom));
    rows.push([
      policy,
      at(chunks / 10),
      at(flatFrom),
      at(chunks),
      (peakBytes / megabyte).toFixed(0),
      `${perChunk.toFixed(1)}`,
      [...steadyTensors].length === 1
        ? String(tensors.at(-1))
        : `${Math.min(...steadyTensors)}..${Math.max(...steadyTensors)}`,
      ((tensorBytes.at(-1) ?? 0) / megabyte).toFixed(1),
      most(heap),
      most(buffers),
    ]);
  }
  printTable(
    [
      'policy',
      `RSS at ${chunks / 10}, MB`,
      `at ${flatFrom}`,
      `at ${chunks}`,
      'peak',
      `KB / chunk after ${flatFrom}`,
      'live tensors',
      'MB in them',
      'JS heap, MB',
      'buffers, MB',
    ],
    rows,
  );
  console.log(
    '\nOne process with engine and owner. Peak: the highest RSS the system saw, loading included. JS heap and buffers',
  );
  console.log('(the tensors of the host among them): the most that V8 held after any chunk of the second half.');
}

async function tell(context: BenchContext, policy: string, chunks: number): Promise<z.infer<typeof reportSchema>> {
  const child = fork(join(import.meta.dirname, 'memory-process.ts'), [], {
    execArgv: [...engineArguments],
  });
  child.send({
    modelFolder: context.model,
    device: context.device,
    threads: context.threads,
    graphsFolder: join(context.folder, 'graphs'),
    policy,
    chunks,
  });
  const [report] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`the story ended with code ${code}`))),
  ]);
  child.disconnect();
  return reportSchema.parse(report);
}
