import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  isFinished,
  liveAttempt,
  type QueuedJob,
  type QueueEvent,
  type QueueState,
  queueOf,
  reduceQueue,
} from './queue-state.ts';

const job = (id: string, state: QueuedJob['state'] = 'waiting'): QueuedJob => ({
  ...{ id, title: id, shotIds: [`${id}-shot`], state, chunksDone: 0, chunksTotal: 3, error: null },
});
const error = { code: 'internal', message: 'no', hint: '' } as const;
const after = (state: QueueState, ...events: QueueEvent[]): QueueState => events.reduce(reduceQueue, state);
const started = after(queueOf([job('a'), job('b')], false), { type: 'released' });
const stateOf = (state: QueueState, id: string) => state.jobs.find((other) => other.id === id)?.state;

test('a job that is cancelled while the model loads stays cancelled when the queue is paused then', () => {
  const state = after(
    started,
    { type: 'cancelled', jobId: 'a' },
    { type: 'paused' },
    { type: 'planned', attempt: 1, missing: 3 },
    { type: 'attempt-ended', attempt: 1 },
    { type: 'resumed' },
  );
  expect(stateOf(state, 'a')).toBe('cancelled');
  expect(state.attempt).toMatchObject({ id: 2, jobId: 'b' });
});

test('retry right after cancel counts, although the cancelled attempt has not ended yet', () => {
  const state = after(
    started,
    { type: 'cancelled', jobId: 'a' },
    { type: 'retried', jobId: 'a' },
    { type: 'attempt-failed', attempt: 1, failure: { kind: 'cancelled' } },
  );
  expect(stateOf(state, 'a')).toBe('waiting');
  const next = after(state, { type: 'attempt-ended', attempt: 1 });
  expect(next.attempt).toMatchObject({ id: 2, jobId: 'a', stopping: false });
});

test('a pause of a person during an interruption holds, and two interruptions end where they began', () => {
  const twice = after(started, { type: 'held' }, { type: 'held' }, { type: 'attempt-ended', attempt: 1 });
  expect(stateOf(twice, 'a')).toBe('waiting');
  const one = after(twice, { type: 'released' });
  expect(one.attempt).toBeNull();
  expect(after(one, { type: 'released' })).toMatchObject({ paused: false, attempt: { jobId: 'a' } });
  expect(after(twice, { type: 'paused' }, { type: 'released' }, { type: 'released' })).toMatchObject({
    ...{ paused: true, attempt: null },
  });
});

test('a pause lets the chunk at hand be finished; then the job is paused', () => {
  const chunk = after(started, { type: 'planned', attempt: 1, missing: 3 }, { type: 'paused' });
  expect(liveAttempt(chunk)?.id).toBe(1);
  const done = after(
    chunk,
    { type: 'chunk-done', attempt: 1, chunkKey: 'k', jobIds: ['a'] },
    { type: 'planned', attempt: 1, missing: 2 },
    { type: 'attempt-ended', attempt: 1 },
  );
  expect(done.jobs[0]).toMatchObject({ state: 'paused', chunksDone: 1, chunksTotal: 3 });
  expect(done.attempt).toBeNull();
  expect(after(done, { type: 'resumed' }).attempt).toMatchObject({ id: 2, jobId: 'a' });
});

const ids = ['a', 'b', 'c', 'd'];
const jobId = fc.constantFrom(...ids);
const attempt = fc.integer({ min: 1, max: 8 });
const command: fc.Arbitrary<QueueEvent> = fc.oneof(
  jobId.map((id) => ({ type: 'cancelled' as const, jobId: id })),
  jobId.map((id) => ({ type: 'retried' as const, jobId: id })),
  jobId.map((id) => ({ type: 'dismissed' as const, jobId: id })),
  fc.shuffledSubarray(ids).map((jobIds) => ({ type: 'reordered' as const, jobIds })),
  fc.constantFrom(
    ...([{ type: 'paused' }, { type: 'resumed' }, { type: 'held' }, { type: 'released' }] satisfies QueueEvent[]),
  ),
);
const report: fc.Arbitrary<QueueEvent> = attempt.chain((id) =>
  fc.oneof(
    fc.nat(3).map((missing) => ({ type: 'planned' as const, attempt: id, missing })),
    fc.subarray(['a', 'b', 'c']).map((jobIds) => ({ type: 'chunk-done' as const, attempt: id, chunkKey: 'k', jobIds })),
    fc
      .constantFrom({ kind: 'cancelled' as const }, { kind: 'again' as const }, { kind: 'failed' as const, error })
      .map((failure) => ({ type: 'attempt-failed' as const, attempt: id, failure })),
    fc.constant({ type: 'attempt-ended' as const, attempt: id }),
  ),
);

/** What holds of every queue. */
function check(state: QueueState): void {
  const running = state.jobs.filter((other) => other.state === 'running');
  const live = liveAttempt(state);
  expect(running.map(({ id }) => id)).toEqual(live ? [live.jobId] : []);
  // Something that can be worked on is worked on, unless somebody said not to.
  const mayWork = !state.paused && state.holds === 0 && !state.closed && state.attempt === null;
  if (mayWork) expect(state.jobs.some((other) => other.state === 'waiting')).toBe(false);
  if (state.holds > 0 || state.closed) expect(live).toBeNull();
}

test('whatever is asked, and whatever attempts report in whatever order: one job runs, none is stuck or comes back', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(command, report), { maxLength: 80 }), (events) => {
      let state = after(
        queueOf(
          ids.map((id) => job(id)),
          false,
        ),
        { type: 'released' },
      );
      check(state);
      for (const event of events) {
        const next = reduceQueue(state, event);
        check(next);
        for (const before of state.jobs) {
          const now = next.jobs.find(({ id }) => id === before.id);
          // What is over stays as it is, unless it is retried.
          if (now && isFinished(before) && event.type !== 'retried') expect(now).toEqual(before);
          // Only who asks for it loses a job.
          if (!now) expect(event).toEqual({ type: 'dismissed', jobId: before.id });
          // Chunks that are done are never taken back but by a retry.
          if (now && event.type !== 'retried') expect(now.chunksDone).toBeGreaterThanOrEqual(before.chunksDone);
        }
        if (event.type === 'paused') expect(next.paused).toBe(true);
        else if (event.type !== 'resumed') expect(next.paused).toBe(state.paused);
        // Reports of an attempt that is over or to end change no job.
        if ('attempt' in event && liveAttempt(state)?.id !== event.attempt) {
          const others = next.attempt?.id === state.attempt?.id;
          if (others) expect(next.jobs).toEqual(state.jobs);
        }
        state = next;
      }
      // Left and opened again, everything that was not over waits.
      const left = queueOf(after(state, { type: 'closed' }).jobs, false);
      expect(left.jobs.every((other) => isFinished(other) || other.state === 'waiting')).toBe(true);
      // And let go, an honest worker brings all of it to an end.
      let going = after(left, { type: 'released' });
      for (let i = 0; going.attempt && i < 100; i++) {
        const { id } = going.attempt;
        going = after(going, { type: 'planned', attempt: id, missing: 0 }, { type: 'attempt-ended', attempt: id });
      }
      expect(going.jobs.every(isFinished)).toBe(true);
    }),
    { seed: 20, numRuns: 500 },
  );
});
