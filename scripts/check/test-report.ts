/** What a run of tests came to. */
export interface TestCounts {
  readonly passed: number;
  /** At least 1 where the run failed: one that never got to its tests is one failure. */
  readonly failed: number;
  /** Names of the tests that failed, with their files; empty where the run failed without one. */
  readonly failures: readonly string[];
  /** Names of those that failed once and passed when they were run again alone: each hides a fault in test or product. */
  readonly flaky: readonly string[];
}

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults?: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults?: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

/**
 * Reads vitest's JSON report.
 * @param text null where there is none: vitest itself fell over, and has said why
 * @param status its exit status
 * @param root the repository, to name files from
 */
export function vitestCounts(text: string | null, status: number | null, root: string): TestCounts {
  const report = parse<VitestReport>(text);
  const files = report?.testResults ?? [];
  const failures = files.flatMap(({ name, status: how, assertionResults = [] }) => {
    const file = name.replace(`${root}/`, '');
    const tests = assertionResults
      .filter((test) => test.status === 'failed')
      .map((test) => `${file}: ${test.fullName}`);
    return tests.length === 0 && how === 'failed' ? [file] : tests;
  });
  return counts(report?.numPassedTests ?? 0, report?.numFailedTests ?? 0, status, failures, []);
}

interface PlaywrightSuite {
  readonly suites?: readonly PlaywrightSuite[];
  readonly specs?: readonly {
    readonly ok: boolean;
    readonly title: string;
    readonly file: string;
    readonly tests: readonly { readonly status: string }[];
  }[];
}

/** Reads Playwright's JSON report, as {@link vitestCounts} does. */
export function playwrightCounts(text: string | null, status: number | null): TestCounts {
  const report = parse<
    PlaywrightSuite & {
      readonly stats: { readonly expected: number; readonly unexpected: number; readonly flaky: number };
    }
  >(text);
  const { expected, unexpected, flaky } = report?.stats ?? { expected: 0, unexpected: 0, flaky: 0 };
  const specs = report ? specsOf(report) : [];
  // After the first failure the others were not run, and are not ok either.
  const failures = specs.filter(({ ok }) => !ok).slice(0, unexpected);
  const again = specs.filter(({ tests }) => tests.some((test) => test.status === 'flaky'));
  const name = ({ file, title }: { readonly file: string; readonly title: string }) => `${file}: ${title}`;
  return counts(expected + flaky, unexpected, status, failures.map(name), again.map(name));
}

function specsOf({ suites = [], specs = [] }: PlaywrightSuite): NonNullable<PlaywrightSuite['specs']> {
  return [...specs, ...suites.flatMap(specsOf)];
}

function counts(
  passed: number,
  failed: number,
  status: number | null,
  failures: readonly string[],
  flaky: readonly string[],
): TestCounts {
  return { passed, failed: status !== 0 && failed === 0 ? 1 : failed, failures, flaky };
}

function parse<T>(text: string | null): T | null {
  if (text === null) return null;
  try {
    return JSON.parse(text) as T;
  } catch {
    return null;
  }
}
