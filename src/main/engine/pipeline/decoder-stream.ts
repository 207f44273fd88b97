import { geometryOf } from '../model/config.ts';
import type { VideoDecoder } from '../model/decoders/index.ts';
import type { Device } from '../runtime/device.ts';
import type { DeviceTensor } from '../runtime/device-tensor.ts';
import { type Graph, hostFloats } from '../runtime/graph.ts';
import { withTensors } from '../runtime/tensor-scope.ts';

/** RGB frames [frameCount, height, width, 3], 0..255. */
export interface DecodedFrames {
  readonly frames: Uint8Array;
  readonly frameCount: number;
}

/** The graphs that a stream runs, each loaded when first used. */
export interface DecoderGraphs {
  readonly config: { readonly latent: { readonly channels: number } } & Parameters<typeof geometryOf>[0];
  readonly videoDecoder: VideoDecoder;
  decoder(): Promise<Graph>;
  decoderFirst(): Promise<Graph>;
}

/** Decodes latents to frames, carrying the decoder's state from call to call. */
export class DecoderStream {
  readonly #device: Device;
  readonly #graphs: DecoderGraphs;
  #state: DeviceTensor[] = [];
  /** Latent frames decoded since the stream began. */
  #position = 0;

  constructor(device: Device, graphs: DecoderGraphs) {
    this.#device = device;
    this.#graphs = graphs;
  }

  /**
   * @param latents [count, channels, height, width]
   * @returns RGB frames [frameCount, height, width, 3], 0..255: four a latent frame, but one for the stream's first
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

  /** Decodes from the present state, which stays; the caller owns the one after it. */
  async #run(latents: Float32Array): Promise<DecodedFrames & { count: number; state: DeviceTensor[] }> {
    const { videoDecoder } = this.#graphs;
    const { latentHeight, latentWidth } = geometryOf(this.#graphs.config);
    const { channels } = this.#graphs.config.latent;
    const frameSize = channels * latentHeight * latentWidth;
    const pixels = frameBytes(latentHeight, latentWidth, videoDecoder.outputScale);
    const count = latents.length / frameSize;
    if (this.#state.length === 0) this.#state = await this.#start();
    return withTensors(async (scope) => {
      const pieces: Uint8Array[] = [];
      let state: readonly DeviceTensor[] = this.#state;
      for (let from = 0; from < count; ) {
        const atStart = this.#position + from === 0;
        const alone = atStart && videoDecoder.buildFirst !== null;
        const some = alone ? 1 : Math.min(count - from, videoDecoder.latentsPerRun);
        const graph = alone ? await this.#graphs.decoderFirst() : await this.#graphs.decoder();
        const values = latents.subarray(from * frameSize, (from + some) * frameSize);
        const next = state.map((_, i) => `next.${i}`);
        const out = scope.ownAll(
          await graph.run(
            {
              latents: hostFloats(values, [some, channels, latentHeight, latentWidth]),
              ...Object.fromEntries(state.map((tensor, i) => [`state.${i}`, tensor])),
            },
            ['frames', ...next],
          ),
        );
        const frames = await this.#device.download(out.frames as DeviceTensor);
        pieces.push(toBytes(frames.subarray(atStart ? videoDecoder.leadingFrames * pixels : 0)));
        for (const tensor of [out.frames as DeviceTensor, ...(from > 0 ? state : [])]) tensor.dispose();
        state = next.map((name) => out[name] as DeviceTensor);
        from += some;
      }
      const frames = pieces.length === 1 ? (pieces[0] as Uint8Array) : joined(pieces);
      return { frames, frameCount: frames.length / pixels, count, state: state.map(scope.release) };
    });
  }

  async #start(): Promise<DeviceTensor[]> {
    return withTensors(async (scope) => {
      const zeros: DeviceTensor[] = [];
      for (const dims of this.#graphs.videoDecoder.stateShapes) {
        const length = dims.reduce((product, n) => product * n, 1);
        zeros.push(scope.own(await this.#device.upload(new Float32Array(length), dims)));
      }
      return zeros.map(scope.release);
    });
  }
}

/** Values of one RGB frame. */
function frameBytes(latentHeight: number, latentWidth: number, outputScale: number): number {
  return latentHeight * 8 * outputScale * (latentWidth * 8 * outputScale) * 3;
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** 0..1 to 0..255, rounded. */
function toBytes(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) bytes[i] = (values[i] as number) * 255 + 0.5;
  return bytes;
}
