import { keptResult } from '../../shared/labels.ts';
import { makingOf, type ShotStateName, type ShotStatus } from '../../shared/project/status.ts';
import type { ChunkPhase } from '../../shared/render.ts';

/** A state in one word, as nodes and lists say it. */
export const stateWords: Record<ShotStateName, string> = {
  empty: 'not made yet',
  queued: 'queued',
  generating: 'generating',
  fresh: 'fresh',
  partial: 'partly made',
  stale: 'stale',
  held: keptResult,
  failed: 'failed',
};

/** What the engine does, in words: `denoising 2/4`. */
export function phaseWords(phase: ChunkPhase): string {
  switch (phase.phase) {
    case 'restoring':
      return `restoring memory ${phase.done}/${phase.of}`;
    case 'denoising':
      return `denoising ${phase.step}/${phase.of}`;
    case 'committing':
      return 'saving';
    default:
      return phase.phase;
  }
}

/** What a shot's node says of its state. */
export function statusWords({ state, job, chunks }: ShotStatus): string {
  const made = chunks.map(({ key }) => (key === null ? null : makingOf(job, key))).find((one) => one !== null);
  if (state === 'generating' && made) return phaseWords(made.phase);
  if (state === 'partial') return `${chunks.filter((chunk) => chunk.state === 'fresh').length}/${chunks.length} made`;
  if (state === 'failed' && job?.error) return job.error.message;
  return stateWords[state];
}

/** How much of a chunk is done, 0..1; denoising is nearly all of it. */
export function phaseFraction(phase: ChunkPhase): number {
  switch (phase.phase) {
    case 'restoring':
    case 'encoding prompt':
    case 'retrieving':
    case 'recaching':
      return 0.04;
    case 'denoising':
      return 0.05 + (0.85 * phase.step) / phase.of;
    case 'committing':
      return 0.94;
    case 'decoding':
      return 0.97;
  }
}
