import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { playwrightCounts, type TestCounts } from './check/test-report.ts';
import { findBrowser } from './find-browser.ts';

const root = join(import.meta.dirname, '..');

/**
 * Runs the Playwright suite, saying in which browser. In CI it stops at the first failure.
 * @param args for Playwright
 */
export function runEndToEnd(args: readonly string[]): TestCounts {
  try {
    const { path, origin } = findBrowser((line) => console.log(line));
    console.log(`\nEnd to end in ${origin} (${path})`);
  } catch (error) {
    console.log(error instanceof Error ? error.message : error);
    return { passed: 0, failed: 1, failures: [{ name: 'finding a browser', message: '' }], flaky: [] };
  }
  const folder = mkdtempSync(join(tmpdir(), 'throughline-e2e-report-'));
  const reportFile = join(folder, 'report.json');
  const { status } = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules/@playwright/test/cli.js'),
      ...['test', '--config', join(root, 'tests/e2e/playwright.config.ts'), '--reporter=list,json'],
      ...(process.env.CI ? ['--max-failures=1'] : []),
      ...args,
    ],
    { cwd: root, stdio: 'inherit', env: { ...process.env, PLAYWRIGHT_JSON_OUTPUT_NAME: reportFile } },
  );
  const report = existsSync(reportFile) ? readFileSync(reportFile, 'utf8') : null;
  rmSync(folder, { recursive: true, force: true });
  const counts = playwrightCounts(report, status);
  for (const name of counts.flaky) console.log(`Passed only when run again: ${name}`);
  return counts;
}
