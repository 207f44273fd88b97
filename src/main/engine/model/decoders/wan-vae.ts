import type { WanVaeConfig } from '../config.ts';
import { GraphBuilder, type Value } from '../graph-builder.ts';
import type { TensorEntry } from '../safetensors.ts';
import { framesPerLatent, type Shape, type VideoDecoder, type VideoEncoder } from './video-decoder.ts';
import { type Clip, WanLayers } from './wan-layers.ts';

/** Widths of the four stages, in base widths, from the picture inwards; between two stages the picture halves. */
const stageWidths = [1, 2, 4, 4] as const;
const residualsInEncoder = 2;
const residualsInDecoder = 3;
/** After which of the decoder's stages the frames double, outermost last; the encoder halves them in reverse. */
const doublesFrames = [true, true, false] as const;

/**
 * Latent frames back that a pixel depends on, two for every causal convolution at its own rate: 24 at the latent rate
 * (12 convolutions), 14 frames at twice the rate, 26 at four times. And one, because a stream begun in the middle takes its
 * first frame for a film's first.
 */
const warmFrames = Math.ceil(24 + 14 / 2 + 26 / 4) + 1;

interface LatentShape {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}
type Weights = ReadonlyMap<string, TensorEntry>;

/** The Wan 2.1 VAE's decoder (model reference G), one latent frame a run. */
export function wanVaeDecoder(config: WanVaeConfig, latent: LatentShape, weights: Weights): VideoDecoder {
  return {
    outputScale: 1,
    stateShapes: decoderGraph(config, latent, weights, true).stateShapes,
    warmFrames,
    firstFrames: 1,
    leadingFrames: 0,
    latentsPerRun: 1,
    buildFirst: () => decoderGraph(config, latent, weights, true).build(),
    build: () => decoderGraph(config, latent, weights, false).build(),
  };
}

/** Its encoder: a first frame, then four at a time. */
export function wanVaeEncoder(config: WanVaeConfig, latent: LatentShape, weights: Weights): VideoEncoder {
  return {
    stateShapes: encoderGraph(config, latent, weights, true).stateShapes,
    buildFirst: () => encoderGraph(config, latent, weights, true).build(),
    build: () => encoderGraph(config, latent, weights, false).build(),
  };
}

interface PlannedGraph {
  readonly stateShapes: readonly Shape[];
  build(): Uint8Array;
}

function decoderGraph(
  { dim, statistics }: WanVaeConfig,
  { channels, height, width }: LatentShape,
  weights: Weights,
  first: boolean,
): PlannedGraph {
  const g = new GraphBuilder('decoder', weights);
  const layers = new WanLayers(g);
  const latents = g.input('latents', 'float32', [1, channels, height, width]);
  const perChannel = (values: readonly number[]): Value => g.floats(values, [1, channels, 1, 1]);
  const raw = g.op('Add', [g.op('Mul', [latents, perChannel(statistics.std)]), perChannel(statistics.mean)]);
  let x: Clip = {
    value: g.op('Reshape', [raw, g.ints([1, channels, 1, height, width])]),
    channels,
    frames: 1,
    height,
    width,
  };
  x = layers.pointwise(x, 'conv2', channels);
  x = layers.conv(x, 'decoder.conv1', dim * stageWidths[3]);
  x = layers.residual(x, 'decoder.middle.0', x.channels);
  x = layers.attention(x, 'decoder.middle.1');
  x = layers.residual(x, 'decoder.middle.2', x.channels);
  let layer = 0;
  for (const [stage, width] of [...stageWidths].reverse().entries()) {
    for (let i = 0; i < residualsInDecoder; i++) x = layers.residual(x, `decoder.upsamples.${layer++}`, dim * width);
    if (stage === 3) break;
    const name = `decoder.upsamples.${layer++}`;
    if (doublesFrames[stage]) x = layers.doubleFrames(x, name, first);
    x = layers.upsample(x, name);
  }
  x = layers.conv(layers.normSilu(x, 'decoder.head.0'), 'decoder.head.2', 3);
  const clamped = g.op('Clip', [x.value, g.floats([-1], []), g.floats([1], [])]);
  const unit = g.op('Add', [g.op('Mul', [clamped, g.floats([0.5])]), g.floats([0.5])]);
  const dims = [x.frames, x.height, x.width, 3];
  const frames = g.op('Reshape', [g.op('Transpose', [unit], { perm: [0, 2, 3, 4, 1] }), g.ints(dims)]);
  g.output('frames', frames, 'float32', dims);
  return { stateShapes: layers.stateShapes, build: () => g.build() };
}

function encoderGraph(
  { dim, statistics }: WanVaeConfig,
  { channels, height, width }: LatentShape,
  weights: Weights,
  first: boolean,
): PlannedGraph {
  const g = new GraphBuilder('encoder', weights);
  const layers = new WanLayers(g);
  const frames = first ? 1 : framesPerLatent;
  const [fullHeight, fullWidth] = [height * 8, width * 8];
  const pictures = g.input('frames', 'float32', [frames, fullHeight, fullWidth, 3]);
  const centred = g.op('Sub', [g.op('Mul', [pictures, g.floats([2])]), g.floats([1])]);
  const planes = g.op('Transpose', [centred], { perm: [3, 0, 1, 2] });
  const value = g.op('Reshape', [planes, g.ints([1, 3, frames, fullHeight, fullWidth])]);
  let x: Clip = { value, channels: 3, frames, height: fullHeight, width: fullWidth };
  x = layers.conv(x, 'encoder.conv1', dim);
  let layer = 0;
  for (const [stage, width] of stageWidths.entries()) {
    for (let i = 0; i < residualsInEncoder; i++) x = layers.residual(x, `encoder.downsamples.${layer++}`, dim * width);
    if (stage === 3) break;
    const name = `encoder.downsamples.${layer++}`;
    x = layers.downsample(x, name);
    if (doublesFrames[2 - stage]) x = layers.halveFrames(x, name, first);
  }
  x = layers.residual(x, 'encoder.middle.0', x.channels);
  x = layers.attention(x, 'encoder.middle.1');
  x = layers.residual(x, 'encoder.middle.2', x.channels);
  x = layers.conv(layers.normSilu(x, 'encoder.head.0'), 'encoder.head.2', 2 * channels);
  x = layers.pointwise(x, 'conv1', 2 * channels);
  // Mean and log variance: the mean is the latent.
  const mean = g.op('Reshape', [
    g.op('Slice', [x.value, g.ints([0]), g.ints([channels]), g.ints([1])]),
    g.ints([1, channels, height, width]),
  ]);
  const perChannel = (values: readonly number[]): Value => g.floats(values, [1, channels, 1, 1]);
  const latents = g.op('Div', [g.op('Sub', [mean, perChannel(statistics.mean)]), perChannel(statistics.std)]);
  g.output('latents', latents, 'float32', [1, channels, height, width]);
  return { stateShapes: layers.stateShapes, build: () => g.build() };
}
