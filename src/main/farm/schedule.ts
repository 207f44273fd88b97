import type { PlannedRun } from './runs.ts';

/** What became of a run. */
type RunState =
  /** Something before it is missing. */
  | { readonly kind: 'waiting' }
  | { readonly kind: 'ready' }
  /** A worker has it. */
  | { readonly kind: 'given' }
  | { readonly kind: 'done' };

/** How many runs are in each state. */
export type RunCounts = Readonly<Record<RunState['kind'], number>>;

/**
 * What waits for what, and what may begin now. Knows nothing of workers, of time or of the disk. Each change takes as long
 * as it has followers, whatever the size of the story.
 */
export class Schedule {
  readonly #runs = new Map<string, PlannedRun>();
  readonly #states = new Map<string, RunState>();
  /** By the run that they wait for. */
  readonly #followers = new Map<string, PlannedRun[]>();
  /** In the order in which they became ready. */
  readonly #ready = new Set<PlannedRun>();
  readonly #counts = { waiting: 0, ready: 0, given: 0, done: 0 };

  /** @param runs as `planRuns` gives them: whatever a run waits for is among them */
  constructor(runs: readonly PlannedRun[]) {
    for (const run of runs) this.#runs.set(run.id, run);
    for (const run of this.#runs.values()) {
      const { waitsFor } = run;
      if (waitsFor !== null && !this.#runs.has(waitsFor))
        throw new Error(`run ${run.id} waits for one that is not there`);
      if (waitsFor !== null) this.#followers.set(waitsFor, [...(this.#followers.get(waitsFor) ?? []), run]);
      this.#enter(run, waitsFor === null ? { kind: 'ready' } : { kind: 'waiting' });
    }
  }

  get counts(): RunCounts {
    return { ...this.#counts };
  }

  get isDone(): boolean {
    return this.#counts.done === this.#runs.size;
  }

  /** Whether others wait for a run. */
  isAwaited(id: string): boolean {
    return this.#followers.has(id);
  }

  /** Gives out the run that has been ready for longest; null where none is. */
  give(): PlannedRun | null {
    const [run] = this.#ready;
    if (!run) return null;
    this.#enter(run, { kind: 'given' });
    return run;
  }

  /** A run is made, by whomever: the first result wins, and a second changes nothing. Those that waited for it are ready. */
  done(id: string): void {
    const run = this.#runs.get(id);
    if (!run || this.#states.get(id)?.kind === 'done') return;
    this.#enter(run, { kind: 'done' });
    for (const follower of this.#followers.get(id) ?? [])
      if (this.#states.get(follower.id)?.kind === 'waiting') this.#enter(follower, { kind: 'ready' });
  }

  #enter(run: PlannedRun, state: RunState): void {
    const before = this.#states.get(run.id);
    if (before) this.#counts[before.kind]--;
    if (state.kind === 'ready') this.#ready.add(run);
    else this.#ready.delete(run);
    this.#counts[state.kind]++;
    this.#states.set(run.id, state);
  }
}
