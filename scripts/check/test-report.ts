import { stripVTControlCharacters } from 'node:util';

/** A test that failed; or a file or a group of them that failed as one. */
export interface Failure {
  /** With its file. */
  readonly name: string;
  /** What it said, without colours. */
  readonly message: string;
}

/** What a run of tests came to. */
export interface TestCounts {
  readonly passed: number;
  /** At least 1 where the run failed: one that never got to its tests is one failure. */
  readonly failed: number;
  /** Empty where the run failed without a test that did. */
  readonly failures: readonly Failure[];
  /** Names of those that failed once and passed when they were run again alone: each hides a fault in test or product. */
  readonly flaky: readonly string[];
}

/** So much of a message is said again at the end; the whole stands above. */
const linesOfMessage = 25;

/** What is said of a failure, a line each: whoever sees nothing but the end of a log knows what failed, and how. */
export function failureLines({ name, message }: Failure): string[] {
  const lines = message.split('\n');
  const shown = lines.slice(0, linesOfMessage).map((line) => `    ${line}`.trimEnd());
  const left = lines.length - shown.length;
  return [`Failed: ${name}`, ...(message ? shown : []), ...(left > 0 ? [`    and ${left} more lines, above`] : [])];
}

/**
 * Reads what the reporter of vitest wrote.
 * @param text null where there is nothing: vitest itself fell over, and has said why
 * @param status its exit status
 */
export function vitestCounts(text: string | null, status: number | null): TestCounts {
  const report = parse<TestCounts>(text);
  return counts(report?.passed ?? 0, report?.failed ?? 0, status, report?.failures ?? [], report?.flaky ?? []);
}

interface PlaywrightSuite {
  readonly suites?: readonly PlaywrightSuite[];
  readonly specs?: readonly {
    readonly ok: boolean;
    readonly title: string;
    readonly file: string;
    readonly tests: readonly {
      readonly status: string;
      readonly results?: readonly { readonly errors?: readonly { readonly message?: string }[] }[];
    }[];
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
  const nameOf = ({ file, title }: { readonly file: string; readonly title: string }) => `${file}: ${title}`;
  const failures = specs
    .filter(({ tests }) => tests.some((test) => test.status === 'unexpected'))
    .map((spec) => {
      const errors = spec.tests.flatMap(({ results = [] }) => results.at(-1)?.errors ?? []);
      const message = errors.map((error) => error.message ?? '').join('\n');
      return { name: nameOf(spec), message: stripVTControlCharacters(message) };
    });
  const again = specs.filter(({ tests }) => tests.some((test) => test.status === 'flaky'));
  return counts(expected + flaky, unexpected, status, failures, again.map(nameOf));
}

function specsOf({ suites = [], specs = [] }: PlaywrightSuite): NonNullable<PlaywrightSuite['specs']> {
  return [...specs, ...suites.flatMap(specsOf)];
}

function counts(
  passed: number,
  failed: number,
  status: number | null,
  failures: readonly Failure[],
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
