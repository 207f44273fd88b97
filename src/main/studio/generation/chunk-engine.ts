import type { DecodeStream } from '../../../shared/render.ts';
import type { ChunkMaker } from '../../farm/index.ts';

export type ChunkRequest = Parameters<ChunkMaker['renderChunk']>[0];

/** What rendering asks of an engine; EngineClient is one. */
export interface ChunkEngine extends ChunkMaker {
  /** @param stream in several calls: chunks before the first that is wanted may then be left out */
  decode(
    chunks: readonly Float32Array[],
    onChunk: (index: number, frames: Uint8Array, frameCount: number) => Promise<void> | void,
    signal?: AbortSignal,
    stream?: DecodeStream | null,
  ): Promise<void>;
}
