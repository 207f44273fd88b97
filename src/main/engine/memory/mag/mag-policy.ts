import type { MemorySettings } from '../../../../shared/memory-settings.ts';
import type { Transition } from '../../../../shared/story.ts';
import type { FrameRef, FrameState } from '../memory-state.ts';
import type { MemoryLayout } from '../module.ts';
import {
  type ChunkPlan,
  type CommitPlan,
  type ContextPlan,
  frameRefs,
  grownSink,
  type MemoryPolicy,
  type RetrievalPlan,
} from '../policy.ts';

/**
 * Of every chunk, the last frame's keys and values stay as its entry, at every layer; of the first chunk also the first
 * `sinkFrames`, which are read from the second chunk on. Nothing is scored and nothing is chosen: both DiTs attend to the sink
 * and to all entries. Where time is counted from the chunk at work, the newest entry is the frame just before it, but after a cut;
 * all others stand where a bank does. `capacity` entries are kept; then the oldest goes. A prompt that changes rewrites nothing.
 */
export class MagPolicy implements MemoryPolicy<FrameState> {
  readonly #layers: number;
  readonly #positions: MemoryLayout['positions'];

  constructor({ layers, positions }: Pick<MemoryLayout, 'layers' | 'positions'>) {
    this.#layers = layers;
    this.#positions = positions;
  }

  retrieval(): RetrievalPlan {
    return { candidates: Array.from({ length: this.#layers }, () => []) };
  }

  plan(state: FrameState, _settings: MemorySettings, transition: Transition): ChunkPlan<FrameState> {
    const entries: FrameRef[] = state.prototypes.map(({ frame, pass }) => ({ frame, pass }));
    const near = this.#positions === 'relative' && transition === 'continue' ? 1 : 0;
    const far = entries.slice(0, entries.length - near);
    const bank = Array.from({ length: this.#layers }, () => far);
    const window = entries.slice(far.length);
    const plan: ContextPlan = { sink: state.sink, bank, window, activation: null };
    return { recache: null, context: () => plan, state: { ...state, bank } };
  }

  commit(
    state: FrameState,
    settings: MemorySettings,
    prompt: string,
    frames: number,
    pass: string,
  ): CommitPlan<FrameState> {
    const fresh = frameRefs(state.frames, frames, pass);
    const entry = fresh.at(-1) as FrameRef;
    const grown = [...state.prototypes, { ...entry, lastUsed: state.chunks }];
    const kept = grown.slice(-settings.capacity);
    return {
      state: {
        ...state,
        chunks: state.chunks + 1,
        frames: state.frames + frames,
        prompt,
        // Only the first chunk's frames, although a sink of more than a chunk is asked for: no other chunk keeps them.
        sink: state.chunks === 0 ? grownSink([], fresh, settings.sinkFrames) : state.sink,
        prototypes: kept,
        // What was read for this chunk may go; the next plan says anew what is read.
        bank: state.bank.map(() => []),
      },
      prototype: entry.frame,
      evicted: grown.slice(0, grown.length - kept.length).map(({ frame }) => frame),
    };
  }
}
