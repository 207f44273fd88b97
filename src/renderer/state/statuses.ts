import type { Job, QueueState } from '../../shared/api/types.ts';
import type { ProjectShot, ShotId, Take } from '../../shared/project/document.ts';
import type { ProjectPlan } from '../../shared/project/plan.ts';
import { type ChunkStatus, jobsByShot, resultsOf, type ShotStatus, shotStatus } from '../../shared/project/status.ts';

/** What the statuses of all shots follow from. */
export interface StatusInputs {
  readonly shots: readonly ProjectShot[];
  readonly byId: ReadonlyMap<ShotId, ProjectShot>;
  /** Null until a model has said what it is. */
  readonly plan: ProjectPlan | null;
  /** By chunk key. */
  readonly chunks: ReadonlyMap<string, unknown>;
  readonly takesOf: ReadonlyMap<ShotId, readonly Take[]>;
  readonly queue: QueueState;
}

const noPlan: ProjectPlan = {
  chunksOf: () => [],
  firstChunkIndex: () => 0,
  beginningOf: () => null,
  toldOf: () => null,
  problems: new Map(),
};

/** Statuses, and what they followed from. */
export interface Statuses {
  readonly inputs: StatusInputs;
  readonly of: ReadonlyMap<ShotId, ShotStatus>;
}

/**
 * The statuses of all shots, made of the objects of `before` wherever they say the same: what did not change is not
 * drawn again. The very map of `before` where nothing changed.
 */
export function statusesOf(inputs: StatusInputs, before: Statuses | null): Statuses {
  const { shots, byId, plan, chunks, takesOf, queue } = inputs;
  const old = before?.inputs;
  const sameResults = old?.chunks === chunks && old.takesOf === takesOf && old.queue === queue;
  const jobs = jobsByShot(queue, byId);
  const statuses = new Map<ShotId, ShotStatus>();
  let changed = before?.of.size !== shots.length;
  for (const shot of shots) {
    const known = before?.of.get(shot.id);
    // Of a shot without results of its own, those of the one before it may count: that one must be the same too.
    const sameShots =
      old?.byId.get(shot.id) === shot &&
      (takesOf.has(shot.id) || shot.parent === null || old.byId.get(shot.parent) === byId.get(shot.parent));
    const samePlan = old?.plan === plan || old?.plan?.chunksOf(shot.id) === plan?.chunksOf(shot.id);
    // A shot far behind it may have been hung elsewhere, with the job that makes this one on the way there.
    const sameWork = known?.job?.id === jobs.get(shot.id)?.id;
    if (known && sameResults && sameShots && samePlan && sameWork) {
      statuses.set(shot.id, known);
      continue;
    }
    const results = resultsOf(shot, byId, takesOf);
    const status = shotStatus(shot, plan ?? noPlan, chunks, results, jobs.get(shot.id) ?? null);
    const shared = known ? shareStatus(shot.id, known, status) : status;
    if (shared !== known) changed = true;
    statuses.set(shot.id, shared);
  }
  return { inputs, of: changed || !before ? statuses : before.of };
}

function shareStatus(id: ShotId, old: ShotStatus, next: ShotStatus): ShotStatus {
  const chunks = next.chunks.map((chunk, i) => {
    const known = old.chunks[i];
    return known && sameChunk(known, chunk) ? known : chunk;
  });
  const sameChunks = chunks.length === old.chunks.length && chunks.every((chunk, i) => chunk === old.chunks[i]);
  const job = sameJob(id, old.job, next.job) ? old.job : next.job;
  if (sameChunks && job === old.job && next.state === old.state) return old;
  return { state: next.state, chunks: sameChunks ? old.chunks : chunks, job };
}

function sameChunk(a: ChunkStatus, b: ChunkStatus): boolean {
  return a.key === b.key && a.shown === b.shown && a.state === b.state;
}

/** For a shot, a job is the same until its state changes or its work on this very shot goes on. */
function sameJob(id: ShotId, a: Job | null, b: Job | null): boolean {
  if (!a || !b) return a === b;
  const work = ({ now, besides = [] }: Job): string =>
    [now, ...besides].map((making) => (making?.shotId === id ? JSON.stringify(making) : '')).join('');
  return a.id === b.id && a.state === b.state && a.error?.message === b.error?.message && work(a) === work(b);
}
