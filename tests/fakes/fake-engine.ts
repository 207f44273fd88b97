import type { ChunkEngine, ChunkRequest } from '../../src/main/studio/generation/chunk-engine.ts';
import { throwIfCancelled } from '../../src/shared/errors.ts';
import type { MemoryRecord } from '../../src/shared/memory-record.ts';
import type { ChunkPhase, ChunkResult, ModelInfo } from '../../src/shared/render.ts';
import { pixelFramesOfChunk } from '../../src/shared/timing.ts';
import { fakeMemory } from './memory-settings.ts';

const video = { width: 16, height: 16, fps: 8 };

/** A model too small to be one: 16 x 16 pixels, two layers of two heads. */
export const fakeInfo: ModelInfo = {
  name: 'Fake',
  digest: 'f'.repeat(64),
  numericsVersion: 1,
  device: 'cpu',
  video,
  latent: { channels: 1, height: 2, width: 2 },
  decoderMemoryFrames: 8,
  tokenGrid: { rows: 1, columns: 1 },
  chunkFrames: 3,
  maxChunks: null,
  layers: 2,
  heads: 2,
  textLength: 8,
  sampler: { kind: 'renoise', steps: [1000, 500] },
  memory: fakeMemory,
  kvStorage: 'fp16',
  frameBytes: 1000,
};

/**
 * An engine whose latents are a number drawn from the chunk's key, and whose frames show that number as grey: right
 * frames in the wrong place, or from another recipe, are seen in a test.
 */
export class FakeEngine implements ChunkEngine {
  readonly info: ModelInfo;
  /** Requests it has finished. */
  readonly made: ChunkRequest[] = [];
  /** Called before each phase of a chunk; throw here to fail. */
  beforePhase: (request: ChunkRequest, phase: ChunkPhase) => void = () => {};
  /** Called before each chunk that is decoded. */
  beforeDecoded: (index: number) => void = () => {};
  /** Awaited in each phase of a chunk, after it was announced: hold it here. */
  whileIn: (request: ChunkRequest, phase: ChunkPhase) => Promise<void> = () => Promise.resolve();

  constructor(info: Partial<ModelInfo> = {}) {
    this.info = { ...fakeInfo, ...info };
  }

  async renderChunk(
    request: ChunkRequest,
    run: { onProgress?: (phase: ChunkPhase) => void; signal?: AbortSignal } = {},
  ): Promise<ChunkResult> {
    const steps = request.recipe.sampler.steps.length;
    const phases: ChunkPhase[] = [
      { phase: 'encoding prompt' },
      { phase: 'retrieving' },
      ...Array.from({ length: steps }, (_, step) => ({ phase: 'denoising' as const, step: step + 1, of: steps })),
      { phase: 'committing' },
      { phase: 'decoding' },
    ];
    for (const phase of phases) {
      this.beforePhase(request, phase);
      run.onProgress?.(phase);
      await this.whileIn(request, phase);
      throwIfCancelled(run.signal, 'The chunk');
    }
    const latents = new Float32Array(3 * 4).fill(greyOf(request.key));
    const { frames, frameCount } = this.#frames(request.recipe.chunkIndex, latents);
    this.made.push(request);
    return { latents, frames, frameCount, record: fakeRecord(request) };
  }

  async decode(
    chunks: readonly Float32Array[],
    onChunk: (index: number, frames: Uint8Array, frameCount: number) => Promise<void> | void,
    signal?: AbortSignal,
  ): Promise<void> {
    for (const [index, latents] of chunks.entries()) {
      this.beforeDecoded(index);
      throwIfCancelled(signal, 'Decoding');
      const { frames, frameCount } = this.#frames(index, latents);
      await onChunk(index, frames, frameCount);
    }
  }

  #frames(chunkIndex: number, latents: Float32Array) {
    const frameCount = pixelFramesOfChunk(chunkIndex, 3);
    const { width, height } = this.info.video;
    return { frames: new Uint8Array(frameCount * width * height * 3).fill(latents[0] ?? 0), frameCount };
  }
}

/** The grey (0..255) in which the fake engine draws a chunk. */
export function greyOf(key: string): number {
  return Number.parseInt(key.slice(0, 2), 16);
}

/** What a memory that remembers the prototypes of the last three chunks would report. */
export function fakeRecord({ recipe }: Pick<ChunkRequest, 'recipe'>): MemoryRecord {
  const { chunkIndex } = recipe;
  const candidates = Array.from({ length: Math.max(0, chunkIndex - 2) }, (_, chunk) => chunk * 3);
  const bank = candidates.slice(-recipe.memory.bankFrames);
  const words = recipe.prompt.split(' ').map((text) => ({ text, known: text !== 'the' }));
  return {
    version: 2,
    pictures: [],
    chunkIndex,
    firstFrame: chunkIndex * 3,
    frames: 3,
    prompt: recipe.prompt,
    words,
    transition: recipe.transition,
    settings: { ...recipe.memory, pins: [...recipe.memory.pins], bans: [...recipe.memory.bans] },
    recached: false,
    sink: chunkIndex > 2 ? [0] : [],
    window: Array.from({ length: Math.min(6, chunkIndex * 3) }, (_, back) => chunkIndex * 3 - 1 - back).reverse(),
    bankBefore: [bank, bank],
    bank: [bank, bank],
    candidates,
    scores: [candidates, candidates].map((layer) => layer.map(() => 1 / layer.length)),
    prototype: chunkIndex * 3,
    evicted: [],
    activation:
      bank.length > 0
        ? { steps: 2, pool: [bank, bank], counts: [0, 1].map(() => [0, 1].map(() => bank.map(() => 1))) }
        : null,
    pull: words.map((_, word) => candidates.map((frame) => (word + 1) / (frame + 10))),
    spatial: [],
    timings: { retrieveMs: 1, recacheMs: 0, denoiseMs: [2, 2], commitMs: 1, decodeMs: 1 },
  };
}
