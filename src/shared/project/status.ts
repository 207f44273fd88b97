import type { Job, MakingNow, QueueState } from '../api/types.ts';
import type { ProjectShot, ShotId, Take } from './document.ts';
import type { ProjectPlan } from './plan.ts';

export type ShotStateName = 'empty' | 'queued' | 'generating' | 'fresh' | 'partial' | 'stale' | 'held' | 'failed';

/** `fresh`: shows what its recipe says. `held`, `stale`: shows an older result. `missing`: has nothing to show. */
export type ChunkStateName = 'fresh' | 'held' | 'stale' | 'missing' | 'generating';

export interface ChunkStatus {
  /** What the recipe says; null where the shot cannot be planned. */
  readonly key: string | null;
  /** Whose pictures to show: its own, or an older result's. */
  readonly shown: string | null;
  readonly state: ChunkStateName;
}

export interface ShotStatus {
  readonly state: ShotStateName;
  readonly chunks: readonly ChunkStatus[];
  /** The job that concerns it, if any. */
  readonly job: Job | null;
}

/**
 * What a shot has to show. Precedence: work on it, then held results, then what is stored for its recipe, then the
 * older result that was on the screen last.
 * @param available says which keys are stored
 * @param takes of the shot, oldest first: where stale pictures come from
 * @param job the one that concerns it, if any; see {@link jobsByShot}
 */
export function shotStatus(
  shot: ProjectShot,
  plan: ProjectPlan,
  available: { has(key: string): boolean },
  takes: readonly Take[],
  job: Job | null,
): ShotStatus {
  const planned = plan.chunksOf(shot.id);
  const shown = takes.filter(({ keys }) => keys.some((key) => available.has(key)));
  const older = shown.find(({ lastShown }) => lastShown) ?? shown.at(-1);
  const chunks = Array.from({ length: shot.chunks }, (_, i): ChunkStatus => {
    const key = planned[i]?.key ?? null;
    if (key !== null && makingOf(job, key)) return { key, shown: null, state: 'generating' };
    const held = shot.held?.[i];
    if (held !== undefined && held !== key) return { key, shown: available.has(held) ? held : null, state: 'held' };
    if (key !== null && available.has(key)) return { key, shown: key, state: 'fresh' };
    const last = older?.keys[i];
    return last !== undefined && available.has(last)
      ? { key, shown: last, state: 'stale' }
      : { key, shown: null, state: 'missing' };
  });
  return { state: stateOf(chunks, job), chunks, job };
}

/** What a job says of a chunk that is being made; null where it is not. */
export function makingOf(job: Job | null, key: string): MakingNow | null {
  if (job?.now?.chunkKey === key) return job.now;
  return job?.besides?.find(({ chunkKey }) => chunkKey === key) ?? null;
}

function worksOn({ now, besides = [] }: Job, id: ShotId): boolean {
  return now?.shotId === id || besides.some(({ shotId }) => shotId === id);
}

/**
 * The open job that concerns each shot: the one that works on it, else the first that names it, else one that makes it
 * on the way to a shot that it names.
 */
export function jobsByShot(
  { jobs }: QueueState,
  byId: ReadonlyMap<ShotId, Pick<ProjectShot, 'parent'>>,
): ReadonlyMap<ShotId, Job> {
  const byShot = new Map<ShotId, Job>();
  // A comparison makes other results than those the shot shows.
  const open = jobs.filter(({ state, policy }) => state !== 'done' && state !== 'cancelled' && policy === undefined);
  const takes = (job: Job, id: ShotId) => {
    const known = byShot.get(id);
    if (!known || (worksOn(job, id) && !worksOn(known, id))) byShot.set(id, job);
  };
  for (const job of open) {
    for (const id of job.shotIds) takes(job, id);
    for (const making of [job.now, ...(job.besides ?? [])]) if (making) takes(job, making.shotId);
  }
  const walked = new Set<ShotId>();
  for (const job of open) {
    // One that failed makes nothing more, and says so at the shots that it was asked for.
    if (job.state === 'failed') continue;
    for (const id of job.shotIds) {
      let before = byId.get(id)?.parent ?? null;
      while (before !== null && !walked.has(before)) {
        walked.add(before);
        if (!byShot.has(before)) byShot.set(before, job);
        before = byId.get(before)?.parent ?? null;
      }
    }
  }
  return byShot;
}

function stateOf(chunks: readonly ChunkStatus[], job: Job | null): ShotStateName {
  const has = (state: ChunkStateName): boolean => chunks.some((chunk) => chunk.state === state);
  if (has('generating')) return 'generating';
  const unfinished = has('missing') || has('stale');
  if (job && unfinished) return job.state === 'failed' ? 'failed' : 'queued';
  if (has('held')) return 'held';
  if (!unfinished) return 'fresh';
  if (has('stale')) return 'stale';
  return has('fresh') ? 'partial' : 'empty';
}

/**
 * The older results of a shot: its own takes, or, for the second part of a split shot, what its first part's takes hold
 * beyond that part. Of its own only, once it has any.
 * @param takes by shot, oldest first
 */
export function resultsOf(
  shot: ProjectShot,
  byId: ReadonlyMap<ShotId, ProjectShot>,
  takes: ReadonlyMap<ShotId, readonly Take[]>,
): readonly Take[] {
  const own = takes.get(shot.id) ?? [];
  if (own.length > 0 || shot.parent === null) return own;
  const first = byId.get(shot.parent);
  // A branch may say the same with another seed: it is no part of the shot before it.
  const isRest = first?.prompt === shot.prompt && first.seed === shot.seed && shot.transition === 'continue';
  if (!first || !isRest) return own;
  return resultsOf(first, byId, takes)
    .filter(({ prompt, keys }) => prompt === shot.prompt && keys.length > first.chunks)
    .map((take) => ({ ...take, shotId: shot.id, keys: take.keys.slice(first.chunks) }));
}
