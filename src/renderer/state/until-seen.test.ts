import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ProjectState } from '../../shared/api/types.ts';
import { reduceEvent, useStudio } from './studio.ts';
import { untilSeen } from './until-seen.ts';

const project = (id: string, revision: number) =>
  ({ id, revision, document: { title: '', shots: [] } }) as unknown as ProjectState;

/** As the event stream tells of the open project. */
function told(open: ProjectState | null): void {
  useStudio.setState(reduceEvent(useStudio.getState(), { type: 'project', project: open }));
}

/** What a promise has come to by now. */
async function now(promise: Promise<boolean>): Promise<boolean | 'waits'> {
  return Promise.race([promise, new Promise<'waits'>((resolve) => setImmediate(() => resolve('waits')))]);
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  useStudio.setState(useStudio.getInitialState(), true);
  told(null);
});
afterEach(() => vi.useRealTimers());

test('a project that was just made is waited for until its event is folded', async () => {
  const seen = untilSeen('new', { revision: 0 });
  expect(await now(seen)).toBe('waits');
  useStudio.setState({ queue: { paused: true, jobs: [] } });
  expect(await now(seen)).toBe('waits');
  told(project('new', 0));
  expect(await now(seen)).toBe(true);
});

test('one opened from another is waited for, and so is a revision of the open one', async () => {
  told(project('old', 7));
  const opened = untilSeen('new', { revision: 0 });
  told(project('old', 8));
  expect(await now(opened)).toBe('waits');
  told(project('new', 0));
  expect(await now(opened)).toBe(true);
  const changed = untilSeen('new', { revision: 2 });
  told(project('new', 1));
  expect(await now(changed)).toBe('waits');
  told(project('new', 3));
  expect(await now(changed)).toBe(true);
});

test('what is known already is not waited for', async () => {
  told(project('new', 4));
  expect(await now(untilSeen('new', { revision: 4 }))).toBe(true);
});

test('a connection that begins anew is waited through', async () => {
  const seen = untilSeen('new', { revision: 1 });
  told(project('new', 0));
  useStudio.setState({ known: false, project: null, document: null });
  expect(await now(seen)).toBe('waits');
  told(project('new', 1));
  expect(await now(seen)).toBe(true);
});

test('it is over where another project is opened, or this one closed', async () => {
  const other = untilSeen('new', { revision: 0 });
  told(project('other', 0));
  expect(await now(other)).toBe(false);
  told(project('new', 0));
  const closed = untilSeen('new', { revision: 1 });
  told(null);
  expect(await now(closed)).toBe(false);
});

test('it never waits for good', async () => {
  const seen = untilSeen('new', { revision: 0 });
  expect(await now(seen)).toBe('waits');
  vi.runAllTimers();
  expect(await now(seen)).toBe(false);
});
