import type { MemorySettings } from '../../../shared/memory-settings.ts';
import type { Transition } from '../../../shared/story.ts';
import type { FrameRef, MemoryState } from './memory-state.ts';

/** Latent frames that become one on their way into a context that a module makes of clean latents. */
export interface FramePack {
  /** So many frames are one; 1: a whole frame. */
  readonly rate: number;
  /** So many rows, and columns, of its frames' tokens are one. */
  readonly side: number;
  /** As many as `rate`, oldest first; one may be there twice. */
  readonly frames: readonly number[];
  /** Time index of the first, as the module counts. */
  readonly time: number;
}

/** Which frames a pass attends to besides its own. */
export interface ContextPlan {
  readonly sink: readonly FrameRef[];
  /** Per layer. */
  readonly bank: readonly (readonly FrameRef[])[];
  readonly window: readonly FrameRef[];
  /** Sparse activation: what the frames are picked from, and how many; null attends to everything. */
  readonly activation: { readonly pool: 'bank' | 'sink+bank'; readonly count: number } | null;
  /**
   * What the module makes the whole context of instead, from clean latents (`MemoryWork.makeContext`); there are no pages in it
   * then. Left out by modules whose context is pages.
   */
  readonly packs?: readonly FramePack[];
}

/** What a policy wants to know before it can choose a bank. */
export interface RetrievalPlan {
  /** Per layer, the frames to score for the prompt of the coming chunk, in the order the scores are wanted. */
  readonly candidates: readonly (readonly FrameRef[])[];
}

/** A second look at recent frames under a new prompt. */
export interface RecachePlan<State extends MemoryState = MemoryState> {
  /** First frame to run again, and how many. */
  readonly firstFrame: number;
  readonly frames: number;
  /** The last so many of them serve as keys; all are queries. */
  readonly keyFrames: number;
  readonly context: ContextPlan;
  /** The state with the refreshed pages in it. */
  apply(pass: string): State;
}

/** Everything decided before a chunk is denoised. */
export interface ChunkPlan<State extends MemoryState = MemoryState> {
  readonly recache: RecachePlan<State> | null;
  /** After the recache, if there is one: its pages replace the window's. */
  context(state: State): ContextPlan;
  /** State at the start of the chunk, with the bank chosen. */
  readonly state: State;
}

export interface CommitPlan<State extends MemoryState = MemoryState> {
  readonly state: State;
  readonly prototype: number | null;
  readonly evicted: readonly number[];
}

/**
 * A way to remember: pure decisions over frame references and scores. For each chunk the pipeline calls
 * `retrieval`, scores what it names, then `plan`, denoises, and `commit`.
 */
export interface MemoryPolicy<State extends MemoryState = MemoryState> {
  retrieval(state: State, settings: MemorySettings, transition: Transition, prompt: string): RetrievalPlan;
  /** @param scores [layers][candidates], as `retrieval` named them */
  plan(
    state: State,
    settings: MemorySettings,
    transition: Transition,
    prompt: string,
    scores: readonly (readonly number[])[],
  ): ChunkPlan<State>;
  /** @param pass the commit's, which made the pages of the `frames` frames from `state.frames` on, where the module commits */
  commit(state: State, settings: MemorySettings, prompt: string, frames: number, pass: string): CommitPlan<State>;
}

/** Indices of the `count` largest scores, best first; equal scores keep their order. */
export function topIndices(scores: readonly number[], count: number): number[] {
  return scores
    .map((score, index) => ({ score, index }))
    .sort((a, b) => b.score - a.score || a.index - b.index)
    .slice(0, count)
    .map(({ index }) => index);
}

export function frameRefs(firstFrame: number, count: number, pass: string): FrameRef[] {
  return Array.from({ length: count }, (_, i) => ({ frame: firstFrame + i, pass }));
}

/** The first `sinkFrames` frames of the story, filled as they are committed. */
export function grownSink(sink: readonly FrameRef[], fresh: readonly FrameRef[], sinkFrames: number): FrameRef[] {
  return [...sink, ...fresh.filter(({ frame }) => frame < sinkFrames)];
}
