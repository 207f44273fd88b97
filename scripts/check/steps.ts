import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '../..');

/** A check that needs no test. */
export interface Step {
  readonly name: string;
  /** The package's own entry file, run with this Node: `.bin` holds shell scripts on Windows. */
  readonly program: string;
  readonly args: readonly string[];
}

/** These have a window, so they are checked against other libraries. */
const windowProjects = ['src/renderer', 'src/preload'].filter((folder) =>
  existsSync(join(root, folder, 'tsconfig.json')),
);

/** git keeps no empty folders: one may be missing on a fresh clone. */
const sourceFolders = ['src', 'tests', 'bench', 'scripts'].filter((folder) => existsSync(join(root, folder)));

export const typeSteps: readonly Step[] = [
  { name: 'types', program: 'typescript/bin/tsc', args: ['--noEmit'] },
  ...windowProjects.map((folder) => ({
    name: `types of ${folder}`,
    program: 'typescript/bin/tsc',
    args: ['--noEmit', '--project', join(root, folder)],
  })),
];

/** In order: what takes least and fails most comes first. */
export const steps: readonly Step[] = [
  ...typeSteps,
  { name: 'lint and format', program: '@biomejs/biome/bin/biome', args: ['check', '--error-on-warnings', '.'] },
  {
    name: 'import boundaries',
    program: 'dependency-cruiser/bin/dependency-cruiser.mjs',
    args: ['--config', '.dependency-cruiser.mjs', '--output-type', 'err-long', ...sourceFolders],
  },
];

/** Runs a package's program with this Node. */
export function run(program: string, args: readonly string[], stdio: 'pipe' | 'inherit') {
  return spawnSync(process.execPath, [join(root, 'node_modules', program), ...args], {
    cwd: root,
    stdio,
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  });
}

/** Runs steps until one fails, saying how each went and how long it took. @returns the one that failed; null if none */
export function runSteps(wanted: readonly Step[], times: StepTimes, say: (line: string) => void): Step | null {
  for (const step of wanted) {
    const result = times.measure(step.name, () => run(step.program, step.args, 'pipe'));
    const passed = result.status === 0;
    if (!passed) say(`${result.stdout}${result.stderr}${result.error?.message ?? ''}`.trimEnd());
    say(`${step.name}: ${passed ? 'ok' : 'failed'} (${times.text(step.name)})`);
    if (!passed) return step;
  }
  return null;
}

/** How long each step took. */
export class StepTimes {
  readonly #ms = new Map<string, number>();

  measure<T>(name: string, work: () => T): T {
    const started = performance.now();
    try {
      return work();
    } finally {
      this.#ms.set(name, performance.now() - started);
    }
  }

  text(name: string): string {
    return duration(this.#ms.get(name) ?? 0);
  }

  /** One line: every step, the longest first. */
  summary(): string {
    const all = [...this.#ms].sort(([, a], [, b]) => b - a).map(([name, ms]) => `${name} ${duration(ms)}`);
    return `Time: ${all.join(', ')}`;
  }
}

/** `3.2 s`, `4 min 10 s`. */
export function duration(ms: number): string {
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
