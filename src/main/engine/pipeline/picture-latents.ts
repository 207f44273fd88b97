import { ThroughlineError } from '../../../shared/errors.ts';
import { framesPerLatent } from '../model/decoders/index.ts';
import type { Device } from '../runtime/device.ts';
import { EncoderStream } from './encoder-stream.ts';
import type { ModelGraphs } from './model-graphs.ts';

/** Latents of pictures that stay at hand: a story names few. */
const keptPictures = 8;

/** Where the pixels of pictures come from. */
export interface PictureSource {
  /** RGB, [height, width, 3], of a picture cut and scaled to this size; null if the owner has none. */
  pictureOf(asset: string, width: number, height: number): Promise<Uint8Array | null>;
}

/** Pictures as the model's encoder sees them. */
export class PictureLatents {
  readonly #device: Device;
  readonly #graphs: ModelGraphs;
  readonly #source: PictureSource;
  readonly #kept = new Map<string, Float32Array>();

  constructor(device: Device, graphs: ModelGraphs, source: PictureSource) {
    this.#device = device;
    this.#graphs = graphs;
    this.#source = source;
  }

  /**
   * @returns [channels, height, width], as the DiT takes one frame; not to be written to
   * @throws ThroughlineError `state-missing` if the owner has no such picture, `model-missing` if the model has no encoder
   */
  async of(asset: string): Promise<Float32Array> {
    return this.#encoded(asset, 1);
  }

  /**
   * The same of a clip in which the picture stands still.
   * @returns [latentFrames, channels, height, width]
   */
  async still(asset: string, latentFrames: number): Promise<Float32Array> {
    return this.#encoded(asset, latentFrames);
  }

  async #encoded(asset: string, latentFrames: number): Promise<Float32Array> {
    const name = `${asset} ${latentFrames}`;
    const known = this.#kept.get(name);
    if (known) return known;
    const { latent, width, height } = this.#graphs.pictureFrame;
    const pixels = await this.#source.pictureOf(asset, width, height);
    if (!pixels)
      throw new ThroughlineError(
        'state-missing',
        `The picture ${asset.slice(0, 12)} is not there.`,
        'Put it into memory again, or take it out of the story.',
      );
    if (pixels.length !== width * height * 3) throw new Error('the owner gave a picture of another size');
    const stream = new EncoderStream(this.#device, this.#graphs, { width, height });
    try {
      const count = 1 + (latentFrames - 1) * framesPerLatent;
      const clip = new Float32Array(count * pixels.length);
      for (const [i, value] of pixels.entries()) clip[i] = value / 255;
      for (let i = 1; i < count; i++) clip.copyWithin(i * pixels.length, 0, pixels.length);
      const latents = await stream.encode(clip);
      if (latents.length !== latentFrames * latent) throw new Error('the encoder gave another number of values');
      this.#kept.set(name, latents);
      const [oldest] = this.#kept.keys();
      if (this.#kept.size > keptPictures && oldest !== undefined) this.#kept.delete(oldest);
      return latents;
    } finally {
      stream.dispose();
    }
  }
}
