import type { FarmWorkerState } from '../../../shared/api/types.ts';

/**
 * What a worker is up to, where it does not simply work.
 * @param othersThere whether another worker could take its work
 * @returns null for one at work: what it makes is said then
 */
export function workerWords(
  { state, heardSecondsAgo, leaseSeconds }: Pick<FarmWorkerState, 'state' | 'heardSecondsAgo' | 'leaseSeconds'>,
  othersThere: boolean,
): string | null {
  const next = othersThere ? 'goes to another worker' : 'waits for another worker';
  switch (state) {
    case 'working':
      return null;
    case 'idle':
      return 'waits for work';
    case 'silent':
      return `no sign of life for ${heardSecondsAgo} s; after ${leaseSeconds} s its work ${next}`;
    case 'lost':
      return `lost; its work ${next}`;
    case 'left':
      return 'left';
  }
}
