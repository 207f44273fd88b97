// One long story in a process of its own, started by memory.ts; answers with what it used after every chunk.
import { EngineService } from '../src/main/engine/pipeline/engine-service.ts';
import type { Ancestor, LoadOptions } from '../src/main/engine/protocol.ts';
import type { ChunkRecipe } from '../src/shared/render.ts';
import { prompts } from './bench-story.ts';

const promptChunks = 8;
/** Nominal denoising steps: more of them take time and no more memory. */
const steps = [1000, 500];

async function tell({ policy, chunks, ...options }: LoadOptions & { policy: string; chunks: number }): Promise<void> {
  const engine = await EngineService.open(
    { ...options, kvStorage: 'fp16' },
    {
      latentsOf: async () => null,
      pictureOf: async () => null,
      onPhase: async () => {},
      onPreview: async () => {},
      onDecoded: async () => {},
      onNotice: async () => {},
    },
  );
  const line: Ancestor[] = [];
  const resident: number[] = [];
  const tensors: number[] = [];
  const tensorBytes: number[] = [];
  const heap: number[] = [];
  const buffers: number[] = [];
  for (let chunkIndex = 0; chunkIndex < chunks; chunkIndex++) {
    const recipe = {
      chunkIndex,
      prompt: prompts[Math.floor(chunkIndex / promptChunks) % prompts.length],
      seed: 7,
      transition: 'continue',
      sampler: { ...engine.info.sampler, steps },
      memory: { ...engine.info.memory, policy },
    } as ChunkRecipe;
    const chunk = { key: `chunk-${chunkIndex}`, recipe };
    await engine.renderChunk({ ...chunk, ancestors: line.slice() }, false, new AbortController().signal);
    line.push(chunk);
    const usage = engine.usage();
    resident.push(usage.residentBytes);
    tensors.push(usage.liveTensors);
    tensorBytes.push(usage.liveTensorBytes);
    const { heapTotal, arrayBuffers } = process.memoryUsage();
    heap.push(heapTotal);
    buffers.push(arrayBuffers);
  }
  const peakBytes = process.resourceUsage().maxRSS * 1024;
  process.send?.({ resident, tensors, tensorBytes, heap, buffers, peakBytes });
  await engine.dispose();
}

process.once('message', (request) => void tell(request as LoadOptions & { policy: string; chunks: number }));
