/**
 * Everything a change must pass: types, lint and format, import boundaries, tests, and the editor end to end in a
 * browser. Stops at the first thing that fails, and names it. Run by `npm test` and `npm run check`. Arguments go to
 * vitest, and then nothing is run end to end: `npm test -- src/shared`.
 *
 * The last line is always `N passed, N failed`, counted in tests; a step that fails before the tests counts as one.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, run, runSteps, StepTimes, steps } from './check/steps.ts';
import { type Failure, failureLines, type TestCounts, vitestCounts } from './check/test-report.ts';
import { reportVariable } from './check/test-reporter.ts';
import { runEndToEnd } from './end-to-end.ts';
import { findBrowser } from './find-browser.ts';

const only = process.argv.slice(2);
const times = new StepTimes();
const say = (line: string): void => console.log(line);

function finish(passed: number, failed: number, failures: readonly Failure[] = []): never {
  say('');
  for (const line of failures.flatMap(failureLines)) say(line);
  say(times.summary());
  say(`${passed} passed, ${failed} failed`);
  process.exit(failed === 0 ? 0 : 1);
}

function runTests(): TestCounts {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-check-'));
  const reportFile = join(folder, 'tests.json');
  process.env[reportVariable] = reportFile;
  const reporters = ['--reporter=default', `--reporter=${join(root, 'scripts/check/test-reporter.ts')}`];
  const { status } = times.measure('tests', () =>
    run('vitest/vitest.mjs', ['run', '--bail=1', ...reporters, ...only], 'inherit'),
  );
  const report = existsSync(reportFile) ? readFileSync(reportFile, 'utf8') : null;
  rmSync(folder, { recursive: true, force: true });
  const counts = vitestCounts(report, status);
  for (const name of counts.flaky) say(`Passed only when run again: ${name}`);
  return counts;
}

// Looked for first: that there is none should not be heard after ten minutes.
if (only.length === 0) {
  try {
    const { path, origin } = times.measure('finding a browser', () => findBrowser(say));
    say(`browser: ${origin} (${path})`);
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    finish(0, 1, [{ name: 'finding a browser', message: '' }]);
  }
}
const failedStep = runSteps(steps, times, say);
if (failedStep) finish(0, 1, [{ name: failedStep.name, message: '' }]);
const tests = runTests();
say(`tests: ${tests.failed === 0 ? 'ok' : 'failed'} (${times.text('tests')})`);
if (tests.failed > 0 || only.length > 0) finish(tests.passed, tests.failed, tests.failures);
const endToEnd = times.measure('end to end', () => runEndToEnd(['-x']));
say(`end to end: ${endToEnd.failed === 0 ? 'ok' : 'failed'} (${times.text('end to end')})`);
finish(tests.passed + endToEnd.passed, endToEnd.failed, endToEnd.failures);
