import { z } from 'zod';
import type { ShownError } from '../../../shared/errors.ts';
import { policyNameSchema } from '../../../shared/memory-settings.ts';
import { shotIdSchema } from '../../../shared/project/document.ts';
import type { StoredJob } from '../../persistence/index.ts';
import type { QueuedJob } from './queue-state.ts';

const storedJobSchema = z.object({
  title: z.string(),
  shotIds: z.array(shotIdSchema),
  policy: policyNameSchema.optional(),
  state: z.enum(['waiting', 'running', 'paused', 'failed', 'done', 'cancelled']),
  chunksDone: z.int().min(0),
  chunksTotal: z.int().min(0),
  error: z.custom<ShownError>().nullable(),
  queuedAt: z.string().optional(),
});

/** Jobs as they lie in a project; those that make no sense are left out. */
export function parseJobs(stored: readonly StoredJob[]): QueuedJob[] {
  return stored.flatMap(({ id, data }): QueuedJob[] => {
    try {
      return [{ id, ...storedJobSchema.parse(JSON.parse(data)) }];
    } catch {
      return [];
    }
  });
}

export function storedJobs(jobs: readonly QueuedJob[]): StoredJob[] {
  return jobs.map(({ id, ...data }) => ({ id, data: JSON.stringify(data) }));
}
