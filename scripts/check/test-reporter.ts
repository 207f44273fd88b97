import { writeFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import type { SerializedError } from 'vitest';
import type { Reporter, TestModule } from 'vitest/node';
import type { Failure, TestCounts } from './test-report.ts';

/** Names the file that {@link TestReporter} writes. */
export const reportVariable = 'THROUGHLINE_TEST_REPORT';

/** A reporter of vitest that writes {@link TestCounts}: what has not run because another failed is not among them. */
export default class TestReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const file = process.env[reportVariable];
    if (file) writeFileSync(file, JSON.stringify(countsOf(modules, unhandled)));
  }
}

function countsOf(modules: readonly TestModule[], unhandled: readonly SerializedError[]): TestCounts {
  let passed = 0;
  const failures: Failure[] = [];
  const flaky: string[] = [];
  for (const module of modules) {
    if (module.errors().length > 0) failures.push({ name: module.relativeModuleId, message: said(module.errors()) });
    for (const suite of module.children.allSuites())
      if (suite.errors().length > 0)
        failures.push({ name: `${module.relativeModuleId}: ${suite.fullName}`, message: said(suite.errors()) });
    for (const test of module.children.allTests()) {
      const { state, errors = [] } = test.result();
      const name = `${module.relativeModuleId}: ${test.fullName}`;
      if (state === 'passed') passed++;
      if (state === 'failed') failures.push({ name, message: said(errors) });
      if (test.diagnostic()?.flaky) flaky.push(name);
    }
  }
  if (unhandled.length > 0) failures.push({ name: 'outside of any test', message: said(unhandled) });
  return { passed, failed: failures.length, failures, flaky };
}

/** What errors say, and where in a file of ours; with what was wanted and what came, where that is known. */
function said(errors: readonly (SerializedError & { diff?: string; stacks?: { file: string; line: number }[] })[]) {
  const texts = errors.map(({ message, diff, stacks }) => {
    const at = stacks?.find(({ file }) => !file.includes('node_modules'));
    return [message, diff, at && `at ${at.file}:${at.line}`].filter(Boolean).join('\n');
  });
  return stripVTControlCharacters(texts.join('\n'));
}
