import { ThroughlineError } from '../../../shared/errors.ts';
import { pixelFramesOfChunk } from '../../../shared/timing.ts';
import type { Device } from '../runtime/device.ts';
import { EncoderStream } from './encoder-stream.ts';
import type { ModelGraphs } from './model-graphs.ts';
import type { PictureSource } from './picture-latents.ts';

/**
 * Footage that chunks are given, as the model's encoder sees it. The encoder carries what it saw from chunk to chunk, so that a
 * chunk's latents depend on all footage before it: the stream stays where it is while a film goes on, and begins anew elsewhere.
 */
export class FootageLatents {
  readonly #device: Device;
  readonly #graphs: ModelGraphs;
  readonly #source: PictureSource;
  #stream: EncoderStream | null = null;
  /** What the stream has seen, in order. */
  #seen: string[] = [];

  constructor(device: Device, graphs: ModelGraphs, source: PictureSource) {
    this.#device = device;
    this.#graphs = graphs;
    this.#source = source;
  }

  /**
   * @param assets of all chunks from the story's first to this one, in order
   * @returns [chunkFrames, channels, height, width] of the last of them
   * @throws ThroughlineError `state-missing` if the owner lacks one, `model-missing` if the model has no encoder
   */
  async of(assets: readonly string[]): Promise<Float32Array> {
    const goesOn = this.#seen.length === assets.length - 1 && this.#seen.every((asset, i) => asset === assets[i]);
    if (!goesOn) this.dispose();
    const { width, height } = this.#graphs.pictureFrame;
    this.#stream ??= new EncoderStream(this.#device, this.#graphs, { width, height });
    try {
      let latents = new Float32Array();
      for (const asset of assets.slice(this.#seen.length)) {
        latents = Float32Array.from(await this.#stream.encode(await this.#pixels(asset, this.#seen.length)));
        this.#seen.push(asset);
      }
      return latents;
    } catch (error) {
      this.dispose(); // it may stand in the middle of a chunk
      throw error;
    }
  }

  dispose(): void {
    this.#stream?.dispose();
    this.#stream = null;
    this.#seen = [];
  }

  /** The frames of a chunk, one below the other: [count, height, width, 3] in 0..1. */
  async #pixels(asset: string, chunkIndex: number): Promise<Float32Array> {
    const { width, height } = this.#graphs.pictureFrame;
    const count = pixelFramesOfChunk(chunkIndex, this.#graphs.config.sampler.chunkFrames);
    const pixels = await this.#source.pictureOf(asset, width, height * count);
    if (!pixels)
      throw new ThroughlineError(
        'state-missing',
        `The footage ${asset.slice(0, 12)} of chunk ${chunkIndex} is not there.`,
        'Give the footage again.',
      );
    if (pixels.length !== width * height * count * 3) throw new Error('the owner gave footage of another size');
    return Float32Array.from(pixels, (value) => value / 255);
  }
}
