import type { EngineClient } from '../src/main/engine/client.ts';
import type { Ancestor } from '../src/main/engine/protocol.ts';
import type { MemoryOverrides } from '../src/shared/memory-settings.ts';
import { askedMemory } from '../src/shared/recipes.ts';
import type { ChunkRecipe, ChunkResult } from '../src/shared/render.ts';

/** In the vocabulary of the built-in model and of its stand-in. */
export const prompts = [
  'A red cat walks in the meadow.',
  'A blue robot stands in the city at night.',
  'A white bear jumps in the snow.',
  'The yellow duck waves on the beach.',
];

/** Milliseconds of one chunk. `total` is what the owner of the engine waits; `other` is not covered by the phases. */
export interface ChunkTimes {
  readonly encode: number;
  readonly retrieve: number;
  readonly recache: number;
  readonly steps: readonly number[];
  readonly commit: number;
  readonly decode: number;
  readonly total: number;
  readonly frames: number;
}

/** A story that is told one chunk at a time to an engine, the prompt changing now and then. */
export class BenchStory {
  readonly latents = new Map<string, Float32Array>();
  readonly line: Ancestor[] = [];
  readonly #engine: EngineClient;
  readonly #memory: MemoryOverrides;
  readonly #promptChunks: number;

  /** @param promptChunks chunks from one change of prompt to the next; every change is a `continue`, so the window is recached */
  constructor(
    engine: EngineClient,
    { memory = {}, promptChunks = 8 }: { memory?: MemoryOverrides; promptChunks?: number } = {},
  ) {
    this.#engine = engine;
    this.#memory = memory;
    this.#promptChunks = promptChunks;
  }

  /** @param steps nominal denoising steps, the model's own by default; few of them make a quick warm-up */
  next(steps: readonly number[] = this.#engine.info.sampler.steps): Ancestor {
    const chunkIndex = this.line.length;
    const recipe: ChunkRecipe = {
      chunkIndex,
      prompt: prompts[Math.floor(chunkIndex / this.#promptChunks) % prompts.length] as string,
      seed: 7,
      transition: 'continue',
      sampler: { ...this.#engine.info.sampler, steps },
      memory: askedMemory(this.#engine.info, this.#memory, 'the benchmark'),
    };
    return { key: `${recipe.memory.policy}/${chunkIndex}/${steps.length}`, recipe };
  }

  /**
   * Goes on to `length` chunks by latents that were made already, over and over: the memory looks at each as at any chunk, and
   * nothing is denoised or decoded. The engine must have been given {@link latents}.
   */
  async growTo(length: number): Promise<void> {
    const made = [...this.latents.values()];
    while (this.line.length < length) {
      const chunk = this.next();
      this.latents.set(chunk.key, made[this.line.length % made.length] as Float32Array);
      this.line.push(chunk);
    }
    await this.#engine.moveTo(this.line.slice(), 'auto');
  }

  async render(steps?: readonly number[]): Promise<{ result: ChunkResult; times: ChunkTimes }> {
    const chunk = this.next(steps);
    let encodingFrom = 0;
    let encode = 0;
    const startedAt = performance.now();
    const result = await this.#engine.renderChunk(
      { ...chunk, ancestors: this.line.slice() },
      {
        onProgress: ({ phase }) => {
          if (phase === 'encoding prompt') encodingFrom = performance.now();
          if (phase === 'retrieving') encode = performance.now() - encodingFrom;
        },
      },
    );
    const total = performance.now() - startedAt;
    this.line.push(chunk);
    this.latents.set(chunk.key, result.latents);
    const { retrieveMs, recacheMs, denoiseMs, commitMs, decodeMs } = result.record.timings;
    const times = {
      encode,
      retrieve: retrieveMs,
      recache: recacheMs,
      steps: denoiseMs,
      commit: commitMs,
      decode: decodeMs,
      total,
      frames: result.frameCount,
    };
    return { result, times };
  }
}
