// npm run bench -- <name> [--model <folder>] [--against <folder>] [--device cpu|webgpu] [--threads n] [--quick]; see bench/README.md.
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { DeviceName } from '../src/shared/render.ts';
import { branch } from './branch.ts';
import { commandLine } from './command-line.ts';
import { type BenchContext, chooseModel, machine } from './context.ts';
import { editor } from './editor.ts';
import { farm } from './farm.ts';
import { farmSimulation } from './farm-simulation.ts';
import { fullDepth } from './full-depth.ts';
import { importing } from './import.ts';
import { memory } from './memory.ts';
import { models } from './models.ts';
import { policies } from './policies.ts';
import { published } from './published.ts';
import { speed } from './speed.ts';
import { start } from './start.ts';
import { storyLength } from './story-length.ts';

const benchmarks: Readonly<Record<string, (context: BenchContext) => Promise<void>>> = {
  speed,
  policies,
  branch,
  memory,
  'command-line': commandLine,
  start,
  editor,
  import: importing,
  farm,
  'farm-simulation': farmSimulation,
  models,
  published,
  'full-depth': fullDepth,
  'story-length': storyLength,
};

/** Too large for `all`, or in need of an argument. */
const atRequest: ReadonlySet<string> = new Set([
  'published',
  'full-depth',
  'models',
  'story-length',
  'farm-simulation',
]);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    model: { type: 'string' },
    against: { type: 'string' },
    device: { type: 'string', default: 'cpu' },
    threads: { type: 'string' },
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
  },
});
const names = positionals[0] === 'all' ? Object.keys(benchmarks).filter((name) => !atRequest.has(name)) : positionals;
const known = names.every((name) => name in benchmarks) && names.length > 0;
const device = values.device;
if (!known || (device !== 'cpu' && device !== 'webgpu')) {
  console.error(
    `usage: npm run bench -- ${Object.keys(benchmarks).join('|')}|all [--model <folder>] [--against <folder>] [--device cpu|webgpu] [--threads n] [--quick]`,
  );
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), 'throughline-bench-'));
try {
  const context: BenchContext = {
    ...chooseModel(values.model, folder),
    device: device satisfies DeviceName,
    threads: Number(values.threads ?? Math.min(availableParallelism(), 8)),
    quick: values.quick,
    ...(values.only === undefined ? {} : { only: values.only }),
    ...(values.against === undefined ? {} : { against: values.against }),
    folder,
  };
  console.log(`${machine()}\nmodel: ${context.modelName}; ${device}, ${context.threads} threads`);
  for (const name of names) {
    console.log(`\n## ${name}\n`);
    await benchmarks[name]?.(context);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
