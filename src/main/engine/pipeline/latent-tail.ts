import { ThroughlineError } from '../../../shared/errors.ts';
import type { Ancestor } from '../protocol.ts';

/** Chunks kept: enough for a recache of 12 frames and for the decoder's memory of 8. */
const keptChunks = 8;

interface KeptChunk {
  readonly key: string;
  readonly firstFrame: number;
  readonly latents: Float32Array;
}

/** The clean latents of the last few chunks before the present position. */
export class LatentTail {
  readonly #frameSize: number;
  readonly #chunkFrames: number;
  readonly #source: { latentsOf(key: string): Promise<Float32Array | null> };
  #chunks: KeptChunk[] = [];

  /**
   * @param frameSize values of one latent frame
   * @param source whoever keeps the latents of finished chunks
   */
  constructor(
    frameSize: number,
    chunkFrames: number,
    source: { latentsOf(key: string): Promise<Float32Array | null> },
  ) {
    this.#frameSize = frameSize;
    this.#chunkFrames = chunkFrames;
    this.#source = source;
  }

  /**
   * The latents of a finished chunk, from the owner: [chunkFrames, channels, height, width].
   * @throws ThroughlineError `state-missing` if there are none, or not this model's
   */
  async fetch({ key, recipe }: Ancestor): Promise<Float32Array> {
    const latents = await this.#source.latentsOf(key);
    const of = `The latents of chunk ${recipe.chunkIndex}`;
    const hint = 'Generate that chunk again.';
    if (!latents) throw new ThroughlineError('state-missing', `${of} are missing.`, hint);
    const expected = this.#chunkFrames * this.#frameSize;
    if (latents.length === expected) return latents;
    const sizes = `have ${latents.length} values, and this model needs ${expected}`;
    throw new ThroughlineError('state-missing', `${of} ${sizes}: they are damaged or another model's.`, hint);
  }

  append(key: string, latents: Float32Array, firstFrame: number): void {
    this.#chunks = [
      ...this.#chunks.filter((chunk) => chunk.firstFrame < firstFrame),
      { key, firstFrame, latents },
    ].slice(-keptChunks);
  }

  /** Becomes the tail of this line of chunks, asking the owner for what is not here. */
  async follow(ancestors: readonly Ancestor[]): Promise<void> {
    const known = new Map(this.#chunks.map((chunk) => [chunk.key, chunk.latents]));
    const chunks: KeptChunk[] = [];
    for (const ancestor of ancestors.slice(-keptChunks)) {
      const latents = known.get(ancestor.key) ?? (await this.fetch(ancestor));
      chunks.push({ key: ancestor.key, firstFrame: ancestor.recipe.chunkIndex * this.#chunkFrames, latents });
    }
    this.#chunks = chunks;
  }

  /** [count, channels, height, width]; a copy. */
  frames(first: number, count: number): Float32Array {
    const out = new Float32Array(count * this.#frameSize);
    for (let i = 0; i < count; i++) {
      const frame = first + i;
      const chunk = this.#chunks.find(
        ({ firstFrame, latents }) => frame >= firstFrame && frame < firstFrame + latents.length / this.#frameSize,
      );
      if (!chunk) throw new ThroughlineError('internal', `Latent frame ${frame} is no longer at hand.`);
      const from = (frame - chunk.firstFrame) * this.#frameSize;
      out.set(chunk.latents.subarray(from, from + this.#frameSize), i * this.#frameSize);
    }
    return out;
  }
}
