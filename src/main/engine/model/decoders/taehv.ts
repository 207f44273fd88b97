import type { TaehvConfig } from '../config.ts';
import { GraphBuilder, type Value } from '../graph-builder.ts';
import type { TensorEntry } from '../safetensors.ts';
import type { ProductType } from '../type-plan.ts';
import type { VideoDecoder } from './video-decoder.ts';

/** How many frames each of the three growing stages makes of one (model reference G). */
const temporalGrowth = [1, 2, 2] as const;
/** Raw frames to drop once at the start of a stream. */
const leadingFrames = 3;
/** Three MemBlocks at the latent rate, three more at the same rate and three at twice the rate: 3 + 3 + 1.5. */
const warmFrames = 8;

/** Latent frames as a decoder takes them. */
export interface LatentShape {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** The TAEHV decoder (model reference G), ours with one more upsampling among them (`outputScale`). */
export function taehvDecoder(
  config: TaehvConfig,
  latent: LatentShape,
  weights: ReadonlyMap<string, TensorEntry>,
  products: ProductType = 'float32',
): VideoDecoder {
  return {
    outputScale: config.outputScale,
    stateShapes: decoderStateShapes(config.widths, latent.height, latent.width),
    warmFrames,
    firstFrames: 1,
    leadingFrames,
    latentsPerRun: Number.POSITIVE_INFINITY,
    buildFirst: null,
    build: () => buildTaehvGraph(config, latent, weights, products),
  };
}

/** Shape of one MemBlock's state, [1, channels, height, width]: its input at the last time step, zero at first. */
function decoderStateShapes(widths: TaehvConfig['widths'], latentHeight: number, latentWidth: number): number[][] {
  return [0, 1, 2].flatMap((stage) =>
    [0, 1, 2].map(() => [1, widths[stage] as number, latentHeight << stage, latentWidth << stage]),
  );
}

/**
 * Channels of the latent as the DiT gives them; with `statistics`, as the VAE would.
 * In: `latents` [t, channels, height, width]; `state.0` .. `state.8`, see {@link decoderStateShapes}.
 * Convolutions, and what passes between them, are in `products`.
 * Out: `frames` [4t, 8*height*outputScale, 8*width*outputScale, 3] in 0..1; `next.0` .. `next.8`.
 */
function buildTaehvGraph(
  config: TaehvConfig,
  latent: LatentShape,
  weights: ReadonlyMap<string, TensorEntry>,
  products: ProductType,
): Uint8Array {
  const g = new GraphBuilder('decoder', weights);
  const states = decoderStateShapes(config.widths, latent.height, latent.width);
  const latents = g.input('latents', 'float32', ['t', latent.channels, latent.height, latent.width]);
  const x = drawTaehv(g, config, latent, latents, products, (input, state) => {
    const dims = states[state] as number[];
    const last = g.cast(g.input(`state.${state}`, 'float32', dims), 'float32', products);
    g.output(
      `next.${state}`,
      g.cast(g.op('Slice', [input, g.ints([-1]), g.ints([2 ** 31 - 1]), g.ints([0])]), products, 'float32'),
      'float32',
      dims,
    );
    return last;
  });
  const clamped = g.op('Clip', [x, g.floats([0], []), g.floats([1], [])]);
  g.output('frames', g.op('Transpose', [clamped], { perm: [0, 2, 3, 1] }), 'float32', [
    'raw',
    latent.height * 8 * config.outputScale,
    latent.width * 8 * config.outputScale,
    3,
  ]);
  return g.build();
}

/**
 * What the decoder draws of `latents` [t, channels, height, width] as if each MemBlock had seen its first input before
 * already: a stream that stands still. [4t, 3, 8*height*outputScale, 8*width*outputScale], not clamped.
 */
export function drawTaehvStill(g: GraphBuilder, config: TaehvConfig, latent: LatentShape, latents: Value): Value {
  return drawTaehv(g, config, latent, latents, 'float32', (input) =>
    g.op('Slice', [input, g.ints([0]), g.ints([1]), g.ints([0])]),
  );
}

/**
 * All layers, from latents in fp32 to pictures in fp32, [4t, 3, h, w], not clamped.
 * @param lastInput what MemBlock `state` was given one time step before `input`, [1, width, h, w]
 */
function drawTaehv(
  g: GraphBuilder,
  { widths, outputScale, statistics }: TaehvConfig,
  { channels, height, width: latentWidth }: LatentShape,
  input: Value,
  products: ProductType,
  lastInput: (input: Value, state: number) => Value,
): Value {
  let latents = input;
  if (statistics) {
    const perChannel = (values: readonly number[]): Value => g.floats(values, [1, channels, 1, 1]);
    latents = g.op('Add', [g.op('Mul', [latents, perChannel(statistics.std)]), perChannel(statistics.mean)]);
  }
  const three = g.floats([3]);
  let x = g.cast(g.op('Mul', [g.op('Tanh', [g.op('Div', [latents, three])]), three]), 'float32', products);
  x = g.op('Relu', [conv3(x, 'decoder.1', channels, widths[0])]);

  let layer = 3;
  for (let stage = 0; stage < 3; stage++) {
    const width = widths[stage] as number;
    const next = widths[stage + 1] as number;
    for (let i = 0; i < 3; i++) x = memBlock(x, layer++, stage * 3 + i, width);
    layer++; // the upsampling itself has no weights
    x = grow(x, `decoder.${layer++}.conv`, width, temporalGrowth[stage] as number, stage);
    x = g.op('Resize', [x, '', g.floats([1, 1, 2, 2])], {
      mode: 'nearest',
      nearest_mode: 'floor',
      coordinate_transformation_mode: 'asymmetric',
    });
    x = conv3(x, `decoder.${layer++}`, width, next, false);
  }
  return g.cast(draw(g.op('Relu', [x]), layer + 1), products, 'float32');

  /** The last layers: [t, widths[3], h, w] -> [t, 3, h*outputScale, w*outputScale]; decoder.22 and on. */
  function draw(input: Value, first: number): Value {
    if (outputScale === 1) return conv3(input, `decoder.${first}`, widths[3], 3);
    // More than the published layout: a refinement without memory, then every pixel becomes a square of them.
    const inner = g.op('Relu', [conv3(input, `decoder.${first}.conv.0`, widths[3], widths[3])]);
    const refined = g.op('Relu', [g.op('Add', [conv3(inner, `decoder.${first}.conv.2`, widths[3], widths[3]), input])]);
    const squares = conv3(refined, `decoder.${first + 1}`, widths[3], 3 * outputScale ** 2);
    return g.op('DepthToSpace', [squares], { blocksize: outputScale, mode: 'CRD' });
  }

  function conv3(input: Value, name: string, from: number, to: number, bias = true): Value {
    const inputs = [input, g.weight(`${name}.weight`, [to, from, 3, 3], products)];
    if (bias) inputs.push(g.weight(`${name}.bias`, [to], products));
    return g.op('Conv', inputs, { kernel_shape: [3, 3], pads: [1, 1, 1, 1] });
  }

  /** relu(conv([x, past]) + x); past is this block's input one time step earlier. */
  function memBlock(input: Value, index: number, state: number, width: number): Value {
    const last = lastInput(input, state);
    const earlier = g.op('Concat', [last, g.op('Slice', [input, g.ints([0]), g.ints([-1]), g.ints([0])])], { axis: 0 });
    let y = g.op('Concat', [input, earlier], { axis: 1 });
    y = g.op('Relu', [conv3(y, `decoder.${index}.conv.0`, 2 * width, width)]);
    y = g.op('Relu', [conv3(y, `decoder.${index}.conv.2`, width, width)]);
    return g.op('Relu', [g.op('Add', [conv3(y, `decoder.${index}.conv.4`, width, width), input])]);
  }

  /** One frame becomes `growth`: channel group j of a bias-free 1x1 convolution is sub-frame j. */
  function grow(input: Value, name: string, width: number, growth: number, stage: number): Value {
    const wide = g.op('Conv', [input, g.weight(`${name}.weight`, [width * growth, width, 1, 1], products)], {
      kernel_shape: [1, 1],
    });
    if (growth === 1) return wide;
    return g.op('Reshape', [wide, g.ints([-1, width, height << stage, latentWidth << stage])]);
  }
}
