import { ThroughlineError } from '../../../shared/errors.ts';
import { framesPerLatent, type VideoEncoder } from '../model/decoders/index.ts';
import type { Device } from '../runtime/device.ts';
import type { DeviceTensor } from '../runtime/device-tensor.ts';
import { type Graph, hostFloats } from '../runtime/graph.ts';
import { withTensors } from '../runtime/tensor-scope.ts';

/** The graphs that a stream runs, each loaded when first used. */
export interface EncoderGraphs {
  readonly videoEncoder: VideoEncoder;
  encoder(): Promise<Graph>;
  encoderFirst(): Promise<Graph>;
}

/** Encodes pictures to latents, carrying the encoder's state from call to call. */
export class EncoderStream {
  readonly #device: Device;
  readonly #graphs: EncoderGraphs;
  readonly #width: number;
  readonly #height: number;
  #state: DeviceTensor[] = [];
  #started = false;

  constructor(device: Device, graphs: EncoderGraphs, size: { readonly width: number; readonly height: number }) {
    this.#device = device;
    this.#graphs = graphs;
    this.#width = size.width;
    this.#height = size.height;
  }

  /**
   * @param frames [count, height, width, 3] in 0..1; count is 1 + 4k for a stream's first call, 4k for every other
   * @returns [latents, channels, height/8, width/8], as the DiT takes them
   * @throws ThroughlineError `bad-input` for another number of frames
   */
  async encode(frames: Float32Array): Promise<Float32Array> {
    const frameSize = this.#width * this.#height * 3;
    const count = frames.length / frameSize;
    const lone = this.#started ? 0 : 1;
    if (count <= 0 || (count - lone) % framesPerLatent !== 0) {
      throw new ThroughlineError(
        'bad-input',
        `A clip of ${count} frames cannot be encoded: its first latent stands for one frame, every other for ${framesPerLatent}.`,
        'Give 1, 5, 9 and so on.',
      );
    }
    if (this.#state.length === 0) await this.#start();
    const latents: Float32Array[] = [];
    for (let from = 0; from < count; ) {
      const first = !this.#started;
      const some = first ? 1 : framesPerLatent;
      const graph = first ? await this.#graphs.encoderFirst() : await this.#graphs.encoder();
      latents.push(await this.#step(graph, frames.subarray(from * frameSize, (from + some) * frameSize), some));
      this.#started = true;
      from += some;
    }
    const whole = new Float32Array(latents.reduce((sum, { length }) => sum + length, 0));
    for (const [i, piece] of latents.entries()) whole.set(piece, i * piece.length);
    return whole;
  }

  dispose(): void {
    for (const tensor of this.#state) tensor.dispose();
    this.#state = [];
    this.#started = false;
  }

  #step(graph: Graph, frames: Float32Array, count: number): Promise<Float32Array> {
    return withTensors(async (scope) => {
      const next = this.#state.map((_, i) => `next.${i}`);
      const feeds = Object.fromEntries(this.#state.map((tensor, i) => [`state.${i}`, tensor]));
      const out = scope.ownAll(
        await graph.run({ frames: hostFloats(frames, [count, this.#height, this.#width, 3]), ...feeds }, [
          'latents',
          ...next,
        ]),
      );
      const values = Float32Array.from(await this.#device.download(out.latents as DeviceTensor));
      for (const tensor of this.#state) tensor.dispose();
      this.#state = next.map((name) => scope.release(out[name] as DeviceTensor));
      return values;
    });
  }

  async #start(): Promise<void> {
    this.#state = await withTensors(async (scope) => {
      const zeros: DeviceTensor[] = [];
      for (const dims of this.#graphs.videoEncoder.stateShapes) {
        const length = dims.reduce((product, n) => product * n, 1);
        zeros.push(scope.own(await this.#device.upload(new Float32Array(length), dims)));
      }
      return zeros.map(scope.release);
    });
  }
}
