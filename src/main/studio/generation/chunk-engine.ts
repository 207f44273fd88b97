import type { ChunkMaker } from '../../farm/index.ts';

export type ChunkRequest = Parameters<ChunkMaker['renderChunk']>[0];

/** What rendering asks of an engine; EngineClient is one. */
export interface ChunkEngine extends ChunkMaker {
  decode(
    chunks: readonly Float32Array[],
    onChunk: (index: number, frames: Uint8Array, frameCount: number) => Promise<void> | void,
    signal?: AbortSignal,
  ): Promise<void>;
}
