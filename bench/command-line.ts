import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchContext } from './context.ts';
import { printTable } from './figures.ts';

const cli = join(import.meta.dirname, '../src/main/cli.ts');
const places = ['meadow', 'city', 'beach', 'forest'];

/** Memory of the command line itself, without its engine, while it renders a long story: it must not grow with the chunks. */
export async function commandLine(context: BenchContext): Promise<void> {
  if (process.platform !== 'linux') throw new Error('Resident memory is read from /proc, which only Linux has.');
  const chunks = context.quick ? 20 : 300;
  const story = join(context.folder, 'long.txt');
  const prompts = Array.from({ length: chunks }, (_, i) => `A red cat walks in the ${places[i % places.length]}.`);
  writeFileSync(story, prompts.join('\n\n'));
  const child = spawn(
    process.execPath,
    [
      ...[cli, 'render', story, '--chunks-per-prompt', '1', '--model', context.model],
      ...['--out', join(context.folder, 'long.mp4'), '--cache', join(context.folder, 'cache')],
      ...['--device', context.device, '--threads', String(context.threads)],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const resident: number[] = [];
  let said = '';
  const listen = (text: Buffer): void => {
    said = (said + text.toString()).slice(-4000);
    // A line for every chunk.
    for (const _line of text.toString().matchAll(/\n/g)) resident.push(residentMegabytes(child.pid ?? 0));
  };
  child.stdout.on('data', listen);
  child.stderr.on('data', listen);
  const [status] = await once(child, 'exit');
  if (status !== 0) throw new Error(`The render failed:\n${said}`);
  const at = (share: number): number => resident[Math.floor((resident.length - 1) * share)] ?? Number.NaN;
  printTable(
    ['command line, resident MB', 'a tenth', 'half', 'nine tenths', 'most'],
    [[`${chunks} chunks`, at(0.1), at(0.5), at(0.9), Math.max(...resident)]],
  );
}

function residentMegabytes(pid: number): number {
  try {
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1000;
  } catch {
    return 0;
  }
}
