import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { DeviceName } from '../../../shared/render.ts';
import {
  framesPerLatent,
  taehvDecoder,
  taehvEncoder,
  type VideoDecoder,
  wanVaeDecoder,
  wanVaeEncoder,
} from '../model/decoders/index.ts';
import { readSafetensors, readTensor, type TensorEntry } from '../model/safetensors.ts';
import { EncoderStream } from '../pipeline/encoder-stream.ts';
import { Device } from '../runtime/device.ts';
import type { DeviceTensor } from '../runtime/device-tensor.ts';
import { type Graph, hostFloats } from '../runtime/graph.ts';
import { compare, type ParityReport, tolerance } from './compare.ts';

const channels = 16;

const taehvConfigSchema = z.object({
  widths: z.tuple([z.int(), z.int(), z.int(), z.int()]),
  latent_frames: z.int(),
  height: z.int(),
  width: z.int(),
});
const vaeConfigSchema = z.object({
  dim: z.int(),
  dimMult: z.tuple([z.literal(1), z.literal(2), z.literal(4), z.literal(4)]),
  resBlocks: z.literal(2),
  temporalDownsample: z.tuple([z.literal(false), z.literal(true), z.literal(true)]),
  latentMean: z.array(z.number()).length(channels),
  latentStd: z.array(z.number()).length(channels),
  latentFrames: z.int(),
  grid: z.tuple([z.int(), z.int()]),
});

/** A TAEHV decoder alone, fed in uneven pieces so that its streaming state is part of the test. */
export function decoderParity(folder: string, json: unknown, deviceName: DeviceName): Promise<ParityReport> {
  const c = taehvConfigSchema.parse(json);
  return withWeights(folder, deviceName, async ({ load, device, tensor, weights }) => {
    const size = { channels, height: c.height, width: c.width };
    const decoder = taehvDecoder({ kind: 'taehv', widths: c.widths, outputScale: 1 }, size, weights);
    const actual = await decodeAll(device, decoder, load, tensor('latents'), size);
    const { maxAbs } = compare(actual, tensor('frames'));
    const frames = actual.length / (c.height * 8 * c.width * 8 * 3);
    return {
      held: maxAbs <= tolerance,
      lines: [`${frames} frames: max difference ${maxAbs.toExponential(1)} (of a range of 1)`],
    };
  });
}

const encoderConfigSchema = z.object({
  decoderWidths: z.tuple([z.int(), z.int(), z.int(), z.int()]),
  outputScale: z.int(),
  grid: z.tuple([z.int(), z.int()]),
});

/** Our encoder alone: a picture, and four frames; some of its weights are packed in four bits. */
export function encoderParity(folder: string, json: unknown, deviceName: DeviceName): Promise<ParityReport> {
  const c = encoderConfigSchema.parse(json);
  return withWeights(folder, deviceName, async ({ load, device, tensor, weights }) => {
    const [latentHeight, latentWidth] = c.grid;
    const [height, width] = [latentHeight * 8, latentWidth * 8];
    const config = { kind: 'taehv', widths: c.decoderWidths, outputScale: c.outputScale } as const;
    const encoder = taehvEncoder(config, { channels, height: latentHeight, width: latentWidth }, weights);
    const graphs = {
      videoEncoder: encoder,
      encoder: () => load('encoder', encoder.build),
      encoderFirst: () => load('encoder-first', encoder.buildFirst),
    };
    const stream = new EncoderStream(device, graphs, { height, width });
    const actual = await stream.encode(interleaved(tensor('pixels'), height * width));
    stream.dispose();
    const { maxAbs, std } = compare(actual, tensor('encoded'));
    return {
      held: maxAbs <= tolerance * std,
      lines: [`2 latents encoded: max difference ${(maxAbs / std).toExponential(1)} of their deviation`],
    };
  });
}

/** The Wan VAE, both ways. */
export function wanVaeParity(folder: string, json: unknown, deviceName: DeviceName): Promise<ParityReport> {
  const c = vaeConfigSchema.parse(json);
  return withWeights(folder, deviceName, async ({ load, device, tensor, weights }) => {
    const size = { channels, height: c.grid[0], width: c.grid[1] };
    const statistics = { mean: c.latentMean, std: c.latentStd };
    const config = { kind: 'wan-vae', dim: c.dim, statistics } as const;
    const decoder = wanVaeDecoder(config, size, weights);
    const frames = await decodeAll(device, decoder, load, tensor('latents'), size);
    const unit = (values: Float32Array): Float32Array => values.map((value) => value / 2 + 0.5);
    const decoded = compare(frames, unit(tensor('frames_clamped'))).maxAbs * 2;

    const encoder = wanVaeEncoder(config, size, weights);
    const graphs = {
      videoEncoder: encoder,
      encoder: () => load('encoder', encoder.build),
      encoderFirst: () => load('encoder-first', encoder.buildFirst),
    };
    const [height, width] = [size.height * 8, size.width * 8];
    const stream = new EncoderStream(device, graphs, { height, width });
    const pictures = interleaved(unit(tensor('pixels')), height * width);
    const split = (1 + framesPerLatent) * height * width * 3; // two calls, so that the state goes over
    const latents = [await stream.encode(pictures.slice(0, split)), await stream.encode(pictures.slice(split))];
    stream.dispose();
    const encoded = compare(
      latents.flatMap((piece) => [...piece]),
      tensor('encoded'),
    ).maxAbs;
    return {
      held: decoded <= tolerance && encoded <= tolerance,
      lines: [
        `${c.latentFrames} latents decoded: max difference ${decoded.toExponential(1)} (of a range of 2)`,
        `${latents.reduce((sum, { length }) => sum + length, 0) / (channels * size.height * size.width)} latents encoded: max difference ${encoded.toExponential(1)}`,
      ],
    };
  });
}

/** [frames, 3, pixels], as fixtures have it, streamed in uneven pieces. */
async function decodeAll(
  device: Device,
  decoder: VideoDecoder,
  load: (name: string, build: () => Uint8Array) => Promise<Graph>,
  latents: Float32Array,
  { height, width }: { height: number; width: number },
): Promise<number[]> {
  const frameSize = channels * height * width;
  const count = latents.length / frameSize;
  const pixels = height * 8 * width * 8;
  let state = decoder.stateShapes.map((dims) =>
    hostFloats(new Float32Array(dims.reduce((a, b) => a * b, 1)), dims),
  ) as (DeviceTensor | ReturnType<typeof hostFloats>)[];
  const planar: number[] = [];
  for (let from = 0, piece = 1; from < count; from += piece, piece = (piece % 3) + 1) {
    piece = Math.min(piece, count - from, decoder.latentsPerRun);
    const first = from === 0 && decoder.buildFirst !== null;
    const graph = await load(
      first ? 'decoder-first' : 'decoder',
      first ? (decoder.buildFirst as never) : decoder.build,
    );
    const next = state.map((_, i) => `next.${i}`);
    const out = await graph.run(
      {
        latents: hostFloats(latents.slice(from * frameSize, (from + piece) * frameSize), [
          piece,
          channels,
          height,
          width,
        ]),
        ...Object.fromEntries(state.map((value, i) => [`state.${i}`, value])),
      },
      ['frames', ...next],
    );
    state = next.map((name) => out[name] as DeviceTensor);
    const frames = await device.download(out.frames as DeviceTensor);
    const made = frames.length / pixels / 3;
    for (let frame = from === 0 ? decoder.leadingFrames : 0; frame < made; frame++) {
      for (let channel = 0; channel < 3; channel++) {
        for (let i = 0; i < pixels; i++) planar.push(frames[(frame * pixels + i) * 3 + channel] as number);
      }
    }
  }
  return planar;
}

/** [frames, 3, pixels] -> [frames, pixels, 3] */
function interleaved(planar: Float32Array, pixels: number): Float32Array {
  return planar.map((_, i) => {
    const frame = Math.floor(i / 3 / pixels);
    return planar[(frame * 3 + (i % 3)) * pixels + (Math.floor(i / 3) % pixels)] as number;
  });
}

interface ParityTools {
  readonly device: Device;
  readonly weights: ReadonlyMap<string, TensorEntry>;
  tensor(name: string): Float32Array;
  /** Loads a graph beside the weights, once. */
  load(name: string, build: () => Uint8Array): Promise<Graph>;
}

async function withWeights(
  folder: string,
  deviceName: DeviceName,
  check: (tools: ParityTools) => Promise<ParityReport>,
): Promise<ParityReport> {
  const tensors = readSafetensors(join(folder, 'tensors.safetensors'));
  const work = mkdtempSync(join(tmpdir(), 'throughline-parity-'));
  const device = await Device.open({ name: deviceName, threads: 2, forbidFallback: true });
  try {
    copyFileSync(join(folder, 'weights.safetensors'), join(work, 'weights.safetensors'));
    const loaded = new Map<string, Graph>();
    return await check({
      device,
      weights: readSafetensors(join(work, 'weights.safetensors')),
      tensor: (name) => readTensor(tensors.get(name) as TensorEntry),
      load: async (name, build) => {
        const known = loaded.get(name);
        if (known) return known;
        writeFileSync(join(work, `${name}.onnx`), build());
        const graph = await device.load(join(work, `${name}.onnx`));
        loaded.set(name, graph);
        return graph;
      },
    });
  } finally {
    await device.dispose();
    rmSync(work, { recursive: true, force: true });
  }
}
