import type { GraphBuilder, Value } from '../graph-builder.ts';
import type { Shape } from './video-decoder.ts';

/** Frames in time, channels first: [1, channels, frames, height, width]. All sizes are known when the graph is built. */
export interface Clip {
  readonly value: Value;
  readonly channels: number;
  readonly frames: number;
  readonly height: number;
  readonly width: number;
}

/** A matrix of attention logits is made in pieces of at most so many bytes: graphics drivers bind no more than 128 MiB at once. */
const logitsBytes = 64 * 1024 ** 2;

/** The layers of the Wan VAE (model reference G), causal in time; states are numbered in the order in which they are met. */
export class WanLayers {
  readonly stateShapes: Shape[] = [];
  readonly #g: GraphBuilder;

  constructor(g: GraphBuilder) {
    this.#g = g;
  }

  /** A convolution of three by three by three that sees this frame and the two before: state [1, channels, 2, h, w]. */
  conv(clip: Clip, name: string, to: number): Clip {
    return {
      ...clip,
      value: this.#temporal(clip, name, [to, clip.channels, 3, 3, 3], [0, 1, 1, 0, 1, 1]),
      channels: to,
    };
  }

  /** A convolution that mixes channels only. */
  pointwise(clip: Clip, name: string, to: number): Clip {
    const weights = this.#weights(name, [to, clip.channels, 1, 1, 1]);
    return { ...clip, value: this.#g.op('Conv', [clip.value, ...weights], { kernel_shape: [1, 1, 1] }), channels: to };
  }

  /** x / rms(x) * gamma over channels, then SiLU. */
  normSilu(clip: Clip, name: string): Clip {
    const normed = this.#norm(clip.value, name, [clip.channels, 1, 1, 1], [1, clip.channels, 1, 1, 1]);
    return { ...clip, value: this.#g.op('Mul', [normed, this.#g.op('Sigmoid', [normed])]) };
  }

  residual(clip: Clip, name: string, to: number): Clip {
    const direct = clip.channels === to ? clip : this.pointwise(clip, `${name}.shortcut`, to);
    const first = this.conv(this.normSilu(clip, `${name}.residual.0`), `${name}.residual.2`, to);
    const second = this.conv(this.normSilu(first, `${name}.residual.3`), `${name}.residual.6`, to);
    return { ...second, value: this.#g.op('Add', [second.value, direct.value]) };
  }

  /** One head over the places of each frame alone. */
  attention(clip: Clip, name: string): Clip {
    const g = this.#g;
    const { channels, frames, height, width } = clip;
    const places = height * width;
    const images = this.#asImages(clip);
    const normed = this.#norm(images, `${name}.norm`, [channels, 1, 1], [1, channels, 1, 1]);
    const qkv = g.op('Conv', [normed, ...this.#weights(`${name}.to_qkv`, [3 * channels, channels, 1, 1])], {
      kernel_shape: [1, 1],
    });
    const [q, k, v] = g.ops('Split', [g.op('Reshape', [qkv, g.ints([frames, 3 * channels, places])])], 3, {
      axis: 1,
      num_outputs: 3,
    }) as [Value, Value, Value];
    const queries = g.op('Mul', [g.op('Transpose', [q], { perm: [0, 2, 1] }), g.floats([1 / Math.sqrt(channels)])]);
    const values = g.op('Transpose', [v], { perm: [0, 2, 1] });
    const rows = Math.max(1, Math.min(places, Math.floor(logitsBytes / 4 / frames / places)));
    const pieces: Value[] = [];
    for (let from = 0; from < places; from += rows) {
      const some =
        rows === places
          ? queries
          : g.op('Slice', [queries, g.ints([from]), g.ints([Math.min(places, from + rows)]), g.ints([1])]);
      pieces.push(g.op('MatMul', [g.op('Softmax', [g.op('MatMul', [some, k])], { axis: -1 }), values]));
    }
    const mixed = pieces.length === 1 ? (pieces[0] as Value) : g.op('Concat', pieces, { axis: 1 });
    const image = g.op('Reshape', [
      g.op('Transpose', [mixed], { perm: [0, 2, 1] }),
      g.ints([frames, channels, height, width]),
    ]);
    const projected = g.op('Conv', [image, ...this.#weights(`${name}.proj`, [channels, channels, 1, 1])], {
      kernel_shape: [1, 1],
    });
    const added = this.#fromImages(projected, clip);
    return { ...added, value: g.op('Add', [added.value, clip.value]) };
  }

  /** Every pixel becomes four, then a convolution to half the channels. */
  upsample(clip: Clip, name: string): Clip {
    const g = this.#g;
    const wide = g.op('Resize', [this.#asImages(clip), '', g.floats([1, 1, 2, 2])], {
      mode: 'nearest',
      nearest_mode: 'floor',
      coordinate_transformation_mode: 'asymmetric',
    });
    const to = clip.channels / 2;
    const value = g.op('Conv', [wide, ...this.#weights(`${name}.resample.1`, [to, clip.channels, 3, 3])], {
      kernel_shape: [3, 3],
      pads: [1, 1, 1, 1],
    });
    return this.#fromImages(value, { ...clip, channels: to, height: clip.height * 2, width: clip.width * 2 });
  }

  /** Half the size by a convolution of stride 2, padded at the right and at the bottom. */
  downsample(clip: Clip, name: string): Clip {
    const { channels } = clip;
    const weights = this.#weights(`${name}.resample.1`, [channels, channels, 3, 3]);
    const value = this.#g.op('Conv', [this.#asImages(clip), ...weights], {
      kernel_shape: [3, 3],
      strides: [2, 2],
      pads: [0, 0, 1, 1],
    });
    return this.#fromImages(value, { ...clip, height: clip.height / 2, width: clip.width / 2 });
  }

  /**
   * Twice the frames: of every frame, the first half of the new channels is the earlier one.
   * @param first a stream's first frame stays one and is not remembered
   */
  doubleFrames(clip: Clip, name: string, first: boolean): Clip {
    const g = this.#g;
    const { channels, frames, height, width } = clip;
    if (first) {
      this.#keepState([1, channels, 2, height, width]);
      return clip;
    }
    const wide = this.#temporal(clip, `${name}.time_conv`, [2 * channels, channels, 3, 1, 1], [0, 0, 0, 0, 0, 0]);
    const halves = g.op('Reshape', [wide, g.ints([2, channels, frames, height * width])]);
    const value = g.op('Reshape', [
      g.op('Transpose', [halves], { perm: [1, 2, 0, 3] }),
      g.ints([1, channels, 2 * frames, height, width]),
    ]);
    return { ...clip, value, frames: 2 * frames };
  }

  /** Half the frames; state [1, channels, 1, h, w], the last frame before. A stream's first frame stays and is remembered. */
  halveFrames(clip: Clip, name: string, first: boolean): Clip {
    const g = this.#g;
    const { channels, frames, height, width } = clip;
    const state = this.#nextState([1, channels, 1, height, width]);
    this.#setState(state, this.#lastFrames(clip.value, 1));
    if (first) return clip;
    const joined = g.op('Concat', [state.input, clip.value], { axis: 2 });
    const value = g.op('Conv', [joined, ...this.#weights(`${name}.time_conv`, [channels, channels, 3, 1, 1])], {
      kernel_shape: [3, 1, 1],
      strides: [2, 1, 1],
    });
    return { ...clip, value, frames: frames / 2 };
  }

  #temporal(clip: Clip, name: string, shape: readonly number[], pads: readonly number[]): Value {
    const state = this.#nextState([1, clip.channels, 2, clip.height, clip.width]);
    const joined = this.#g.op('Concat', [state.input, clip.value], { axis: 2 });
    this.#setState(state, this.#lastFrames(joined, 2));
    return this.#g.op('Conv', [joined, ...this.#weights(name, shape)], { kernel_shape: shape.slice(2), pads });
  }

  #norm(x: Value, name: string, shape: readonly number[], broadcast: readonly number[]): Value {
    const g = this.#g;
    const meanSquare = g.op('ReduceMean', [g.op('Mul', [x, x]), g.ints([1])], { keepdims: 1 });
    const rms = g.op('Max', [g.op('Sqrt', [meanSquare]), g.floats([1e-12])]);
    const gamma = g.op('Reshape', [g.weight(`${name}.gamma`, shape), g.ints(broadcast)]);
    return g.op('Mul', [g.op('Div', [x, rms]), gamma]);
  }

  #weights(name: string, shape: readonly number[]): [Value, Value] {
    return [this.#g.weight(`${name}.weight`, shape), this.#g.weight(`${name}.bias`, [shape[0] as number])];
  }

  /** [1, channels, frames, h, w] -> [frames, channels, h, w] */
  #asImages({ value, channels, frames, height, width }: Clip): Value {
    const g = this.#g;
    const dims = g.ints([frames, channels, height, width]);
    if (frames === 1) return g.op('Reshape', [value, dims]);
    return g.op('Reshape', [g.op('Transpose', [value], { perm: [0, 2, 1, 3, 4] }), dims]);
  }

  #fromImages(value: Value, clip: Omit<Clip, 'value'>): Clip {
    const g = this.#g;
    const { channels, frames, height, width } = clip;
    const frameFirst = g.op('Reshape', [value, g.ints([1, frames, channels, height, width])]);
    const dims = g.ints([1, channels, frames, height, width]);
    const turned =
      frames === 1 ? g.op('Reshape', [frameFirst, dims]) : g.op('Transpose', [frameFirst], { perm: [0, 2, 1, 3, 4] });
    return { ...clip, value: turned };
  }

  #lastFrames(value: Value, count: number): Value {
    return this.#g.op('Slice', [value, this.#g.ints([-count]), this.#g.ints([2 ** 31 - 1]), this.#g.ints([2])]);
  }

  #nextState(dims: Shape): { index: number; input: Value; dims: Shape } {
    const index = this.stateShapes.length;
    this.stateShapes.push(dims);
    return { index, input: this.#g.input(`state.${index}`, 'float32', dims), dims };
  }

  #setState({ index, dims }: { index: number; dims: Shape }, value: Value): void {
    this.#g.output(`next.${index}`, value, 'float32', dims);
  }

  #keepState(dims: Shape): void {
    const state = this.#nextState(dims);
    this.#setState(state, state.input);
  }
}
