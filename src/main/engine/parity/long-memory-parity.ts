import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { DeviceName } from '../../../shared/render.ts';
import { adaptersOf } from '../checkpoints/adapters.ts';
import type { LongState } from '../memory/memorypack/memorypack-policy.ts';
import { firstSources, overall, type Sources, sourcesAfter } from '../memory/memorypack/sources.ts';
import { openModelFolder } from '../model/model-folder.ts';
import { readSafetensors, readTensor, type TensorEntry } from '../model/safetensors.ts';
import { type ChunkInputs, latentFrameSize } from '../pipeline/chunk-generator.ts';
import { ModelSession } from '../pipeline/model-session.ts';
import { roundingFor } from '../pipeline/state-cache.ts';
import { compare, type ParityReport, tolerance } from './compare.ts';
import { chunksOfStory, recordedStorySchema } from './recorded-story.ts';

const chunkSchema = z.object({
  psi: z.tuple([z.int(), z.int()]),
  shares: z.array(z.array(z.number())),
  norms: z.array(z.tuple([z.number(), z.number()])),
});
const traceSchema = z.object({
  long: z.object({
    story: recordedStorySchema,
    chunks: z.object({ prompt: z.array(chunkSchema), picture: z.array(chunkSchema) }),
  }),
});

/** A model folder with MemoryPack's adapter, and the story that our PyTorch code makes with it: latents, psi, and what Squeeze attended to. */
export async function longMemoryParity(
  folder: string,
  json: unknown,
  device: DeviceName,
  most: number,
): Promise<ParityReport> {
  const { story, chunks: recorded } = traceSchema.parse(json).long;
  const tensors = readSafetensors(join(folder, 'tensors.safetensors'));
  const tensor = (name: string): Float32Array => readTensor(tensors.get(name) as TensorEntry);
  const noise = tensor('noise');
  const adapter = adaptersOf(openModelFolder(folder)).find(({ mode }) => mode === 'memorypack');
  const graphsFolder = mkdtempSync(join(tmpdir(), 'throughline-parity-'));
  const options = { modelFolder: folder, device, threads: 2, kvStorage: 'fp32', graphsFolder } as const;
  const session = await ModelSession.open({ ...options, forbidFallback: true }, roundingFor, adapter);
  try {
    const { generator, graphs, info, prompts } = session;
    const frameSize = latentFrameSize(graphs);
    const chunkSize = info.chunkFrames * frameSize;
    const wanted = chunksOfStory(story);
    const lines: string[] = [];
    let held = true;
    for (const from of ['prompt', 'picture'] as const) {
      const told = recorded[from];
      const count = Math.min(told.length, most);
      const firstFrame = from === 'picture' ? tensor('picture') : null;
      const latents = new Float32Array(count * chunkSize);
      let memory = graphs.memory.state.empty(info.layers) as LongState;
      let sources: Sources | null = null;
      let shareError = 0;
      for (const [chunkIndex, { prompt, transition }] of wanted.slice(0, count).entries()) {
        const given = chunkIndex === 0 && firstFrame;
        const prepared = await prompts.prepare(prompt);
        const inputs: ChunkInputs = {
          recipe: {
            ...{ chunkIndex, prompt, transition, seed: 0, sampler: info.sampler },
            memory: { ...info.memory, mode: 'memorypack', policy: 'memorypack' },
            ...(given ? { firstFrame: { asset: '0'.repeat(64), encoder: '' } } : {}),
          },
          prompt: prepared,
          pass: `chunk-${chunkIndex}`,
          noise: () => noise.slice(chunkIndex * chunkSize, (chunkIndex + 1) * chunkSize),
          pastLatents: async (first, frames) => latents.slice(first * frameSize, (first + frames) * frameSize),
          ...(given ? { firstFrame: given } : {}),
        };
        const made = await generator.generate(memory, inputs);
        // A replay is not given the picture: it finds it in the chunk.
        const { firstFrame: _, ...replayed } = { ...inputs, knownLatents: made.latents };
        const again = (await generator.generate(memory, replayed)).memory as LongState;
        held &&= again.psi?.values === (made.memory as LongState).psi?.values;
        latents.set(made.latents, chunkIndex * chunkSize);
        memory = made.memory as LongState;
        const { shares, norms } = told[chunkIndex] as (typeof told)[number];
        sources ??= firstSources(prepared.length, firstFrame !== null);
        const parts = shares.map((row) => merged(row, sources?.shares.length ?? 0));
        sources = sourcesAfter(
          sources,
          parts,
          norms.map(([fresh, old]) => old / (fresh + old)),
          chunkIndex * info.chunkFrames,
        );
        shareError = Math.max(shareError, compare(overall(memory.psi?.sources as Sources), overall(sources)).maxAbs);
      }
      const differences = [
        ['latents', latents, tensor(`latents.${from}`).subarray(0, latents.length)] as const,
        ...(count === told.length ? [['psi', psiValues(memory), tensor(`psi.${from}`)] as const] : []),
      ].map(([name, actual, expected]) => {
        const { maxAbs, std } = compare(actual, expected);
        held &&= maxAbs / std <= tolerance;
        return `${name} ${(maxAbs / std).toExponential(1)} of their standard deviation`;
      });
      held &&= shareError <= tolerance;
      lines.push(
        `from a ${from}, ${count} chunks: max difference of ${differences.join(', ')}; where psi comes from ${shareError.toExponential(1)}`,
      );
    }
    return { held, lines };
  } finally {
    await session.dispose();
    rmSync(graphsFolder, { recursive: true, force: true });
  }
}

/** Tokens of a picture are told one by one, and are one part. */
function merged(row: readonly number[], parts: number): number[] {
  return [...row.slice(0, parts - 1), row.slice(parts - 1).reduce((sum, value) => sum + value, 0)];
}

function psiValues({ psi }: LongState): Float32Array {
  return new Float32Array(Uint8Array.from(Buffer.from(psi?.values ?? '', 'base64')).buffer);
}
