import { z } from 'zod';
import type { MemorySettings } from '../../../../shared/memory-settings.ts';
import type { Transition } from '../../../../shared/story.ts';
import type { PackSides } from '../../model/config.ts';
import type { StateLayout } from '../memory-state.ts';
import type { MemoryLayout } from '../module.ts';
import type { ChunkPlan, CommitPlan, ContextPlan, FramePack, MemoryPolicy, RetrievalPlan } from '../policy.ts';

const packedStateSchema = z.strictObject({
  version: z.literal(1),
  chunks: z.int().min(0),
  frames: z.int().min(0),
  prompt: z.string().nullable(),
});
/** Counters alone: the context is made anew for every chunk, from clean latents that the story has anyway. */
export type PackedState = z.infer<typeof packedStateSchema>;

export const packedStates: StateLayout<PackedState> = {
  schema: packedStateSchema,
  empty: () => ({ version: 1, chunks: 0, frames: 0, prompt: null }),
  references: () => [],
  recalled: () => [],
};

/** Time index of a chunk's first frame in the published layout (model reference F); the story's first frame has 0. */
export const timeOfChunk = 20;

/** How many frames become one, and how many such packs there are, the furthest back first; then the last frame, whole. */
const rates = [
  { rate: 4, packs: 4 },
  { rate: 2, packs: 1 },
] as const;

/**
 * What a chunk sees that comes after `frames` frames: sixteen frames in fours, two as one, the story's first frame and the one
 * just before. A cut hides the three frames just before, from which a shot would go on; packed in fours they are seen later. A
 * pack of frames before the story is left out, and one that reaches beyond its beginning repeats the first frame.
 * @param sides how coarse packs are, by rate
 */
export function packsBefore(frames: number, transition: Transition, sides: PackSides): FramePack[] {
  if (frames === 0) return [];
  const packs: FramePack[] = [];
  let back = 1 + rates.reduce((sum, { rate, packs }) => sum + rate * packs, 0);
  for (const { rate, packs: count } of rates) {
    for (let i = 0; i < count; i++, back -= rate) {
      const first = frames - back;
      if (first + rate <= 0 || (transition === 'cut' && rate === 2)) continue;
      const members = Array.from({ length: rate }, (_, j) => Math.max(0, first + j));
      packs.push({ rate, side: sides[rate], frames: members, time: timeOfChunk - back });
    }
  }
  packs.push({ rate: 1, side: 1, frames: [0], time: 0 });
  if (transition === 'continue') packs.push({ rate: 1, side: 1, frames: [frames - 1], time: timeOfChunk - 1 });
  return packs;
}

/** Nothing is scored, recached or committed: what a chunk sees follows from how many frames came before it. */
export class FramepackPolicy implements MemoryPolicy<PackedState> {
  readonly #layers: number;
  readonly #sides: PackSides;

  constructor({ layers, packSides }: MemoryLayout) {
    this.#layers = layers;
    this.#sides = packSides;
  }

  retrieval(): RetrievalPlan {
    return { candidates: Array.from({ length: this.#layers }, () => []) };
  }

  plan(state: PackedState, _settings: MemorySettings, transition: Transition): ChunkPlan<PackedState> {
    const context: ContextPlan = {
      sink: [],
      bank: Array.from({ length: this.#layers }, () => []),
      window: [],
      activation: null,
      packs: packsBefore(state.frames, transition, this.#sides),
    };
    return { recache: null, context: () => context, state };
  }

  commit(state: PackedState, _settings: MemorySettings, prompt: string, frames: number): CommitPlan<PackedState> {
    return {
      state: { ...state, chunks: state.chunks + 1, frames: state.frames + frames, prompt },
      prototype: null,
      evicted: [],
    };
  }
}
