import type { MemorySettings } from '../../../../shared/memory-settings.ts';
import type { Transition } from '../../../../shared/story.ts';
import type { FrameRef, FrameState } from '../memory-state.ts';
import {
  type ChunkPlan,
  type CommitPlan,
  type ContextPlan,
  frameRefs,
  grownSink,
  type MemoryPolicy,
  type RecachePlan,
  type RetrievalPlan,
  topIndices,
} from '../policy.ts';

/**
 * The published code, decision for decision (model reference B, quirks included): the prototype captured last is
 * inserted before every chunk and before every recache; once the bank is full each insertion keeps the best two slots
 * in falling order of score, even of the same frame. After a prompt switch the text keys are zero for both
 * insertions, so all scores are zero and the slots keep their order.
 */
export class ReleasedPolicy implements MemoryPolicy<FrameState> {
  readonly #chunkFrames: number;

  constructor(chunkFrames: number) {
    this.#chunkFrames = chunkFrames;
  }

  retrieval(state: FrameState, settings: MemorySettings, _transition: Transition, prompt: string): RetrievalPlan {
    const scored = usesBank(settings) && this.#mustCompress(state, settings) && !switches(state, prompt);
    return { candidates: state.bank.map((slots) => (scored ? slots : [])) };
  }

  plan(
    before: FrameState,
    settings: MemorySettings,
    transition: Transition,
    prompt: string,
    scores: readonly (readonly number[])[],
  ): ChunkPlan<FrameState> {
    // The published code knows no cut; ours empties the window, and there is nothing to recache.
    const state = transition === 'cut' ? { ...before, window: [] } : before;
    const activation =
      settings.policy === 'nam+sma' ? ({ pool: 'sink+bank', count: settings.activatedFrames } as const) : null;
    const sink = settings.policy === 'window' ? [] : state.sink;
    const insert = (bank: readonly (readonly FrameRef[])[]): FrameRef[][] =>
      usesBank(settings)
        ? bank.map((slots, layer) => this.#insert(slots, state, settings, scores[layer]))
        : bank.map(() => []);
    const switching = transition === 'continue' && switches(state, prompt);
    const atRecache = insert(state.bank);
    const bank = switching ? insert(atRecache) : atRecache;
    const next: FrameState = { ...state, bank };
    const context = (now: FrameState): ContextPlan => ({
      sink: settings.policy === 'window' ? [] : now.sink,
      bank,
      window: now.window,
      activation,
    });
    if (!switching) return { recache: null, context, state: next };
    return {
      recache: this.#recache(next, settings, { sink, bank: atRecache, window: [], activation }),
      context,
      state: next,
    };
  }

  commit(
    state: FrameState,
    settings: MemorySettings,
    prompt: string,
    frames: number,
    pass: string,
  ): CommitPlan<FrameState> {
    const fresh = frameRefs(state.frames, frames, pass);
    const captures = settings.pipeline === 'single' || state.chunks % settings.recordInterval === 0;
    const captured = captures ? (fresh[0] as FrameRef) : state.captured;
    return {
      state: {
        ...state,
        chunks: state.chunks + 1,
        frames: state.frames + frames,
        prompt,
        sink: grownSink(state.sink, fresh, settings.sinkFrames),
        window: [...state.window, ...fresh]
          .filter(({ frame }) => frame >= settings.sinkFrames)
          .slice(-settings.windowFrames),
        captured,
      },
      prototype: captures ? (fresh[0] as FrameRef).frame : null,
      // What the bank loses, it lost when the chunk was planned.
      evicted: [],
    };
  }

  /** How many slots the captured prototypes have claimed before chunk `state.chunks`. */
  #counter(state: FrameState, settings: MemorySettings): number {
    return state.chunks === 0 ? 0 : Math.floor((state.chunks - 1) / settings.recordInterval) + 1;
  }

  #mustCompress(state: FrameState, settings: MemorySettings): boolean {
    return this.#counter(state, settings) > settings.bankFrames;
  }

  #insert(
    slots: readonly FrameRef[],
    state: FrameState,
    settings: MemorySettings,
    scores: readonly number[] | undefined,
  ): FrameRef[] {
    const { captured } = state;
    if (!captured) return [...slots];
    if (!this.#mustCompress(state, settings)) {
      const next = [...slots];
      next[this.#counter(state, settings) - 1] = captured;
      return next;
    }
    const known = scores && scores.length === slots.length ? scores : slots.map(() => 0);
    return [...topIndices(known, settings.bankFrames - 1).map((i) => slots[i] as FrameRef), captured];
  }

  /**
   * The published pipeline runs as many frames again as its cache holds, `local_attn_size`: sink, window and chunk. All but
   * as many as the sink serve as keys.
   */
  #recache(state: FrameState, settings: MemorySettings, context: ContextPlan): RecachePlan<FrameState> {
    const recacheKeyFrames = settings.windowFrames + this.#chunkFrames;
    const recacheFrames = settings.sinkFrames + recacheKeyFrames;
    const fromStart = state.frames <= recacheFrames;
    const frames = Math.min(recacheFrames, state.frames);
    const firstFrame = state.frames - frames;
    return {
      firstFrame,
      frames,
      keyFrames: fromStart ? frames : Math.min(recacheKeyFrames, frames),
      // The sink is rewritten only where the recache starts at the story's first frame.
      context: fromStart ? { ...context, sink: [], activation: null } : context,
      apply: (pass) => {
        const refresh = (refs: readonly FrameRef[]): FrameRef[] =>
          refs.map((ref) => (ref.frame >= firstFrame ? { ...ref, pass } : ref));
        return { ...state, window: refresh(state.window), sink: fromStart ? refresh(state.sink) : state.sink };
      },
    };
  }
}

function usesBank(settings: MemorySettings): boolean {
  return settings.policy === 'nam' || settings.policy === 'nam+sma';
}

function switches(state: FrameState, prompt: string): boolean {
  return state.prompt !== null && state.prompt !== prompt;
}
