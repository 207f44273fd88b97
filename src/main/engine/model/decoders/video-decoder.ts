/** Shape of a tensor, all sizes known. */
export type Shape = readonly number[];

/** Frames that one latent frame becomes, the first of a stream excepted. */
export const framesPerLatent = 4;

/**
 * One way from latents to pictures, streaming: the state after some latents and the next ones give the next frames.
 * A stream's state is zero at its start. All graphs take `latents` [t, channels, height, width] and `state.0`, `state.1` .. and
 * give `frames` [raw, 8*height*outputScale, 8*width*outputScale, 3] in 0..1 and `next.0`, `next.1` ..
 */
export interface VideoDecoder {
  /** Pixels drawn for a pixel of the frame that the latents stand for, each way. */
  readonly outputScale: number;
  /** Of every state tensor. */
  readonly stateShapes: readonly Shape[];
  /** A pixel depends on so many latent frames before its own at most: a stream fed these has the exact state. */
  readonly warmFrames: number;
  /** Frames that the first latent of a stream gives; every other gives {@link framesPerLatent}. */
  readonly firstFrames: number;
  /** Raw frames to drop once, at the start of a stream. */
  readonly leadingFrames: number;
  /** Latent frames a run takes at most. */
  readonly latentsPerRun: number;
  /** The graph for a stream's first latent frame, where it is another than that for the rest. */
  readonly buildFirst: (() => Uint8Array) | null;
  readonly build: () => Uint8Array;
}

/** One way from pictures to latents, streaming; the counterpart of {@link VideoDecoder}. */
export interface VideoEncoder {
  readonly stateShapes: readonly Shape[];
  /** In: `frames` [1, height, width, 3] in 0..1, and the state. Out: `latents` [1, channels, h, w], normalised, and the next state. */
  readonly buildFirst: () => Uint8Array;
  /** The same for `frames` [4, height, width, 3]. */
  readonly build: () => Uint8Array;
}
