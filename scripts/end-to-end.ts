import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findBrowser } from './find-browser.ts';

const root = join(import.meta.dirname, '..');

interface Counts {
  readonly passed: number;
  readonly failed: number;
}

/**
 * Runs the Playwright suite, saying in which browser. In CI it stops at the first failure. A run that never got to its
 * tests is one failure.
 * @param args for Playwright
 */
export function runEndToEnd(args: readonly string[]): Counts {
  try {
    const { path, origin } = findBrowser((line) => console.log(line));
    console.log(`\nEnd to end in ${origin} (${path})`);
  } catch (error) {
    console.log(error instanceof Error ? error.message : error);
    return { passed: 0, failed: 1 };
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
  const counts = countTests(reportFile, status);
  rmSync(folder, { recursive: true, force: true });
  return counts;
}

function countTests(reportFile: string, status: number | null): Counts {
  try {
    const { stats } = JSON.parse(readFileSync(reportFile, 'utf8')) as {
      readonly stats: { readonly expected: number; readonly unexpected: number };
    };
    const { expected: passed, unexpected: failed } = stats;
    return { passed, failed: status !== 0 && failed === 0 ? 1 : failed };
  } catch {
    return { passed: 0, failed: 1 }; // Playwright itself fell over, and has said why
  }
}
