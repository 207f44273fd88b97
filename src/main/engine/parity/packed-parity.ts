import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { DeviceName } from '../../../shared/render.ts';
import { adaptersOf } from '../checkpoints/adapters.ts';
import { packsBefore } from '../memory/framepack/framepack-policy.ts';
import { layoutOf } from '../memory/module.ts';
import { openModelFolder } from '../model/model-folder.ts';
import { readSafetensors, readTensor, type TensorEntry } from '../model/safetensors.ts';
import { latentFrameSize } from '../pipeline/chunk-generator.ts';
import { ModelSession } from '../pipeline/model-session.ts';
import { roundingFor } from '../pipeline/state-cache.ts';
import { compare, type ParityReport, tolerance } from './compare.ts';
import { chunksOfStory, recordedStorySchema } from './recorded-story.ts';

const traceSchema = z.object({
  packed: z.object({
    story: recordedStorySchema,
    chunks: z.array(z.object({ packs: z.array(z.object({ rate: z.int(), frames: z.array(z.int()), time: z.int() })) })),
  }),
});

/** A model folder with FramePack's adapter, and the story that our PyTorch code makes with it: every latent, and what each chunk saw. */
export async function packedParity(
  folder: string,
  json: unknown,
  device: DeviceName,
  most: number,
): Promise<ParityReport> {
  const { story, chunks: recorded } = traceSchema.parse(json).packed;
  const tensors = readSafetensors(join(folder, 'tensors.safetensors'));
  const tensor = (name: string): Float32Array => readTensor(tensors.get(name) as TensorEntry);
  const [noise, expected] = [tensor('noise'), tensor('latents')];
  const adapter = adaptersOf(openModelFolder(folder)).find(({ mode }) => mode === 'framepack');
  const graphsFolder = mkdtempSync(join(tmpdir(), 'throughline-parity-'));
  const options = { modelFolder: folder, device, threads: 2, kvStorage: 'fp32', graphsFolder } as const;
  const session = await ModelSession.open({ ...options, forbidFallback: true }, roundingFor, adapter);
  try {
    const { generator, graphs, info, prompts } = session;
    const frameSize = latentFrameSize(graphs);
    const chunkSize = info.chunkFrames * frameSize;
    const wanted = chunksOfStory(story);
    const count = Math.min(wanted.length, most);
    const latents = new Float32Array(count * chunkSize);
    let memory = graphs.memory.state.empty(info.layers);
    let samePacks = true;
    for (const [chunkIndex, { prompt, transition }] of wanted.slice(0, count).entries()) {
      const packs = packsBefore(chunkIndex * info.chunkFrames, transition, layoutOf(graphs.config).packSides);
      const told = packs.map(({ rate, frames, time }) => ({ rate, frames, time }));
      samePacks &&= JSON.stringify(told) === JSON.stringify(recorded[chunkIndex]?.packs);
      const made = await generator.generate(memory, {
        recipe: {
          ...{ chunkIndex, prompt, transition, seed: 0, sampler: info.sampler },
          memory: { ...info.memory, mode: 'framepack', policy: 'framepack' },
        },
        prompt: await prompts.prepare(prompt),
        pass: `chunk-${chunkIndex}`,
        noise: () => noise.slice(chunkIndex * chunkSize, (chunkIndex + 1) * chunkSize),
        pastLatents: async (first, frames) => latents.slice(first * frameSize, (first + frames) * frameSize),
      });
      latents.set(made.latents, chunkIndex * chunkSize);
      memory = made.memory;
    }
    const { maxAbs, std } = compare(latents, expected.subarray(0, latents.length));
    return {
      held: maxAbs / std <= tolerance && samePacks,
      lines: [
        `latents of ${count} chunks: max difference ${(maxAbs / std).toExponential(1)} of their standard deviation`,
        `packs of every chunk ${samePacks ? 'equal' : 'differ  <- FAILED'}`,
      ],
    };
  } finally {
    await session.dispose();
    rmSync(graphsFolder, { recursive: true, force: true });
  }
}
