import type { JobState, MakingNow } from '../../../shared/api/types.ts';
import type { ShownError } from '../../../shared/errors.ts';
import type { PolicyName } from '../../../shared/memory-settings.ts';
import type { ShotId } from '../../../shared/project/document.ts';

/** Finished jobs that stay in the list. */
const mostFinished = 20;

/** A job as it is kept: without what follows from the rest. */
export interface QueuedJob {
  readonly id: string;
  readonly title: string;
  readonly shotIds: readonly ShotId[];
  /** As if every shot remembered in this way, for a comparison; left off: as the shots say. */
  readonly policy?: PolicyName | undefined;
  /** `running` is the job of the attempt under way, and no other. */
  readonly state: JobState;
  readonly chunksDone: number;
  readonly chunksTotal: number;
  readonly error: ShownError | null;
  /** When it was asked for; of jobs that an older Throughline wrote it is not known. */
  readonly queuedAt?: string | undefined;
}

/** Work on one job, from when it is taken up until nothing of it goes on any more. */
export interface Attempt {
  readonly id: number;
  readonly jobId: string;
  /** It is to end as soon as it can; what becomes of the job is settled already. */
  readonly stopping: boolean;
  /** Chunks that are being made for it. */
  readonly making: readonly MakingNow[];
}

export interface QueueState {
  readonly jobs: readonly QueuedJob[];
  /** A person paused it. */
  readonly paused: boolean;
  /** How many want it to stand still that nobody asked: other settings, a copy being saved. */
  readonly holds: number;
  /** The project is left: nothing is begun any more. */
  readonly closed: boolean;
  readonly attempt: Attempt | null;
  /** Attempts begun so far. */
  readonly attempts: number;
}

/** How an attempt failed. `again`: through no fault of the job, it waits for another attempt. */
export type AttemptFailure =
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'again' }
  | { readonly kind: 'failed'; readonly error: ShownError };

export type QueueEvent =
  | { readonly type: 'added'; readonly job: QueuedJob }
  | { readonly type: 'paused' }
  | { readonly type: 'resumed' }
  | { readonly type: 'cancelled'; readonly jobId: string }
  | { readonly type: 'retried'; readonly jobId: string }
  | { readonly type: 'dismissed'; readonly jobId: string }
  | { readonly type: 'reordered'; readonly jobIds: readonly string[] }
  | { readonly type: 'held' }
  | { readonly type: 'released' }
  | { readonly type: 'closed' }
  /** The attempt has counted what is missing; 0: the job is done. */
  | { readonly type: 'planned'; readonly attempt: number; readonly missing: number }
  | { readonly type: 'making'; readonly attempt: number; readonly making: readonly MakingNow[] }
  /** A chunk is committed that these jobs want. */
  | {
      readonly type: 'chunk-done';
      readonly attempt: number;
      readonly chunkKey: string;
      readonly jobIds: readonly string[];
    }
  | { readonly type: 'attempt-failed'; readonly attempt: number; readonly failure: AttemptFailure }
  /** Nothing of the attempt goes on any more. */
  | { readonly type: 'attempt-ended'; readonly attempt: number };

/** Whether a job is over, well or not. */
export function isFinished({ state }: Pick<QueuedJob, 'state'>): boolean {
  switch (state) {
    case 'done':
    case 'failed':
    case 'cancelled':
      return true;
    case 'waiting':
    case 'running':
    case 'paused':
      return false;
  }
}

/** A queue with jobs as they were left. What ran or was paused then waits. */
export function queueOf(jobs: readonly QueuedJob[], paused: boolean): QueueState {
  const left = jobs.map((job) => (isFinished(job) ? job : { ...job, state: 'waiting' as const }));
  const waits = left.some(({ state }) => state === 'waiting');
  // It stands still until it is started.
  return { jobs: left, paused: paused && waits, holds: 1, closed: false, attempt: null, attempts: 0 };
}

/** The attempt that may go on; null where there is none, or it is to end. */
export function liveAttempt({ attempt }: QueueState): Attempt | null {
  return attempt && !attempt.stopping ? attempt : null;
}

/**
 * What an event makes of the queue. Pure: whoever keeps the state works on {@link QueueState.attempt} as long as that is
 * the same one, and says how it goes. Events of an attempt that is to end, or is over, change nothing of any job.
 */
export function reduceQueue(state: QueueState, event: QueueEvent): QueueState {
  return settled(happened(state, event));
}

function happened(state: QueueState, event: QueueEvent): QueueState {
  switch (event.type) {
    case 'added':
      return state.closed ? state : { ...state, jobs: [...state.jobs, event.job] };
    case 'paused':
      return state.paused ? state : { ...state, paused: true };
    case 'resumed':
      return withJobs({ ...state, paused: false }, (job) => job.state === 'paused', { state: 'waiting' });
    case 'cancelled':
      return withJobs(stopped(state, event.jobId), (job) => job.id === event.jobId && !isFinished(job), {
        state: 'cancelled',
      });
    case 'retried':
      return withJobs(state, (job) => job.id === event.jobId && isFinished(job), {
        ...{ state: 'waiting', error: null, chunksDone: 0 },
      });
    case 'dismissed': {
      const jobs = state.jobs.filter(({ id }) => id !== event.jobId);
      return jobs.length === state.jobs.length ? state : { ...stopped(state, event.jobId), jobs };
    }
    case 'reordered': {
      const named = event.jobIds.flatMap((id) => state.jobs.find((job) => job.id === id) ?? []);
      return { ...state, jobs: [...new Set([...named, ...state.jobs])] };
    }
    case 'held':
      return putBack({ ...state, holds: state.holds + 1 });
    case 'released':
      return { ...state, holds: Math.max(0, state.holds - 1) };
    case 'closed':
      return state.closed ? state : putBack({ ...state, closed: true });
    case 'planned':
    case 'making':
    case 'chunk-done':
    case 'attempt-failed':
      return liveAttempt(state)?.id === event.attempt ? attempted(state, event) : state;
    case 'attempt-ended':
      if (state.attempt?.id !== event.attempt) return state;
      // One that ends without a word must not leave its job running for ever.
      return { ...putBack(state), attempt: null };
  }
}

type AttemptEvent = Extract<QueueEvent, { type: 'planned' | 'making' | 'chunk-done' | 'attempt-failed' }>;

/** Something happened in the attempt that goes on. */
function attempted(state: QueueState, event: AttemptEvent): QueueState {
  const attempt = state.attempt as Attempt;
  const job = state.jobs.find(({ id }) => id === attempt.jobId);
  if (!job) return state;
  const change = (patch: Partial<QueuedJob>, over = false): QueueState => {
    const next = withJobs(state, ({ id }) => id === job.id, patch);
    return over ? stopped(next, job.id) : next;
  };
  switch (event.type) {
    case 'planned':
      if (event.missing === 0) return change({ state: 'done' }, true);
      if (state.paused) return change({ state: 'paused' }, true);
      return change({ chunksTotal: job.chunksDone + event.missing });
    case 'making':
      return { ...state, attempt: { ...attempt, making: event.making } };
    case 'chunk-done':
      return {
        ...state,
        jobs: state.jobs.map((one) =>
          event.jobIds.includes(one.id) && !isFinished(one) ? { ...one, chunksDone: one.chunksDone + 1 } : one,
        ),
        attempt: { ...attempt, making: attempt.making.filter(({ chunkKey }) => chunkKey !== event.chunkKey) },
      };
    case 'attempt-failed': {
      const { failure } = event;
      switch (failure.kind) {
        case 'cancelled':
          return change({ state: 'cancelled' }, true);
        case 'again':
          return change({ state: 'waiting' }, true);
        case 'failed':
          return change({ state: 'failed', error: failure.error }, true);
      }
    }
  }
}

/** The job of the attempt under way waits again, and the attempt is to end. */
function putBack(state: QueueState): QueueState {
  const attempt = liveAttempt(state);
  if (!attempt) return state;
  return withJobs(stopped(state, attempt.jobId), ({ id }) => id === attempt.jobId, { state: 'waiting' });
}

/** The attempt on a job, if there is one, is to end. */
function stopped(state: QueueState, jobId: string): QueueState {
  const attempt = liveAttempt(state);
  if (attempt?.jobId !== jobId) return state;
  return { ...state, attempt: { ...attempt, stopping: true, making: [] } };
}

function withJobs(state: QueueState, which: (job: QueuedJob) => boolean, patch: Partial<QueuedJob>): QueueState {
  if (!state.jobs.some(which)) return state;
  return { ...state, jobs: state.jobs.map((job) => (which(job) ? { ...job, ...patch } : job)) };
}

/** Takes up what may be taken up, and forgets what has been over for long. */
function settled(state: QueueState): QueueState {
  const finished = state.jobs.filter(isFinished);
  const old = new Set(finished.slice(0, -mostFinished));
  const kept = old.size === 0 ? state : { ...state, jobs: state.jobs.filter((job) => !old.has(job)) };
  if (kept.attempt || kept.paused || kept.closed || kept.holds > 0) return kept;
  const next = kept.jobs.find((job) => job.state === 'waiting');
  if (!next) return kept;
  const id = kept.attempts + 1;
  return {
    ...withJobs(kept, (job) => job === next, { state: 'running' }),
    attempts: id,
    attempt: { id, jobId: next.id, stopping: false, making: [] },
  };
}
