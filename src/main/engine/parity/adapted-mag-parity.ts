import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { DeviceName } from '../../../shared/render.ts';
import { adaptersOf } from '../checkpoints/adapters.ts';
import { openModelFolder } from '../model/model-folder.ts';
import { readSafetensors, readTensor, type TensorEntry } from '../model/safetensors.ts';
import { latentFrameSize } from '../pipeline/chunk-generator.ts';
import { ModelSession } from '../pipeline/model-session.ts';
import { roundingFor } from '../pipeline/state-cache.ts';
import { compare, type ParityReport, tolerance } from './compare.ts';
import { chunksOfStory, recordedStorySchema } from './recorded-story.ts';

const contextSchema = z.object({ sink: z.array(z.int()), bank: z.array(z.int()), window: z.array(z.int()) });
const traceSchema = z.object({
  mag: z.object({
    story: recordedStorySchema,
    chunks: z.array(contextSchema),
    /** How pages were rounded; as they are by default. */
    storage: z.enum(['fp16', 'fp32']).default('fp16'),
  }),
});

/** A model folder with MAG's two adapters, and the story that our PyTorch code makes with it: every latent, and what each chunk attended to. */
export async function adaptedMagParity(
  folder: string,
  json: unknown,
  device: DeviceName,
  most: number,
): Promise<ParityReport> {
  const { story, chunks: recorded, storage } = traceSchema.parse(json).mag;
  const tensors = readSafetensors(join(folder, 'tensors.safetensors'));
  const tensor = (name: string): Float32Array => readTensor(tensors.get(name) as TensorEntry);
  const [noise, expected] = [tensor('noise'), tensor('latents')];
  const adapter = adaptersOf(openModelFolder(folder)).find(({ mode }) => mode === 'mag');
  const graphsFolder = mkdtempSync(join(tmpdir(), 'throughline-parity-'));
  const options = { modelFolder: folder, device, threads: 2, kvStorage: storage, graphsFolder } as const;
  const session = await ModelSession.open({ ...options, forbidFallback: true }, roundingFor, adapter);
  try {
    const { generator, graphs, info, pages, prompts } = session;
    const chunkSize = info.chunkFrames * latentFrameSize(graphs);
    const wanted = chunksOfStory(story);
    const count = Math.min(wanted.length, most);
    const latents = new Float32Array(count * chunkSize);
    let memory = graphs.memory.state.empty(info.layers);
    let sameContext = true;
    for (const [chunkIndex, { prompt, transition }] of wanted.slice(0, count).entries()) {
      const made = await generator.generate(memory, {
        recipe: {
          ...{ chunkIndex, prompt, transition, seed: 0, sampler: info.sampler },
          memory: { ...info.memory, mode: 'mag', policy: 'nam' },
        },
        prompt: await prompts.prepare(prompt),
        emptyPrompt: await prompts.prepare('', 'memory'),
        pass: `chunk-${chunkIndex}`,
        noise: () => noise.slice(chunkIndex * chunkSize, (chunkIndex + 1) * chunkSize),
        pastLatents: async () => new Float32Array(0),
      });
      const { sink = [], window = [], bank = [] } = made.record ?? {};
      const context = { sink, bank: bank[0] ?? [], window };
      sameContext &&= JSON.stringify(context) === JSON.stringify(recorded[chunkIndex]);
      latents.set(made.latents, chunkIndex * chunkSize);
      memory = made.memory;
      pages.keepOnly(graphs.memory.state.references(memory));
    }
    const { maxAbs, std } = compare(latents, expected.subarray(0, latents.length));
    return {
      held: maxAbs / std <= tolerance && sameContext,
      lines: [
        `latents of ${count} chunks: max difference ${(maxAbs / std).toExponential(1)} of their standard deviation`,
        `what every chunk attends to ${sameContext ? 'is equal' : 'differs  <- FAILED'}`,
      ],
    };
  } finally {
    await session.dispose();
    rmSync(graphsFolder, { recursive: true, force: true });
  }
}
