import type { ChunkPhase, ChunkRecipe, ChunkResult, ModelInfo } from '../../../shared/render.ts';

export interface ChunkRequest {
  readonly key: string;
  readonly recipe: ChunkRecipe;
  /** Root to parent; empty for the first chunk. */
  readonly ancestors: readonly { readonly key: string; readonly recipe: ChunkRecipe }[];
}

/** What rendering asks of an engine; EngineClient is one. */
export interface ChunkEngine {
  readonly info: ModelInfo;
  renderChunk(
    request: ChunkRequest,
    run?: {
      onProgress?: (phase: ChunkPhase) => void;
      /** Takes [frameCount, height, width, 3] of the chunk as it looks after so many steps. */
      onPreview?: (step: number, frames: Uint8Array, frameCount: number) => void;
      signal?: AbortSignal;
    },
  ): Promise<ChunkResult>;
  decode(
    chunks: readonly Float32Array[],
    onChunk: (index: number, frames: Uint8Array, frameCount: number) => Promise<void> | void,
    signal?: AbortSignal,
  ): Promise<void>;
}
