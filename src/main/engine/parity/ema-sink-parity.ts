import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { toldBy } from '../../../shared/memories/index.ts';
import type { DeviceName, Precision } from '../../../shared/render.ts';
import { sinkSources } from '../memory/ema-sink/sources.ts';
import { readSafetensors, readTensor, type TensorEntry } from '../model/safetensors.ts';
import { latentFrameSize } from '../pipeline/chunk-generator.ts';
import { ModelSession } from '../pipeline/model-session.ts';
import { roundingFor } from '../pipeline/state-cache.ts';
import { compare, type ParityReport, peakSignalToNoise, relativeRms, tolerance } from './compare.ts';
import { chunksOfStory, recordedStorySchema } from './recorded-story.ts';
import { limits } from './story-parity.ts';

const contextSchema = z.object({ sink: z.array(z.int()), window: z.array(z.int()), fused: z.int() });
const traceSchema = z.object({
  emaSink: z.object({
    story: recordedStorySchema,
    chunks: z.array(contextSchema),
  }),
});

/**
 * A model folder whose sink moves, and the story that our PyTorch code makes with it: every latent, what each chunk attended to,
 * and how often the sink had been fused before it.
 */
export async function emaSinkParity(
  folder: string,
  json: unknown,
  device: DeviceName,
  most: number,
  precision: Precision,
): Promise<ParityReport> {
  const { story, chunks: recorded } = traceSchema.parse(json).emaSink;
  const tensors = readSafetensors(join(folder, 'tensors.safetensors'));
  const tensor = (name: string): Float32Array => readTensor(tensors.get(name) as TensorEntry);
  const [noise, expected] = [tensor('noise'), tensor('latents')];
  const graphsFolder = mkdtempSync(join(tmpdir(), 'throughline-parity-'));
  const options = { modelFolder: folder, device, threads: 2, kvStorage: 'fp16', graphsFolder, precision } as const;
  const session = await ModelSession.open({ ...options, forbidFallback: true }, roundingFor);
  try {
    const { generator, graphs, info, pages, prompts } = session;
    const chunkSize = info.chunkFrames * latentFrameSize(graphs);
    const steps = info.sampler.steps.length;
    const wanted = chunksOfStory(story);
    const count = Math.min(wanted.length, most);
    const latents = new Float32Array(count * chunkSize);
    let memory = graphs.memory.state.empty(info.layers);
    let sameContext = true;
    for (const [chunkIndex, { prompt, transition }] of wanted.slice(0, count).entries()) {
      const made = await generator.generate(memory, {
        recipe: {
          ...{ chunkIndex, prompt, transition, seed: 0, sampler: info.sampler },
          memory: { ...info.memory, bankFrames: 0 },
        },
        prompt: await prompts.prepare(prompt),
        pass: `chunk-${chunkIndex}`,
        noise: (step) => {
          const from = (chunkIndex * steps + step) * chunkSize; // [chunks, steps, chunkFrames, ...]
          return noise.slice(from, from + chunkSize);
        },
        pastLatents: async () => new Float32Array(0),
      });
      const { sink, window, fused } = recorded[chunkIndex] as z.infer<typeof contextSchema>;
      const told = chunkIndex === 0 ? null : sinkSources(info.memory.sinkAlpha as number, fused, info.chunkFrames);
      const same = [made.record?.sink, made.record?.window, made.record && toldBy('ema-sink', made.record)];
      sameContext &&= JSON.stringify(same) === JSON.stringify([sink, window, told]);
      latents.set(made.latents, chunkIndex * chunkSize);
      memory = made.memory;
      pages.keepOnly(graphs.memory.state.references(memory));
    }
    const wantedLatents = expected.subarray(0, latents.length);
    const { maxAbs, std } = compare(latents, wantedLatents);
    const rms = relativeRms(latents, wantedLatents);
    const { chunk, storyPsnr } = limits[precision];
    const first = compare(latents.subarray(0, chunkSize), wantedLatents.subarray(0, chunkSize));
    const close =
      precision === 'fp32'
        ? maxAbs / std <= tolerance
        : info.numericsVersion > 1000 && // products are computed in halves
          first.maxAbs / first.std <= chunk &&
          peakSignalToNoise(latents, wantedLatents) >= storyPsnr;
    return {
      held: close && sameContext,
      lines: [
        `latents of ${count} chunks: max difference ${(maxAbs / std).toExponential(1)}, rms ${rms.toExponential(1)} of their standard deviation`,
        `what every chunk attends to ${sameContext ? 'is equal' : 'differs  <- FAILED'}`,
      ],
    };
  } finally {
    await session.dispose();
    rmSync(graphsFolder, { recursive: true, force: true });
  }
}
