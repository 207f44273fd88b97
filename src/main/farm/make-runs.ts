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
  const going = new Set<Promise<void>>();
  const begin = (run: PlannedRun): void => {
    const one = worker
      .makeRun(run, { ...callFor(run), signal: ended })
      .then(
        () => schedule.done(run.id),
        (error) => {
          failures.push(error);
          stop.abort();
        },
      )
      .finally(() => going.delete(one));
    going.add(one);
  };
  while (!schedule.isDone && failures.length === 0) {
    while (going.size < worker.atOnce) {
      const run = schedule.give();
      if (!run) break;
      begin(run);
    }
    await Promise.race(going);
  }
  await Promise.all(going);
  if (failures.length > 0) throw failures[0];
}
