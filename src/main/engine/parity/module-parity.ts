import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { DeviceName } from '../../../shared/render.ts';
import { readSafetensors, readTensor, type TensorEntry } from '../model/safetensors.ts';
import { buildTextGraph } from '../model/text-graph.ts';
import { Device } from '../runtime/device.ts';
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
