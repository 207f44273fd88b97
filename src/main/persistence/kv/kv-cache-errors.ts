import { ThroughlineError } from '../../../shared/errors.ts';

export function overBudget(chunkKey: string, budgetBytes: number): ThroughlineError {
  return new ThroughlineError(
    'database',
    `The memory state of chunk ${chunkKey} does not fit the cache's budget of ${budgetBytes} bytes.`,
    'Give the cache more room, or unpin states. Without it the state is replayed when it is needed.',
  );
}

export function diskNearlyFull(chunkKey: string): ThroughlineError {
  return new ThroughlineError(
    'disk-full',
    `The memory state of chunk ${chunkKey} is not kept: the disk is nearly full, and the rest of it is for the film.`,
    'Free some space. Without it the state is replayed when it is needed.',
  );
}
