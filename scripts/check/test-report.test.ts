import { expect, test } from 'vitest';
import { duration, StepTimes } from './steps.ts';
import { playwrightCounts, vitestCounts } from './test-report.ts';

const vitestReport = JSON.stringify({
  numPassedTests: 7,
  numFailedTests: 1,
  testResults: [
    { name: '/repo/src/a.test.ts', status: 'passed', assertionResults: [{ status: 'passed', fullName: 'adds' }] },
    {
      name: '/repo/src/b.test.ts',
      status: 'failed',
      assertionResults: [
        { status: 'failed', fullName: 'a film is whole' },
        { status: 'skipped', fullName: 'and another' },
      ],
    },
    { name: '/repo/src/c.test.ts', status: 'failed', assertionResults: [] },
  ],
});

test('names the tests that failed, and files that could not be read at all', () => {
  expect(vitestCounts(vitestReport, 1, '/repo')).toEqual({
    passed: 7,
    failed: 1,
    failures: ['src/b.test.ts: a film is whole', 'src/c.test.ts'],
    flaky: [],
  });
});

test('a run without a report, or that failed without a failed test, is one failure', () => {
  const nothing = { passed: 0, failed: 1, failures: [], flaky: [] };
  expect(vitestCounts(null, 1, '/repo')).toEqual(nothing);
  expect(vitestCounts('not JSON', null, '/repo')).toEqual(nothing);
  expect(playwrightCounts(null, 1)).toEqual(nothing);
  expect(vitestCounts('{"numPassedTests":3,"numFailedTests":0}', 1, '/repo')).toMatchObject({ passed: 3, failed: 1 });
  expect(vitestCounts('{"numPassedTests":3,"numFailedTests":0}', 0, '/repo')).toMatchObject({ passed: 3, failed: 0 });
});

test('end to end: the one that failed is named, not those that were not run after it', () => {
  const report = JSON.stringify({
    stats: { expected: 2, unexpected: 1, flaky: 1 },
    suites: [
      {
        specs: [
          { ok: true, title: 'opens', file: 'graph.spec.ts', tests: [{ status: 'expected' }] },
          { ok: true, title: 'blinks', file: 'graph.spec.ts', tests: [{ status: 'flaky' }] },
          { ok: false, title: 'drags', file: 'graph.spec.ts', tests: [{ status: 'unexpected' }] },
        ],
        suites: [{ specs: [{ ok: false, title: 'never run', file: 'queue.spec.ts', tests: [{ status: 'skipped' }] }] }],
      },
    ],
  });
  expect(playwrightCounts(report, 1)).toEqual({
    passed: 3,
    failed: 1,
    failures: ['graph.spec.ts: drags'],
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
