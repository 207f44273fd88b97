import { ThroughlineError } from '../../../shared/errors.ts';
import type { Ancestor } from '../protocol.ts';

/** Chunks kept at hand: enough for the decoder's memory and for most recaches. What lies further back is asked for again. */
const keptChunks = 8;

interface KeptChunk {
  readonly key: string;
  readonly firstFrame: number;
  readonly latents: Float32Array;
}

/** The clean latents before the present position: the last few at hand, the others at the asking. */
export class LatentTail {
  readonly #frameSize: number;
  readonly #chunkFrames: number;
  readonly #source: { latentsOf(key: string): Promise<Float32Array | null> };
  /** All chunks before the present position, from the root. */
  #line: readonly Ancestor[] = [];
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

  /** A chunk was made or replayed: it is the last one now. What stood at its place or after it is forgotten. */
  append(chunk: Ancestor, latents: Float32Array): void {
    const { chunkIndex } = chunk.recipe;
    const firstFrame = chunkIndex * this.#chunkFrames;
    this.#line = [...this.#line.slice(0, chunkIndex), chunk];
    this.#chunks = [
      ...this.#chunks.filter((kept) => kept.firstFrame < firstFrame),
      { key: chunk.key, firstFrame, latents },
    ].slice(-keptChunks);
  }

  /** Becomes the tail of this line of chunks, asking the owner for what is not here. */
  async follow(ancestors: readonly Ancestor[]): Promise<void> {
    this.#chunks = await this.#gather(ancestors.slice(-keptChunks));
    this.#line = ancestors;
  }

  /**
   * [count, channels, height, width]; a copy. Frames further back than what is at hand are asked of the owner.
   * @throws ThroughlineError `state-missing` if the owner has not got them
   */
  async frames(first: number, count: number): Promise<Float32Array> {
    const chunks = await this.#gather(
      this.#line.slice(Math.floor(first / this.#chunkFrames), Math.ceil((first + count) / this.#chunkFrames)),
    );
    const out = new Float32Array(count * this.#frameSize);
    for (let i = 0; i < count; i++) {
      const frame = first + i;
      const chunk = chunks.find(({ firstFrame }) => frame >= firstFrame && frame < firstFrame + this.#chunkFrames);
      if (!chunk) throw new ThroughlineError('internal', `Latent frame ${frame} is not before this chunk.`);
      const from = (frame - chunk.firstFrame) * this.#frameSize;
      out.set(chunk.latents.subarray(from, from + this.#frameSize), i * this.#frameSize);
    }
    return out;
  }

  async #gather(ancestors: readonly Ancestor[]): Promise<KeptChunk[]> {
    const known = new Map(this.#chunks.map((chunk) => [chunk.key, chunk.latents]));
    const chunks: KeptChunk[] = [];
    for (const ancestor of ancestors) {
      const latents = known.get(ancestor.key) ?? (await this.fetch(ancestor));
      chunks.push({ key: ancestor.key, firstFrame: ancestor.recipe.chunkIndex * this.#chunkFrames, latents });
    }
    return chunks;
  }
}
