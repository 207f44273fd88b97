import { setMaxListeners } from 'node:events';
import type { RunCall, RunWorker } from './run-worker.ts';
import type { PlannedRun } from './runs.ts';
import { Schedule } from './schedule.ts';

export interface MakeRunsOptions {
  readonly runs: readonly PlannedRun[];
  readonly worker: RunWorker;
  /** What the worker is told of each run. */
  readonly callFor: (run: PlannedRun) => RunCall;
  readonly signal?: AbortSignal;
}

/**
 * Has runs made, each as soon as what it waits for is there and the worker takes another. The first failure ends the
 * others, and is thrown once they have ended.
 * @throws what the worker throws; CancelledError once `signal` is aborted
 */
export async function makeRuns({ runs, worker, callFor, signal }: MakeRunsOptions): Promise<void> {
  const schedule = new Schedule(runs);
  const stop = new AbortController();
  const ended = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  setMaxListeners(0, ended); // every run that is going listens
  const failures: unknown[] = [];
  let going = 0;
  let wake = (): void => {};
  const begin = (run: PlannedRun): void => {
    going++;
    worker
      .makeRun(run, { ...callFor(run), isAwaited: schedule.isAwaited(run.id), signal: ended })
      .then(
        () => schedule.done(run.id),
        (error) => {
          failures.push(error);
          stop.abort();
        },
      )
      .finally(() => {
        going--;
        wake();
      });
  };
  // One promise for each that ends, not a race of all that are going: there may be thousands.
  const oneEnds = (): Promise<void> =>
    new Promise((resolve) => {
      wake = resolve;
    });
  while (!schedule.isDone && failures.length === 0) {
    const next = oneEnds();
    while (going < worker.atOnce) {
      const run = schedule.give();
      if (!run) break;
      begin(run);
    }
    await next;
  }
  while (going > 0) await oneEnds();
  if (failures.length > 0) throw failures[0];
}
