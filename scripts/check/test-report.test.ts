import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { duration, root, StepTimes } from './steps.ts';
import { failureLines, playwrightCounts, type TestCounts, vitestCounts } from './test-report.ts';
import { reportVariable } from './test-reporter.ts';

/** Runs vitest on files of this content, as the check does. */
function runVitest(files: Readonly<Record<string, string>>, ...args: string[]): TestCounts {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-report-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const reportFile = join(folder, 'report.json');
  const { status } = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules/vitest/vitest.mjs'),
      ...['run', '--root', folder, '--globals', '--pool=forks', '--maxWorkers=1', ...args],
      ...['--reporter', join(root, 'scripts/check/test-reporter.ts')],
    ],
    { env: { ...process.env, [reportVariable]: reportFile } },
  );
  return vitestCounts(existsSync(reportFile) ? readFileSync(reportFile, 'utf8') : null, status);
}

test('names what failed, with what it said: a test, a group, a file that cannot be read, an error of nobody', () => {
  const { failures, ...rest } = runVitest({
    'a.test.js': `test('adds', () => {});
      test('leaks', () => { setTimeout(() => { throw new Error('late') }, 1); return new Promise((go) => setTimeout(go, 200)) })`,
    'b.test.js': "describe('films', () => { test('are whole', () => expect({ frames: 3 }).toEqual({ frames: 4 })) })",
    'c.test.js': "import './nowhere.js'",
    'd.test.js': "describe('bad', () => { beforeAll(() => { throw new Error('no disk') }); test('waits', () => {}) })",
  });
  expect(rest).toEqual({ passed: 2, failed: 4, flaky: [] });
  const said = Object.fromEntries(failures.map(({ name, message }) => [name, message]));
  expect(Object.keys(said).sort()).toEqual([
    'b.test.js: films > are whole',
    'c.test.js',
    'd.test.js: bad',
    'outside of any test',
  ]);
  expect(said['b.test.js: films > are whole']).toMatch(
    /to deeply equal[\s\S]*-\s+"frames": 4,\n\+\s+"frames": 3,[\s\S]*b\.test\.js:1/,
  );
  expect(said['c.test.js']).toContain('nowhere.js');
  expect(said['d.test.js: bad']).toContain('no disk');
  expect(said['outside of any test']).toContain('late');
});

test('where the first failure ends the run, what has not run is not named', () => {
  const waits = "test('waits', () => new Promise((go) => setTimeout(go, 100)))";
  const files = { 'a.test.js': "test('breaks', () => expect(1).toBe(2))", 'b.test.js': waits, 'c.test.js': waits };
  const { failed, failures } = runVitest(files, '--bail=1');
  expect([failed, failures.map(({ name }) => name)]).toEqual([1, ['a.test.js: breaks']]);
});

test('what passed only when run again is named', () => {
  const text = "let runs = 0; test('races', () => { if (runs++ === 0) throw new Error('too early') })";
  expect(runVitest({ 'a.test.js': text }, '--retry=1')).toEqual({
    passed: 1,
    failed: 0,
    failures: [],
    flaky: ['a.test.js: races'],
  });
});

test('a failure is said with its message, and a long one is cut', () => {
  expect(failureLines({ name: 'a: b', message: '' })).toEqual(['Failed: a: b']);
  expect(failureLines({ name: 'a: b', message: 'one\n\ntwo' })).toEqual(['Failed: a: b', '    one', '', '    two']);
  const long = failureLines({ name: 'a: b', message: Array.from({ length: 40 }, (_, i) => `line ${i}`).join('\n') });
  expect(long).toHaveLength(27);
  expect(long.slice(-2)).toEqual(['    line 24', '    and 15 more lines, above']);
});

test('a run without a report, or that failed without a failed test, is one failure', () => {
  const nothing = { passed: 0, failed: 1, failures: [], flaky: [] };
  expect(vitestCounts(null, 1)).toEqual(nothing);
  expect(vitestCounts('not JSON', null)).toEqual(nothing);
  expect(playwrightCounts(null, 1)).toEqual(nothing);
  expect(vitestCounts('{"passed":3,"failed":0}', 1)).toMatchObject({ passed: 3, failed: 1 });
  expect(vitestCounts('{"passed":3,"failed":0}', 0)).toMatchObject({ passed: 3, failed: 0 });
});

test('end to end: the one that failed is named, not those that were not run after it', () => {
  const broken = { status: 'unexpected', results: [{ errors: [{ message: '\u001b[31mno such shot\u001b[39m' }] }] };
  const report = JSON.stringify({
    stats: { expected: 2, unexpected: 1, flaky: 1 },
    suites: [
      {
        specs: [
          { ok: true, title: 'opens', file: 'graph.spec.ts', tests: [{ status: 'expected' }] },
          { ok: true, title: 'blinks', file: 'graph.spec.ts', tests: [{ status: 'flaky' }] },
          { ok: false, title: 'drags', file: 'graph.spec.ts', tests: [broken] },
        ],
        suites: [{ specs: [{ ok: false, title: 'never run', file: 'queue.spec.ts', tests: [{ status: 'skipped' }] }] }],
      },
    ],
  });
  expect(playwrightCounts(report, 1)).toEqual({
    passed: 3,
    failed: 1,
    failures: [{ name: 'graph.spec.ts: drags', message: 'no such shot' }],
    flaky: ['graph.spec.ts: blinks'],
  });
});

test('times are said as people say them, the longest step first', () => {
  expect([duration(0), duration(3240), duration(250_400)]).toEqual(['0.0 s', '3.2 s', '4 min 10 s']);
  const times = new StepTimes();
  times.measure('short', () => {});
  times.measure('long', () => {
    const until = performance.now() + 5;
    while (performance.now() < until);
  });
  expect(times.summary()).toMatch(/^Time: long \d+\.\d s, short \d+\.\d s$/);
});
