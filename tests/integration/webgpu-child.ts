// Run as a child by engine-webgpu.test.ts, because a driver may take its process with it. Prints one line of JSON.
//   node webgpu-child.ts parity <folder> <most chunks>
//   node webgpu-child.ts live
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { emptyMemory, type MemoryState } from '../../src/main/engine/memory/memory-state.ts';
import { gaussianNoise } from '../../src/main/engine/model/noise.ts';
import { checkParity } from '../../src/main/engine/parity/check-parity.ts';
import { ModelSession } from '../../src/main/engine/pipeline/model-session.ts';
import { probeAttention } from '../../src/main/engine/runtime/probe-attention.ts';

const model = fileURLToPath(new URL('../fixtures/reference-small', import.meta.url));

/** Renders chunks on the GPU and tells where K/V are and how many tensors live after each. */
async function live(): Promise<unknown> {
  const graphsFolder = mkdtempSync(join(tmpdir(), 'throughline-test-'));
  const options = {
    modelFolder: model,
    device: 'webgpu',
    threads: 1,
    kvStorage: 'fp32',
    graphsFolder,
    forbidFallback: true,
  } as const;
  const session = await ModelSession.open(options, () => null);
  let memory: MemoryState = emptyMemory(session.info.layers);
  const locations = new Set<string>();
  const tensors: number[] = [];
  const discarded: number[] = [];
  const prompt = await session.prompts.prepare('a red cat');
  for (let chunk = 0; chunk < 8; chunk++) {
    const made = await session.generator.generate(memory, {
      recipe: {
        chunkIndex: chunk,
        prompt: 'a red cat',
        seed: 1,
        transition: 'continue',
        sampler: { kind: 'renoise', steps: [1000, 500] },
        memory: { ...session.info.memory, capacity: 3 },
      },
      prompt,
      pass: String(chunk),
      noise: (step) => gaussianNoise(1, chunk, step, 3 * 16 * 4 * 6),
      pastLatents: async () => new Float32Array(0),
    });
    memory = made.memory;
    const frames = session.graphs.memory.state.references(memory);
    session.pages.keepOnly(frames);
    for (const ref of frames) {
      for (let layer = 0; layer < session.info.layers; layer++) {
        const { k, v } = session.pages.get(ref, layer);
        locations.add(k.ort.location).add(v.ort.location);
      }
    }
    tensors.push(session.device.live.tensors);
    discarded.push(session.device.discardedBytes);
  }
  const form = await probeAttention(session.device, 12);
  await session.dispose();
  rmSync(graphsFolder, { recursive: true });
  return { locations: [...locations], tensors, discarded, afterDispose: session.device.live.tensors, form };
}

const [what, folder, most] = process.argv.slice(2);
const result = what === 'parity' ? await checkParity(folder as string, 'webgpu', Number(most)) : await live();
process.stdout.write(`\n${JSON.stringify(result)}\n`, () => process.exit(0));
