import type { ModelConfig } from './config.ts';
import { GraphBuilder, type Value } from './graph-builder.ts';
import type { TensorEntry } from './safetensors.ts';

/** How many frames each of the three growing stages makes of one (model reference G). */
const temporalGrowth = [1, 2, 2] as const;
/** Raw frames that one latent frame becomes. */
export const framesPerLatent = 4;
/** Raw frames to drop once at the start of a stream. */
export const framesToDrop = 3;

/** Shape of one MemBlock's state, [1, channels, height, width]: its input at the last time step, zero at first. */
export function decoderStateShapes(
  widths: ModelConfig['decoder']['widths'],
  latentHeight: number,
  latentWidth: number,
): number[][] {
  return [0, 1, 2].flatMap((stage) =>
    [0, 1, 2].map(() => [1, widths[stage] as number, latentHeight << stage, latentWidth << stage]),
  );
}

/**
 * The TAEHV-style streaming decoder (model reference G), channels of the latent as the DiT gives them.
 * In: `latents` [t, channels, height, width]; `state.0` .. `state.8`, see {@link decoderStateShapes}.
 * Out: `frames` [4t, 8*height, 8*width, 3] in 0..1; `next.0` .. `next.8`.
 */
export function buildDecoderGraph(
  shape: { channels: number; height: number; width: number; widths: ModelConfig['decoder']['widths'] },
  weights: ReadonlyMap<string, TensorEntry>,
): Uint8Array {
  const g = new GraphBuilder('decoder', weights);
  const states = decoderStateShapes(shape.widths, shape.height, shape.width);
  const latents = g.input('latents', 'float32', ['t', shape.channels, shape.height, shape.width]);
  const three = g.floats([3]);
  let x = g.op('Mul', [g.op('Tanh', [g.op('Div', [latents, three])]), three]);
  x = g.op('Relu', [conv3(x, 'decoder.1', shape.channels, shape.widths[0])]);

  let layer = 3;
  for (let stage = 0; stage < 3; stage++) {
    const width = shape.widths[stage] as number;
    const next = shape.widths[stage + 1] as number;
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
  x = conv3(g.op('Relu', [x]), `decoder.${layer + 1}`, shape.widths[3], 3);
  const clamped = g.op('Clip', [x, g.floats([0], []), g.floats([1], [])]);
  g.output('frames', g.op('Transpose', [clamped], { perm: [0, 2, 3, 1] }), 'float32', [
    'raw',
    shape.height * 8,
    shape.width * 8,
    3,
  ]);
  return g.build();

  function conv3(input: Value, name: string, from: number, to: number, bias = true): Value {
    const inputs = [input, g.weight(`${name}.weight`, [to, from, 3, 3])];
    if (bias) inputs.push(g.weight(`${name}.bias`, [to]));
    return g.op('Conv', inputs, { kernel_shape: [3, 3], pads: [1, 1, 1, 1] });
  }

  /** relu(conv([x, past]) + x); past is this block's input one time step earlier. */
  function memBlock(input: Value, index: number, state: number, width: number): Value {
    const dims = states[state] as number[];
    const last = g.input(`state.${state}`, 'float32', dims);
    const earlier = g.op('Concat', [last, g.op('Slice', [input, g.ints([0]), g.ints([-1]), g.ints([0])])], { axis: 0 });
    g.output(
      `next.${state}`,
      g.op('Slice', [input, g.ints([-1]), g.ints([2 ** 31 - 1]), g.ints([0])]),
      'float32',
      dims,
    );
    let y = g.op('Concat', [input, earlier], { axis: 1 });
    y = g.op('Relu', [conv3(y, `decoder.${index}.conv.0`, 2 * width, width)]);
    y = g.op('Relu', [conv3(y, `decoder.${index}.conv.2`, width, width)]);
    return g.op('Relu', [g.op('Add', [conv3(y, `decoder.${index}.conv.4`, width, width), input])]);
  }

  /** One frame becomes `growth`: channel group j of a bias-free 1x1 convolution is sub-frame j. */
  function grow(input: Value, name: string, width: number, growth: number, stage: number): Value {
    const wide = g.op('Conv', [input, g.weight(`${name}.weight`, [width * growth, width, 1, 1])], {
      kernel_shape: [1, 1],
    });
    if (growth === 1) return wide;
    return g.op('Reshape', [wide, g.ints([-1, width, shape.height << stage, shape.width << stage])]);
  }
}
