import { z } from 'zod';
import type { MemorySettings } from '../../../../shared/memory-settings.ts';
import type { Transition } from '../../../../shared/story.ts';
import type { PackSides } from '../../model/config.ts';
import { packsBefore } from '../framepack/framepack-policy.ts';
import type { StateLayout } from '../memory-state.ts';
import type { MemoryLayout } from '../module.ts';
import type { ChunkPlan, CommitPlan, MemoryPolicy, RetrievalPlan } from '../policy.ts';
import { sourcesSchema } from './sources.ts';

const longStateSchema = z.strictObject({
  version: z.literal(1),
  chunks: z.int().min(0),
  frames: z.int().min(0),
  prompt: z.string().nullable(),
  /** The long memory: null before the first chunk, when it is made of the prompt. */
  psi: z
    .strictObject({
      /** fp32, [tokens, dim], base64: as it is, so that a stored state is the same state. */
      values: z.base64(),
      tokens: z.int().min(1),
      /** Words of the story's first prompt, and which of its tokens each is. */
      words: z.array(z.strictObject({ text: z.string(), tokens: z.array(z.int().min(0)) })),
      sources: sourcesSchema,
      /** Of the last chunk: how much of the memory came from the one before. */
      kept: z.number(),
    })
    .nullable(),
});
/** Of one size from the first chunk on, however long the story is. */
export type LongState = z.infer<typeof longStateSchema>;
export type Psi = NonNullable<LongState['psi']>;

export const longStates: StateLayout<LongState> = {
  schema: longStateSchema,
  empty: () => ({ version: 1, chunks: 0, frames: 0, prompt: null, psi: null }),
  references: () => [],
  recalled: () => [],
};

/** As FramePack decides; the long memory is changed on the device, after the commit. */
export class MemorypackPolicy implements MemoryPolicy<LongState> {
  readonly #layers: number;
  readonly #sides: PackSides;

  constructor({ layers, packSides }: MemoryLayout) {
    this.#layers = layers;
    this.#sides = packSides;
  }

  retrieval(): RetrievalPlan {
    return { candidates: Array.from({ length: this.#layers }, () => []) };
  }

  plan(state: LongState, _settings: MemorySettings, transition: Transition): ChunkPlan<LongState> {
    const bank = Array.from({ length: this.#layers }, () => []);
    const packs = packsBefore(state.frames, transition, this.#sides);
    return { recache: null, context: () => ({ sink: [], bank, window: [], activation: null, packs }), state };
  }

  commit(state: LongState, _settings: MemorySettings, prompt: string, frames: number): CommitPlan<LongState> {
    return {
      state: { ...state, chunks: state.chunks + 1, frames: state.frames + frames, prompt },
      prototype: null,
      evicted: [],
    };
  }
}
