import type { TaehvConfig } from '../config.ts';
import { GraphBuilder, type Value } from '../graph-builder.ts';
import { elementType } from '../onnx-proto.ts';
import type { TensorEntry } from '../safetensors.ts';
import { drawTaehvStill, type LatentShape } from './taehv.ts';
import { framesPerLatent, type VideoEncoder } from './video-decoder.ts';

/** How often the corrector moves a latent after a look at what the decoder makes of it. */
const corrections = 4;
/** Residual blocks at a quarter and at an eighth of the picture's size, of either part. */
const fineBlocks = 2;
const coarseBlocks = 3;
/** The corrector is shown what is lacking so many times as strong as the picture: lacks are small beside it. */
const lackGain = 4;
/** What a picture is centred on before it is looked at. */
const middle = 0.5;
/** Numbers that share a scale, where weights are packed in four bits. */
const block = 32;

type Weights = ReadonlyMap<string, TensorEntry>;

/**
 * The encoder that goes with our TAEHV decoder (docs/model-format.md, "Encoder"): a first look, and corrections by what the
 * decoder draws of it. A latent depends on its own four frames alone, so that there is no state.
 * @param weights of the decoder (`decoder.`) and of the encoder (`encoder.`, `corrector.`)
 */
export function taehvEncoder(config: TaehvConfig, latent: LatentShape, weights: Weights): VideoEncoder {
  return {
    stateShapes: [],
    buildFirst: () => buildEncoderGraph(config, latent, weights, 1),
    build: () => buildEncoderGraph(config, latent, weights, framesPerLatent),
  };
}

/**
 * In: `frames` [count, 8*height, 8*width, 3] in 0..1; one stands for four alike.
 * Out: `latents` [1, channels, height, width], as the DiT takes them.
 */
function buildEncoderGraph(config: TaehvConfig, latent: LatentShape, weights: Weights, count: 1 | 4): Uint8Array {
  const g = new GraphBuilder('encoder', weights);
  const kernels = new Map<string, Value>();
  const { channels, height, width } = latent;
  const given = g.input('frames', 'float32', [count, height * 8, width * 8, 3]);
  const planes = g.op('Transpose', [given], { perm: [0, 3, 1, 2] });
  const frames = count === 1 ? g.op('Tile', [planes, g.ints([framesPerLatent, 1, 1, 1])]) : planes; // [4, 3, H, W]
  const centred = g.op('Sub', [frames, g.floats([middle])]);

  let latents = firstLook();
  for (let i = 0; i < corrections; i++) latents = corrected(latents);
  g.output('latents', latents, 'float32', [1, channels, height, width]);
  return g.build();

  function firstLook(): Value {
    const small = widthOf('encoder.frame1');
    const wide = widthOf('encoder.mid.0');
    let x = g.op('Relu', [conv3(unshuffle(centred, framesPerLatent, 3, 2), 'encoder.frame1', 12, small)]);
    x = g.op('Relu', [conv3(x, 'encoder.frame2', small, small, 2)]);
    x = g.op('Reshape', [x, g.ints([1, framesPerLatent * small, height * 2, width * 2])]);
    // What the two convolutions left out, straight from all four frames.
    const pixels = unshuffle(asOne(centred), 1, 3 * framesPerLatent, 4);
    x = g.op('Add', [
      conv3(x, 'encoder.mid.0', framesPerLatent * small, wide),
      conv3(pixels, 'encoder.pixels', 48 * framesPerLatent, wide),
    ]);
    x = residuals(residual(x, 'encoder.mid.1', wide), 'encoder.fine', fineBlocks, wide);
    x = conv3(g.op('Relu', [x]), 'encoder.mid.3', wide, wide, 2);
    x = residual(residual(x, 'encoder.mid.4', wide), 'encoder.mid.5', wide);
    x = residuals(x, 'encoder.coarse', coarseBlocks, wide);
    return conv3(g.op('Relu', [x]), 'encoder.out', wide, channels);
  }

  /** `latents` [1, channels, height, width], moved by what the decoder's picture of them lacks. */
  function corrected(latents: Value): Value {
    const fine = widthOf('corrector.pixels');
    const coarse = widthOf('corrector.down');
    let drawn = drawTaehvStill(g, config, latent, latents);
    const { outputScale: scale } = config;
    if (scale > 1) drawn = g.op('AveragePool', [drawn], { kernel_shape: [scale, scale], strides: [scale, scale] });
    const lacks = g.op('Mul', [g.op('Sub', [frames, drawn]), g.floats([lackGain])]);
    const both = g.op('Concat', [asOne(centred), asOne(lacks)], { axis: 1 });
    const pixels = unshuffle(both, 1, 2 * 3 * framesPerLatent, 4);
    let x = residuals(
      conv3(pixels, 'corrector.pixels', 2 * 48 * framesPerLatent, fine),
      'corrector.fine',
      fineBlocks,
      fine,
    );
    x = g.op('Add', [
      conv3(g.op('Relu', [x]), 'corrector.down', fine, coarse, 2),
      conv3(latents, 'corrector.latent', channels, coarse),
    ]);
    x = g.op('Relu', [residuals(x, 'corrector.coarse', coarseBlocks, coarse)]);
    return g.op('Add', [latents, conv3(x, 'corrector.out', coarse, channels)]);
  }

  /** [4, 3, H, W] -> [1, 12, H, W] */
  function asOne(pictures: Value): Value {
    return g.op('Reshape', [pictures, g.ints([1, 3 * framesPerLatent, height * 8, width * 8])]);
  }

  /** [n, c, H, W] -> [n, c*by*by, H/by, W/by]; channel c*by*by + row*by + column, as PyTorch's pixel_unshuffle. */
  function unshuffle(pictures: Value, n: number, c: number, by: number): Value {
    const [h, w] = [(height * 8) / by, (width * 8) / by];
    const squares = g.op('Reshape', [pictures, g.ints([n, c, h, by, w, by])]);
    return g.op('Reshape', [
      g.op('Transpose', [squares], { perm: [0, 1, 3, 5, 2, 4] }),
      g.ints([n, c * by * by, h, w]),
    ]);
  }

  /** x + b(relu(a(relu(x)))) */
  function residual(x: Value, name: string, channelCount: number): Value {
    const inner = conv3(g.op('Relu', [x]), `${name}.a`, channelCount, channelCount);
    return g.op('Add', [x, conv3(g.op('Relu', [inner]), `${name}.b`, channelCount, channelCount)]);
  }

  function residuals(x: Value, name: string, count: number, channelCount: number): Value {
    let out = x;
    for (let i = 0; i < count; i++) out = residual(out, `${name}.${i}`, channelCount);
    return out;
  }

  function conv3(input: Value, name: string, from: number, to: number, stride = 1): Value {
    const weight = kernel(`${name}.weight`, to, from);
    return g.op('Conv', [input, weight, g.weight(`${name}.bias`, [to])], {
      kernel_shape: [3, 3],
      pads: [1, 1, 1, 1],
      strides: [stride, stride],
    });
  }

  /** [to, from, 3, 3], from whole numbers of four bits where it is packed. */
  function kernel(name: string, to: number, from: number): Value {
    if (weights.get(name)?.dtype !== 'U8') return g.weight(name, [to, from, 3, 3]);
    const known = kernels.get(name);
    if (known) return known;
    const rowLength = from * 9;
    const blocks = Math.ceil(rowLength / block);
    const bytes = g.stored(name, 'uint8', [to, blocks, block / 2]);
    const scales = g.stored(`${name}.scales`, 'float32', [to, blocks]);
    const halves = [
      g.op('BitwiseAnd', [bytes, g.bytes([15])]), // the first of two is in the low half
      g.op('BitShift', [bytes, g.bytes([4])], { direction: 'RIGHT' }),
    ].map((half) => g.op('Unsqueeze', [half, g.ints([3])]));
    const numbers = g.op('Reshape', [g.op('Concat', halves, { axis: 3 }), g.ints([to, blocks, block])]);
    const centredNumbers = g.op('Sub', [g.op('Cast', [numbers], { to: elementType.float32 }), g.floats([8])]);
    const rows = g.op('Reshape', [
      g.op('Mul', [centredNumbers, g.op('Unsqueeze', [scales, g.ints([2])])]),
      g.ints([to, blocks * block]),
    ]);
    const whole = g.op('Slice', [rows, g.ints([0]), g.ints([rowLength]), g.ints([1])]);
    const value = g.op('Reshape', [whole, g.ints([to, from, 3, 3])]);
    kernels.set(name, value);
    return value;
  }

  /** How many channels a layer makes: sizes of the encoder stand in its weights, not in config.json. */
  function widthOf(name: string): number {
    return weights.get(`${name}.bias`)?.shape[0] ?? 0;
  }
}
