import { z } from 'zod';
import type { MemorySettings } from '../../../../shared/memory-settings.ts';
import type { Transition } from '../../../../shared/story.ts';
import { type FrameRef, frameRefSchema, type StateLayout, uniqueRefs } from '../memory-state.ts';
import {
  type ChunkPlan,
  type CommitPlan,
  type ContextPlan,
  frameRefs,
  type MemoryPolicy,
  type RetrievalPlan,
} from '../policy.ts';

const emaSinkStateSchema = z.strictObject({
  version: z.literal(1),
  chunks: z.int().min(0),
  frames: z.int().min(0),
  prompt: z.string().nullable(),
  /** The first chunk's frames, or what they became: page i is the sink's slot i, whatever is blended into it. */
  sink: z.array(frameRefSchema),
  /** What rounding took from the sink's pages, as many; none before the first fusing. */
  remainder: z.array(frameRefSchema),
  /** Most recent frames after the first chunk, oldest first, going back no further than the last cut. */
  window: z.array(frameRefSchema),
  /** Frames that left the window and are not in the sink yet, oldest first: between a plan or a commit and the fusing after it. */
  leaving: z.array(frameRefSchema),
  /** How often frames were fused into the sink. */
  fused: z.int().min(0),
});
/** Of one size, however long the story is. */
export type EmaSinkState = z.infer<typeof emaSinkStateSchema>;

export const emaSinkStates: StateLayout<EmaSinkState> = {
  schema: emaSinkStateSchema,
  empty: () => ({
    ...{ version: 1, chunks: 0, frames: 0, prompt: null },
    ...{ sink: [], remainder: [], window: [], leaving: [], fused: 0 },
  }),
  references: ({ sink, remainder, window, leaving }) => uniqueRefs([...sink, ...remainder, ...window, ...leaving]),
  recalled: () => [],
};

/** One slot of the sink, and the frame that is blended into it. */
export interface SlotFusion {
  readonly sink: FrameRef;
  /** Null where nothing was rounded away: the first time. */
  readonly remainder: FrameRef | null;
  readonly frame: FrameRef;
  readonly made: { readonly page: FrameRef; readonly remainder: FrameRef };
}

/**
 * Reward Forcing's sink. A chunk attends to [sink | window | itself], and time is counted along that row: the sink's frames
 * stand at 0, 1, 2, the window follows, then the chunk. The sink begins as the first chunk's frames. What leaves the window is
 * fused into it, as many frames at a time as it has, the i-th into slot i. The published code does that in the first pass of the
 * next chunk, before anything attends to it; here it is the last thing done for the chunk before, which is the same.
 *
 * The published code has one prompt and no cuts. A new prompt rewrites nothing here; a cut empties the window, and what was in it
 * is fused once the chunk after the cut is done, when it would have left the window.
 */
export class EmaSinkPolicy implements MemoryPolicy<EmaSinkState> {
  readonly #layers: number;

  constructor(layers: number) {
    this.#layers = layers;
  }

  retrieval(): RetrievalPlan {
    return { candidates: Array.from({ length: this.#layers }, () => []) };
  }

  plan(before: EmaSinkState, _settings: MemorySettings, transition: Transition): ChunkPlan<EmaSinkState> {
    const state = transition === 'cut' ? { ...before, window: [], leaving: before.window } : before;
    const bank = Array.from({ length: this.#layers }, () => []);
    const context: ContextPlan = { sink: state.sink, bank, window: state.window, activation: null };
    return { recache: null, context: () => context, state };
  }

  commit(
    state: EmaSinkState,
    settings: MemorySettings,
    prompt: string,
    frames: number,
    pass: string,
  ): CommitPlan<EmaSinkState> {
    const fresh = frameRefs(state.frames, frames, pass);
    const window = state.chunks === 0 ? [] : [...state.window, ...fresh];
    const leaves = Math.max(0, window.length - settings.windowFrames);
    return {
      state: {
        ...state,
        chunks: state.chunks + 1,
        frames: state.frames + frames,
        prompt,
        sink: state.chunks === 0 ? fresh : state.sink,
        window: window.slice(leaves),
        leaving: [...state.leaving, ...window.slice(0, leaves)],
      },
      prototype: null,
      evicted: [],
    };
  }
}

/**
 * What is to be fused after a commit, in this order, and the state that has it.
 * @param pass the commit's: fused pages are named after it
 */
export function fusionsAfter(
  state: EmaSinkState,
  pass: string,
): { readonly fusions: readonly SlotFusion[]; readonly state: EmaSinkState } {
  const slots = state.sink.length;
  let { sink, remainder, fused } = state;
  const fusions: SlotFusion[] = [];
  for (let from = 0; from < state.leaving.length; from += slots) {
    fused++;
    const pages = frameRefs(0, slots, `${pass}:sink-${fused}`);
    const lost = frameRefs(0, slots, `${pass}:lost-${fused}`);
    fusions.push(
      ...state.leaving.slice(from, from + slots).map((frame, i) => ({
        sink: sink[i] as FrameRef,
        remainder: remainder[i] ?? null,
        frame,
        made: { page: pages[i] as FrameRef, remainder: lost[i] as FrameRef },
      })),
    );
    sink = pages;
    remainder = lost;
  }
  return { fusions, state: { ...state, sink, remainder, fused, leaving: [] } };
}
