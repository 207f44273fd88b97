import type { ModelConfig } from '../model/config.ts';

/** Sizes as the traces of published code name them. */
export interface RecordedSizes {
  readonly grid: readonly [number, number];
  readonly dim: number;
  readonly heads: number;
  readonly layers: number;
  readonly ffn: number;
  readonly freq_dim: number;
  readonly text_dim: number;
  readonly text_len: number;
  readonly chunk_frames: number;
}

export const recordedChannels = 16;
export const recordedSteps = [1000, 750, 500, 250];

/** The configuration of a recorded DiT; text encoder and decoder are not part of it. */
export function recordedConfig(c: RecordedSizes, memory: Omit<ModelConfig['memory'], 'positions'>): ModelConfig {
  return {
    format: 'throughline-model',
    formatVersion: 1,
    name: 'recorded',
    video: { width: c.grid[1] * 16, height: c.grid[0] * 16, fps: 16 },
    latent: { channels: recordedChannels, temporalStride: 4, spatialStride: 8 },
    text: {
      vocabSize: 1,
      dim: c.text_dim,
      heads: 1,
      headDim: 1,
      ffnDim: 1,
      layers: 1,
      buckets: 32,
      maxDistance: 128,
      textLength: c.text_len,
    },
    dit: {
      dim: c.dim,
      heads: c.heads,
      layers: c.layers,
      ffnDim: c.ffn,
      freqDim: c.freq_dim,
      eps: 1e-6,
      ropeTheta: 10000,
      ropeTableLength: 1024,
    },
    decoder: { kind: 'taehv', widths: [1, 1, 1, 1], outputScale: 1 },
    sampler: { kind: 'renoise', steps: recordedSteps, shift: 5, chunkFrames: c.chunk_frames },
    memory: { ...memory, positions: { kind: 'absolute' } },
  };
}
