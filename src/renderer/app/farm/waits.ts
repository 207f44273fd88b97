import type { Job } from '../../../shared/api/types.ts';
import type { ProjectShot, ShotId } from '../../../shared/project/document.ts';
import { makingOf, type ShotStatus } from '../../../shared/project/status.ts';

/** Shots of a job of which nothing is being made although something is missing, and what they wait for. */
export interface Waits {
  /** Shots that wait for another one to be whole, by that one's id, in story order. */
  readonly forShots: ReadonlyMap<ShotId, number>;
  /** Shots that could be made now, and wait for a worker. */
  readonly forWorkers: number;
}

/** What waits for what in a job: a shot waits for the nearest one before it of which something is missing. */
export function waitsOf(
  job: Job,
  byId: ReadonlyMap<ShotId, ProjectShot>,
  statuses: ReadonlyMap<ShotId, ShotStatus>,
): Waits {
  const missing = (id: ShotId): boolean =>
    statuses.get(id)?.chunks.some(({ state }) => state !== 'fresh' && state !== 'held') ?? false;
  const isMade = (id: ShotId): boolean =>
    statuses.get(id)?.chunks.some(({ key }) => key !== null && makingOf(job, key) !== null) ?? false;
  const forShots = new Map<ShotId, number>();
  let forWorkers = 0;
  for (const id of job.shotIds) {
    const shot = byId.get(id);
    if (!shot || !missing(id) || isMade(id)) continue;
    let before = shot.parent;
    while (before !== null && !missing(before)) before = byId.get(before)?.parent ?? null;
    if (before === null) forWorkers++;
    else forShots.set(before, (forShots.get(before) ?? 0) + 1);
  }
  return { forShots, forWorkers };
}
