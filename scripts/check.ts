/**
 * Everything a change must pass: types, lint and format, import boundaries, tests, and the editor end to end in a
 * browser. Stops at the first that fails. Run by `npm test` and `npm run check`. Arguments go to vitest, and then
 * nothing is run end to end: `npm test -- src/shared`.
 *
 * The last line is always `N passed, N failed`, counted in tests; a step that fails before the tests counts as one.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runEndToEnd } from './end-to-end.ts';

const root = join(import.meta.dirname, '..');
/** These have a window, so they are checked against other libraries. */
const windowProjects = ['src/renderer', 'src/preload'].filter((folder) =>
  existsSync(join(root, folder, 'tsconfig.json')),
);

/** git keeps no empty folders: one may be missing on a fresh clone. */
const sourceFolders = ['src', 'tests', 'bench', 'scripts'].filter((folder) => existsSync(join(root, folder)));

interface Step {
  readonly name: string;
  /** The package's own entry file, run with this Node: `.bin` holds shell scripts on Windows. */
  readonly program: string;
  readonly args: readonly string[];
}

const steps: readonly Step[] = [
  { name: 'types', program: 'typescript/bin/tsc', args: ['--noEmit'] },
  ...windowProjects.map((folder) => ({
    name: `types of ${folder}`,
    program: 'typescript/bin/tsc',
    args: ['--noEmit', '--project', join(root, folder)],
  })),
  { name: 'lint and format', program: '@biomejs/biome/bin/biome', args: ['check', '--error-on-warnings', '.'] },
  {
    name: 'import boundaries',
    program: 'dependency-cruiser/bin/dependency-cruiser.mjs',
    args: ['--config', '.dependency-cruiser.mjs', '--output-type', 'err-long', ...sourceFolders],
  },
];

function run(program: string, args: readonly string[], stdio: 'pipe' | 'inherit') {
  return spawnSync(process.execPath, [join(root, 'node_modules', program), ...args], {
    cwd: root,
    stdio,
    encoding: 'utf8',
  });
}

/** Passed and failed tests, from vitest's JSON report; a run that never got to its tests is one failure. */
function countTests(reportFile: string, status: number | null): { passed: number; failed: number } {
  let passed = 0;
  let failed = 0;
  try {
    const report = JSON.parse(readFileSync(reportFile, 'utf8'));
    passed = report.numPassedTests;
    failed = report.numFailedTests;
  } catch {
    // No report: vitest itself fell over, and has said why.
  }
  return { passed, failed: status !== 0 && failed === 0 ? 1 : failed };
}

function finish(passed: number, failed: number): never {
  console.log(`\n${passed} passed, ${failed} failed`);
  process.exit(failed === 0 ? 0 : 1);
}

for (const step of steps) {
  const started = performance.now();
  const result = run(step.program, step.args, 'pipe');
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (result.status !== 0) {
    process.stdout.write(`${result.stdout}${result.stderr}\n`);
    console.log(`${step.name}: failed (${seconds} s)`);
    finish(0, 1);
  }
  console.log(`${step.name}: ok (${seconds} s)`);
}

const folder = mkdtempSync(join(tmpdir(), 'throughline-check-'));
const reportFile = join(folder, 'tests.json');
const only = process.argv.slice(2);
const tests = run(
  'vitest/vitest.mjs',
  ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`, ...only],
  'inherit',
);
const { passed, failed } = countTests(reportFile, tests.status);
rmSync(folder, { recursive: true, force: true });
if (failed > 0 || only.length > 0) finish(passed, failed);
const endToEnd = runEndToEnd([]);
finish(passed + endToEnd.passed, endToEnd.failed);
