import { geometryOf, type ModelConfig } from '../../model/config.ts';
import type { RunLimits } from '../host.ts';
import type { FrameRef } from '../memory-state.ts';

/** So many layers of so many frames are looked at in one run. */
export interface RunSize {
  readonly layers: number;
  readonly frames: number;
}

const float = Float32Array.BYTES_PER_ELEMENT;

/**
 * How many of `wanted` frames one run may look at: as many as a device binds at once, with as many of their layers as have room.
 * Layers and frames know nothing of each other here, so that the numbers are the same for any size.
 */
export function runSize(config: ModelConfig, { pages, valueBytes }: RunLimits, wanted: number): RunSize {
  const { heads, layers } = config.dit;
  const { headDim, tokens } = geometryOf(config);
  const frameBytes = heads * tokens * Math.max(headDim, config.text.textLength) * float; // its keys, or what words see in them
  const frames = Math.max(1, Math.min(wanted, Math.floor(valueBytes / frameBytes), pages));
  return { frames, layers: Math.max(1, Math.min(layers, Math.floor(pages / frames))) };
}

/** What a run of this size computes at one time: a layer's keys and their transpose, what words see in them, and its exponentials. */
export function runBytes(config: ModelConfig, { frames }: RunSize): number {
  const { dim, heads } = config.dit;
  return frames * geometryOf(config).tokens * (2 * dim + 2 * heads * config.text.textLength) * float;
}

/** A run's share of the whole: which layers of which frames. */
export interface RunPart {
  /** As many as the size says: where fewer are left, the last stands for those that are missing. */
  readonly layers: readonly number[];
  /** So many of `layers` are no repetition. */
  readonly layersUsed: number;
  /** Index of the first frame. */
  readonly firstFrame: number;
  readonly refs: readonly FrameRef[];
}

/** Everything in runs of one size, since every size is a graph to be loaded; the layers of some frames first. */
export function* runParts(refs: readonly FrameRef[], layers: number, size: RunSize): Generator<RunPart> {
  for (let firstFrame = 0; firstFrame < refs.length; firstFrame += size.frames) {
    for (let firstLayer = 0; firstLayer < layers; firstLayer += size.layers) {
      yield {
        layers: Array.from({ length: size.layers }, (_, i) => Math.min(firstLayer + i, layers - 1)),
        layersUsed: Math.min(size.layers, layers - firstLayer),
        firstFrame,
        refs: refs.slice(firstFrame, firstFrame + size.frames),
      };
    }
  }
}
