import type { MemoryRecord } from '../../../shared/memory-record.ts';
import type { MemorySettings } from '../../../shared/memory-settings.ts';
import { type ModelConfig, type PackSides, publishedPackSides } from '../model/config.ts';
import type { MadeContext, MemoryHost, MemoryPrompt, RunLimits } from './host.ts';
import type { FrameRef, MemoryState, StateLayout } from './memory-state.ts';
import type { ContextPlan, FramePack, MemoryPolicy } from './policy.ts';

/**
 * Everything one way of remembering decides and tells, as pure functions, plain data and graphs of its own; each has a folder
 * here. The pipeline does what it states and knows no module by name. Its settings, and what a person reads of it, stand in
 * `shared/memories`, because the page may not import the engine. A new module touches those two places, the two registries
 * that name it, and the view of its records.
 */
export interface MemoryModule<State extends MemoryState = MemoryState> extends MemoryPolicy<State> {
  /** Settings of the recipe that choose it, `memory.mode`. */
  readonly mode: MemorySettings['mode'];
  /** How its state is laid out. */
  readonly state: StateLayout<State>;
  /** Which weights look at the finished chunk to make its pages, and under which prompt; null where a memory keeps no pages. */
  readonly commits: { readonly dit: DitName; readonly prompt: 'chunk' | 'empty' } | null;
  /** Whether a recache may leave some of its own frames out of the keys: the graph then has an input for it. */
  readonly partialRecache: boolean;
  /** Whether it ever attends to the best frames of a pool only (sparse activation): the graph then has inputs for the pool. */
  readonly activates: boolean;
  /**
   * Whether its context brings the prompt's keys and values too, longer by tokens of its own: the graph then takes any number of
   * them, and prompts are known by their embeddings as well. Left out: it does not.
   */
  readonly extendsPrompt?: boolean;
  /** Whether its record tells what the chunk attended to, by frame and layer: the graph that draws then gives that too. Left out: no. */
  readonly tellsAttention?: boolean;
  /** Frames that a chunk attends to at most besides the sink and its own. */
  attendedFrames(settings: Pick<MemorySettings, 'bankFrames' | 'windowFrames' | 'capacity'>): number;
  /** Frames that settings make a story hold, for planning memory: exact at most, not on average. */
  footprint(settings: MemoryCounts): MemoryFootprint;
  /** What its own runs take within these limits, where that is much; for planning memory. Left out: they take little. */
  runs?(config: ModelConfig, limits: RunLimits): readonly MemoryRun[];
  /** Settings that hold less, the least loss first. */
  smaller(settings: MemoryCounts): Iterable<SmallerMemory>;
  /**
   * The state with exactly these pictures among what can be recalled; undefined where it cannot remember pictures. The
   * pipeline has looked at them before, and names those that are pinned among the settings' pins.
   */
  withPictures?(state: State, pictures: readonly FrameRef[]): State;
  /** What it cannot do of these settings, in a sentence; null where it can follow them. */
  objection(settings: MemorySettings): string | null;
  /** Its work on a device; what it keeps from chunk to chunk goes with the result. */
  open(host: MemoryHost): MemoryWork<State>;
}

/** The weights that draw, or those that look at what was drawn. */
export type DitName = 'generator' | 'memory';

/** What of the settings decides how many frames a memory holds. */
export type MemoryCounts = Pick<MemorySettings, 'policy' | 'sinkFrames' | 'windowFrames' | 'bankFrames' | 'capacity'>;

/** K and V in whole frames. */
export interface MemoryFootprint {
  /** A chunk attends to so many at most, its own not counted. */
  readonly attended: number;
  /** So many stay at most, those of the chunk being made not counted. */
  readonly kept: number;
}

/** One run of a module's own graph. */
export interface MemoryRun {
  /** Before the chunk's context is made, or while it is there. */
  readonly when: 'before context' | 'beside context';
  /** What it computes at most at one time, the pages that it is fed not counted. */
  readonly bytes: number;
}

/** A change with which a memory holds less, and what that is called in a sentence. */
export interface SmallerMemory {
  readonly what: string;
  readonly change: Partial<Pick<MemoryCounts, 'bankFrames' | 'capacity'>>;
}

/** Fewer frames to recall, one by one. */
export function* smallerBanks(settings: MemoryCounts): Iterable<SmallerMemory> {
  for (let bankFrames = settings.bankFrames - 1; bankFrames >= 1; bankFrames--)
    yield {
      what: `a bank of ${bankFrames === 1 ? '1 frame' : `${bankFrames} frames`}`,
      change: { bankFrames },
    };
}

/** What a module does on the device. */
export interface MemoryWork<State extends MemoryState = MemoryState> {
  /**
   * Scores what `retrieval` named.
   * @param candidates per layer
   */
  score(prompt: MemoryPrompt, candidates: readonly (readonly FrameRef[])[]): Promise<Scored<State>>;
  /**
   * Makes the context that a plan with `packs` asks for, once a chunk and before it is denoised.
   * @returns parts with different names, none where there is nothing to look back on; the caller owns them
   */
  makeContext?(source: ContextSource<State>): Promise<readonly MadeContext[]>;
  /**
   * What becomes of the state when a chunk is finished, made or replayed, where that takes the device.
   * @param state with the chunk in it, as `commit` left it
   */
  afterCommit?(state: State, chunk: FinishedChunk): Promise<State>;
}

/** A chunk that is done. */
export interface FinishedChunk {
  readonly prompt: MemoryPrompt;
  readonly settings: MemorySettings;
  /** Names the passes made for the chunk. */
  readonly pass: string;
  /** Clean, [chunkFrames, channels, height, width]. */
  readonly latents: Float32Array;
  /** What the film's first frame was given to show, [channels, height, width]; null where it was not, and in later chunks. */
  readonly reference: Float32Array | null;
}

/** What a module makes a context of. */
export interface ContextSource<State extends MemoryState = MemoryState>
  extends Pick<FinishedChunk, 'prompt' | 'reference'> {
  /** Before the chunk. */
  readonly state: State;
  readonly packs: readonly FramePack[];
  /** The chunk's first frame, and the time index that it has for RoPE. */
  readonly firstFrame: number;
  readonly firstTime: number;
  /** Clean latents of frames before the chunk, [count, channels, height, width]. */
  latents(firstFrame: number, count: number): Promise<Float32Array>;
}

/** What was found: scores to decide by, and what a record tells of them. */
export interface Scored<State extends MemoryState = MemoryState> {
  /** [layers][candidates] */
  readonly scores: readonly (readonly number[])[];
  /** Its part of the chunk's record; called after the commit, while the candidates' pages are still there. */
  account(chunk: RememberedChunk<State>): Promise<MemoryAccount>;
}

/** A chunk as its record sees it. */
export interface RememberedChunk<State extends MemoryState = MemoryState> {
  readonly before: State;
  readonly after: State;
  readonly plan: ContextPlan;
  readonly settings: MemorySettings;
  /** As the commit tells. */
  readonly evicted: readonly number[];
  /** Null where the module does not ask for it, or nothing was denoised. */
  readonly attended: AttendedShares | null;
}

/** What a chunk attended to in its last denoising step: shares of self-attention, mean of all heads and of some of its tokens. */
export interface AttendedShares {
  /** Latent frames of the context, without the chunk's own. */
  readonly frames: readonly number[];
  /** [layers][frames], 0..1; what is missing to 1 went to the chunk itself. */
  readonly shares: readonly (readonly number[])[];
}

/** The part of a record that only the module can tell. */
export type MemoryAccount = Pick<MemoryRecord, 'pull' | 'spatial' | 'evicted' | 'told' | 'keptBytes'>;

/** What a module must know of a model. */
export interface MemoryLayout {
  readonly layers: number;
  readonly chunkFrames: number;
  /** How the model counts time: from the story's beginning, or from the chunk at work. */
  readonly positions: ModelConfig['memory']['positions']['kind'];
  readonly packSides: PackSides;
}

export function layoutOf({ dit, sampler, memory, packSides = publishedPackSides }: ModelConfig): MemoryLayout {
  return { layers: dit.layers, chunkFrames: sampler.chunkFrames, positions: memory.positions.kind, packSides };
}

/** For a module that scores nothing and has nothing of its own to tell. */
export const nothingScored: Pick<MemoryWork, 'score'> = {
  score: async (_prompt, candidates) => ({
    scores: candidates.map(() => []),
    account: async ({ evicted }) => ({ pull: [], spatial: [], evicted: [...evicted] }),
  }),
};
