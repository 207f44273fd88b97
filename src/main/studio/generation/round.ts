import type { ModelInfo } from '../../../shared/render.ts';
import type { OpenProject } from '../project/open-project.ts';
import { missingChunks, type WantedChunk } from './missing-chunks.ts';
import type { QueuedJob } from './queue-state.ts';

/** What a round is asked for: each chunk once, parents first. */
export interface Round {
  readonly wanted: readonly WantedChunk[];
  /** By key: the jobs that want the chunk. */
  readonly jobsOf: ReadonlyMap<string, readonly string[]>;
}

/** What one place makes at a time of what one job misses. */
export function roundOf(job: QueuedJob, missing: readonly WantedChunk[]): Round {
  return { wanted: missing, jobsOf: new Map(missing.map(({ chunk }) => [chunk.key, [job.id]])) };
}

/**
 * All that is missing of a job and of those that wait behind it, so that many workers need not wait for the last chunk of one
 * job before they begin with the next.
 * @param jobs the one that is worked on, and those behind it, of which what cannot be made is left out
 * @throws ThroughlineError why a shot of the first job cannot be generated
 */
export async function roundOfAll(project: OpenProject, model: ModelInfo, jobs: readonly QueuedJob[]): Promise<Round> {
  const wanted: WantedChunk[] = [];
  const jobsOf = new Map<string, string[]>();
  for (const [place, { id, shotIds, policy }] of jobs.entries()) {
    await project.prepare(model, policy);
    const missing = missingChunks(project, model, shotIds, place === 0 ? 'report' : 'skip', policy);
    for (const one of missing) {
      const others = jobsOf.get(one.chunk.key);
      if (others) others.push(id);
      else {
        jobsOf.set(one.chunk.key, [id]);
        wanted.push(one);
      }
    }
  }
  return { wanted, jobsOf };
}
