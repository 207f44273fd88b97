import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { DeviceName } from '../../../shared/render.ts';
import { buildDecoderGraph, decoderStateShapes, framesToDrop } from '../model/decoder-graph.ts';
import { readSafetensors, readTensor, type TensorEntry } from '../model/safetensors.ts';
import { buildTextGraph } from '../model/text-graph.ts';
import { Device } from '../runtime/device.ts';
import type { DeviceTensor } from '../runtime/device-tensor.ts';
import { type Graph, hostFloats, hostInts } from '../runtime/graph.ts';
import { compare, type ParityReport, tolerance } from './compare.ts';

const textConfigSchema = z.object({
  vocab: z.int(),
  dim: z.int(),
  heads: z.int(),
  head_dim: z.int(),
  ffn: z.int(),
  layers: z.int(),
  buckets: z.int(),
  max_distance: z.int().default(128),
  text_len: z.int(),
  valid: z.array(z.int()),
});
const decoderConfigSchema = z.object({
  widths: z.tuple([z.int(), z.int(), z.int(), z.int()]),
  latent_frames: z.int(),
  height: z.int(),
  width: z.int(),
});

/** A UMT5 encoder alone. Only real tokens count: what an encoder says of padding is zeroed before use. */
export function textParity(folder: string, json: unknown, deviceName: DeviceName): Promise<ParityReport> {
  const c = textConfigSchema.parse(json);
  const build = (weights: ReadonlyMap<string, TensorEntry>): Uint8Array =>
    buildTextGraph(
      {
        vocabSize: c.vocab,
        dim: c.dim,
        heads: c.heads,
        headDim: c.head_dim,
        ffnDim: c.ffn,
        layers: c.layers,
        buckets: c.buckets,
        maxDistance: c.max_distance,
        textLength: c.text_len,
      },
      weights,
    );
  return withGraph(folder, deviceName, build, async (device, graph, tensor) => {
    const [ids, mask, expected] = [tensor('ids'), tensor('mask'), tensor('embedding')];
    const actual: number[] = [];
    const wanted: number[] = [];
    for (const [row, valid] of c.valid.entries()) {
      const at = row * c.text_len;
      const { embedding } = await graph.run(
        {
          ids: hostInts([...ids.subarray(at, at + c.text_len)]),
          mask: hostFloats(mask.slice(at, at + c.text_len), [c.text_len]),
        },
        ['embedding'],
      );
      actual.push(...(await device.download(embedding)).subarray(0, valid * c.dim));
      wanted.push(...expected.subarray(at * c.dim, (at + valid) * c.dim));
      embedding.dispose();
    }
    const { maxAbs, std } = compare(actual, wanted);
    return {
      held: maxAbs / std <= tolerance,
      lines: [`embedding: max difference ${(maxAbs / std).toExponential(1)} of its standard deviation`],
    };
  });
}

/** A TAEHV decoder alone, fed in uneven pieces so that its streaming state is part of the test. */
export function decoderParity(folder: string, json: unknown, deviceName: DeviceName): Promise<ParityReport> {
  const c = decoderConfigSchema.parse(json);
  const channels = 16;
  const build = (weights: ReadonlyMap<string, TensorEntry>): Uint8Array =>
    buildDecoderGraph({ channels, height: c.height, width: c.width, widths: c.widths }, weights);
  return withGraph(folder, deviceName, build, async (device, graph, tensor) => {
    const [latents, expected] = [tensor('latents'), tensor('frames')];
    const frameSize = channels * c.height * c.width;
    const pixels = c.height * 8 * c.width * 8;
    let state = decoderStateShapes(c.widths, c.height, c.width).map((dims) =>
      hostFloats(new Float32Array(dims.reduce((a, b) => a * b, 1)), dims),
    ) as (DeviceTensor | ReturnType<typeof hostFloats>)[];
    const actual: number[] = [];
    for (let from = 0, piece = 1; from < c.latent_frames; from += piece, piece = (piece % 3) + 1) {
      const count = Math.min(piece, c.latent_frames - from);
      const feeds = Object.fromEntries(state.map((value, i) => [`state.${i}`, value]));
      const next = state.map((_, i) => `next.${i}`);
      const out = await graph.run(
        {
          latents: hostFloats(latents.slice(from * frameSize, (from + count) * frameSize), [
            count,
            channels,
            c.height,
            c.width,
          ]),
          ...feeds,
        },
        ['frames', ...next],
      );
      state = next.map((name) => out[name] as DeviceTensor);
      const frames = await device.download(out.frames as DeviceTensor);
      for (let frame = from === 0 ? framesToDrop : 0; frame < count * 4; frame++) {
        for (let channel = 0; channel < 3; channel++) {
          for (let i = 0; i < pixels; i++) actual.push(frames[(frame * pixels + i) * 3 + channel] as number);
        }
      }
    }
    const { maxAbs } = compare(actual, expected);
    return {
      held: maxAbs <= tolerance,
      lines: [`${expected.length / 3 / pixels} frames: max difference ${maxAbs.toExponential(1)} (of a range of 1)`],
    };
  });
}

async function withGraph(
  folder: string,
  deviceName: DeviceName,
  build: (weights: ReadonlyMap<string, TensorEntry>) => Uint8Array,
  check: (device: Device, graph: Graph, tensor: (name: string) => Float32Array) => Promise<ParityReport>,
): Promise<ParityReport> {
  const weightsFile = join(folder, 'weights.safetensors');
  const tensors = readSafetensors(join(folder, 'tensors.safetensors'));
  const work = mkdtempSync(join(tmpdir(), 'throughline-parity-'));
  const device = await Device.open({ name: deviceName, threads: 2, forbidFallback: true });
  try {
    copyFileSync(weightsFile, join(work, 'weights.safetensors'));
    writeFileSync(join(work, 'graph.onnx'), build(readSafetensors(weightsFile)));
    const graph = await device.load(join(work, 'graph.onnx'));
    return await check(device, graph, (name) => readTensor(tensors.get(name) as TensorEntry));
  } finally {
    await device.dispose();
    rmSync(work, { recursive: true, force: true });
  }
}
