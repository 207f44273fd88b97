import type { ChunkPhase, ChunkRecipe, ChunkResult, ModelInfo } from '../../shared/render.ts';
import type { ChunkArtifact } from '../persistence/index.ts';
import type { Run } from './runs.ts';

/** What makes chunks. The engine's client does. */
export interface ChunkMaker {
  readonly info: ModelInfo;
  /** @throws CancelledError soon after `signal` is aborted */
  renderChunk(
    request: {
      readonly key: string;
      readonly recipe: ChunkRecipe;
      /** Root to parent; empty for the first chunk. */
      readonly ancestors: readonly { readonly key: string; readonly recipe: ChunkRecipe }[];
    },
    run?: {
      onProgress?: (phase: ChunkPhase) => void;
      /** Takes [frameCount, height, width, 3] of the chunk as it looks after so many steps. */
      onPreview?: (step: number, frames: Uint8Array, frameCount: number) => void;
      signal?: AbortSignal;
    },
  ): Promise<ChunkResult>;
}

/** Lends an engine for as long as one chunk takes; whoever borrows it calls `alive` whenever something happens. */
export type LendEngine = <T>(
  work: (engine: ChunkMaker, alive: () => void) => Promise<T>,
  options: { readonly signal?: AbortSignal },
) => Promise<T>;

/** A chunk as a worker hands it over. */
export interface MadeChunk {
  readonly artifact: ChunkArtifact;
  /** Where the worker had them at hand; else they are decoded from the latents. */
  readonly pictures: Pick<ChunkResult, 'frames' | 'frameCount'> | null;
}

/** What a worker is told of a run, and whom it tells. */
export interface RunCall {
  /** Root to the chunk before the run; empty at the beginning of a story. */
  readonly ancestors: () => readonly { readonly key: string; readonly recipe: ChunkRecipe }[];
  /** Digest of the latents of a chunk that is there; null for one that is not. */
  readonly digestOf: (key: string) => string | null | Promise<string | null>;
  readonly onPhase?: (key: string, phase: ChunkPhase) => void;
  /** Takes [frameCount, height, width, 3] of a chunk as it looks after so many steps, from workers that have it at hand. */
  readonly onPreview?: (key: string, step: number, frames: Uint8Array, frameCount: number) => void;
  /** Takes each chunk once it is made, in order; the worker waits for it. */
  readonly onChunk: (made: MadeChunk) => Promise<void>;
  /** Other runs of the same request follow on this one. */
  readonly isAwaited?: boolean;
  readonly signal?: AbortSignal;
}

/** Makes runs: the engine of this machine is one, a farm is another. */
export interface RunWorker {
  /** Runs it takes at a time; the others wait. */
  readonly atOnce: number;
  /**
   * Makes what is not there of a run and hands it over chunk by chunk.
   * @throws CancelledError once the call's signal is aborted; what was handed over stays
   */
  makeRun(run: Run, call: RunCall): Promise<void>;
}
