import { geometryOf } from '../model/config.ts';
import { decoderStateShapes, framesPerLatent, framesToDrop } from '../model/decoder-graph.ts';
import type { Device } from '../runtime/device.ts';
import type { DeviceTensor } from '../runtime/device-tensor.ts';
import { hostFloats } from '../runtime/graph.ts';
import { withTensors } from '../runtime/tensor-scope.ts';
import type { ModelGraphs } from './model-graphs.ts';

/**
 * How many latent frames back a pixel can depend on: three MemBlocks at the latent rate, three more at the same rate
 * and three at twice the rate (3 + 3 + 1.5). A stream fed this many frames of the past has the exact state.
 */
export const decoderMemoryFrames = 8;

/** RGB frames [frameCount, height, width, 3], 0..255. */
export interface DecodedFrames {
  readonly frames: Uint8Array;
  readonly frameCount: number;
}

/** Decodes latents to frames, carrying the decoder's state from call to call. */
export class DecoderStream {
  readonly #device: Device;
  readonly #graphs: ModelGraphs;
  #state: DeviceTensor[] = [];
  /** Latent frames decoded since the stream began. */
  #position = 0;

  constructor(device: Device, graphs: ModelGraphs) {
    this.#device = device;
    this.#graphs = graphs;
  }

  /**
   * @param latents [count, channels, height, width]
   * @returns RGB frames [frameCount, height, width, 3], 0..255: four a latent frame, less three at the stream's start
   */
  async decode(latents: Float32Array): Promise<DecodedFrames> {
    const { count, state, ...decoded } = await this.#run(latents);
    for (const tensor of this.#state) tensor.dispose();
    this.#state = state;
    this.#position += count;
    return decoded;
  }

  /** What {@link decode} would return, with the stream left where it is. */
  async peek(latents: Float32Array): Promise<DecodedFrames> {
    const { count: _, state, ...decoded } = await this.#run(latents);
    for (const tensor of state) tensor.dispose();
    return decoded;
  }

  dispose(): void {
    for (const tensor of this.#state) tensor.dispose();
    this.#state = [];
    this.#position = 0;
  }

  /** Decodes from the present state; the caller owns the one after it. */
  async #run(latents: Float32Array): Promise<DecodedFrames & { count: number; state: DeviceTensor[] }> {
    const { config } = this.#graphs;
    const { latentHeight, latentWidth } = geometryOf(config);
    const frameSize = config.latent.channels * latentHeight * latentWidth;
    const count = latents.length / frameSize;
    if (this.#state.length === 0) await this.#start();
    const graph = await this.#graphs.decoder();
    const feeds = Object.fromEntries(this.#state.map((tensor, i) => [`state.${i}`, tensor]));
    const next = this.#state.map((_, i) => `next.${i}`);
    return withTensors(async (scope) => {
      const out = scope.ownAll(
        await graph.run(
          { latents: hostFloats(latents, [count, config.latent.channels, latentHeight, latentWidth]), ...feeds },
          ['frames', ...next],
        ),
      );
      const values = await this.#device.download(out.frames as DeviceTensor);
      const dropped = this.#position === 0 ? framesToDrop : 0;
      const pixels = values.length / (count * framesPerLatent);
      const frames = toBytes(values.subarray(dropped * pixels));
      const state = next.map((name) => scope.release(out[name] as DeviceTensor));
      return { frames, frameCount: count * framesPerLatent - dropped, count, state };
    });
  }

  async #start(): Promise<void> {
    const { config } = this.#graphs;
    const { latentHeight, latentWidth } = geometryOf(config);
    const shapes = decoderStateShapes(config.decoder.widths, latentHeight, latentWidth);
    this.#state = await withTensors(async (scope) => {
      const zeros: DeviceTensor[] = [];
      for (const dims of shapes) {
        const length = dims.reduce((product, n) => product * n, 1);
        zeros.push(scope.own(await this.#device.upload(new Float32Array(length), dims)));
      }
      return zeros.map(scope.release);
    });
  }
}

/** 0..1 to 0..255, rounded. */
function toBytes(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) bytes[i] = (values[i] as number) * 255 + 0.5;
  return bytes;
}
