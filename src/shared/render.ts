import type { FrameSizes } from './frame-size.ts';
import type { MemoryAdapter } from './memories/index.ts';
import type { MemoryRecord } from './memory-record.ts';
import type { MemorySettings } from './memory-settings.ts';
import type { RecipeFirstFrame, RecipeFootage, RecipePicture } from './pictures.ts';
import type { SceneWords } from './scene/index.ts';
import type { Transition } from './story.ts';

/** `cpu`, or `webgpu` (the system's default adapter). */
export type DeviceName = 'cpu' | 'webgpu';

/** How K/V are stored; rounding happens at commit, before first use, so a stored state is the state. */
export type KvStorage = 'fp32' | 'fp16' | 'int8';

/** What matrix products are computed in: `fp16` on graphics cards that can, `fp32` everywhere else. */
export type Precision = 'fp32' | 'fp16';

export interface SamplerSettings {
  /** `renoise`: fresh noise between steps (published). `euler`: the plain ODE step. */
  readonly kind: 'renoise' | 'euler';
  /** Nominal timesteps, falling, in 1..1000. */
  readonly steps: readonly number[];
}

/** What one chunk is made from, besides the state its parent left. */
export interface ChunkRecipe {
  /** Chunks since the root of the story: 0 is the first. */
  readonly chunkIndex: number;
  readonly prompt: string;
  readonly seed: number;
  /** How this chunk's shot begins; `continue` for every chunk of a shot but its first. */
  readonly transition: Transition;
  readonly sampler: SamplerSettings;
  readonly memory: MemorySettings;
  /** Pictures in memory, in the order in which the story names them; see `pictureFrame`. Absent: none. */
  readonly pictures?: readonly RecipePicture[];
  /** What the film begins with; of chunk 0 only. Absent: the model makes all of it. */
  readonly firstFrame?: RecipeFirstFrame;
  /**
   * What the chunk shows: it is encoded and remembered, and nothing is generated. Only where every chunk before has some, since
   * the encoder looks at them in order. Absent: the model makes it.
   */
  readonly footage?: RecipeFootage;
}

/** What the engine says of a model once it is loaded. */
export interface ModelInfo {
  readonly name: string;
  /** SHA-256 over weights, tokenizer and configuration: part of every key. */
  readonly digest: string;
  /** Changes whenever the same recipe would give other numbers. */
  readonly numericsVersion: number;
  readonly device: string;
  /** Frames as they are drawn, played and exported. */
  readonly video: { readonly width: number; readonly height: number; readonly fps: number };
  /** The sizes that it can be loaded for; absent where it draws {@link video} alone. */
  readonly frameSizes?: FrameSizes;
  /** Latent frames back that a pixel can depend on: a film decoded from the middle begins so many before. */
  readonly decoderMemoryFrames: number;
  readonly latent: { readonly channels: number; readonly height: number; readonly width: number };
  readonly tokenGrid: { readonly rows: number; readonly columns: number };
  readonly chunkFrames: number;
  /** Longest story the model has positions for, in chunks; null where there is no limit. */
  readonly maxChunks: number | null;
  readonly layers: number;
  readonly heads: number;
  readonly textLength: number;
  /** What its vocabulary says of places and times, for automatic transitions; null where it has none. */
  readonly scene?: SceneWords | null;
  readonly sampler: SamplerSettings;
  readonly memory: MemorySettings;
  /** Memories that it has besides, by adapters in its folder. */
  readonly adapters?: readonly MemoryAdapter[];
  readonly kvStorage: KvStorage;
  /** What looks at pictures, by the SHA-256 of its weights; null or absent where the model has no encoder. */
  readonly encoder?: string | null;
  /** Keys and values of one frame, all layers, as they are stored, in bytes. */
  readonly frameBytes: number;
}

/** Work of one chunk, in the order it happens. */
export type ChunkPhase =
  | { readonly phase: 'restoring'; readonly done: number; readonly of: number }
  | { readonly phase: 'encoding prompt' }
  | { readonly phase: 'retrieving' }
  | { readonly phase: 'recaching' }
  | { readonly phase: 'denoising'; readonly step: number; readonly of: number }
  | { readonly phase: 'committing' }
  | { readonly phase: 'decoding' };

/**
 * Chunks decoded in several calls: the engine goes on from where the stream stands, if it still has it, and otherwise from the
 * chunks given before them.
 */
export interface DecodeStream {
  /** Of this film alone. */
  readonly id: string;
  /** Index in the film's line of the first chunk that is wanted. */
  readonly at: number;
  /** So many of the chunks given come before it: they only bring the decoder to it. */
  readonly before: number;
  /** No call of this stream follows. */
  readonly last: boolean;
}

/** A finished chunk. */
export interface ChunkResult {
  /** Clean latents, [chunkFrames, channels, height, width], row-major. */
  readonly latents: Float32Array;
  /** RGB frames, [frameCount, video.height, video.width, 3], 0..255. Chunk 0 has 4*chunkFrames-3 frames, others 4*chunkFrames. */
  readonly frames: Uint8Array;
  readonly frameCount: number;
  readonly record: MemoryRecord;
}
