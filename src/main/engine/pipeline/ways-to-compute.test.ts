import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { fakeMemory } from '../../../../tests/fakes/memory-settings.ts';
import { emptyMemory, type MemoryState } from '../memory/memory-state.ts';
import { openModelFolder } from '../model/model-folder.ts';
import { gaussianNoise } from '../model/noise.ts';
import { PromptTokenizer } from '../model/tokenizer/index.ts';
import { exactTypes, type TypePlan } from '../model/type-plan.ts';
import { compare } from '../parity/compare.ts';
import { Device } from '../runtime/device.ts';
import { ChunkGenerator, latentFrameSize } from './chunk-generator.ts';
import { ModelGraphs } from './model-graphs.ts';
import { PageStore } from './page-store.ts';
import { Passes } from './passes.ts';
import { PromptEncoder } from './prompt.ts';

const modelFolder = fileURLToPath(new URL('../../../../tests/fixtures/reference-small', import.meta.url));

/** Latents of a story with a recache and a bank, attention written out. */
async function story(
  logitsBytes: number,
  types: TypePlan = exactTypes,
): Promise<{ pieces: number; latents: number[] }> {
  const work = mkdtempSync(join(tmpdir(), 'throughline-test-'));
  const device = await Device.open({ name: 'cpu', threads: 1 });
  onTestFinished(async () => {
    await device.dispose();
    rmSync(work, { recursive: true });
  });
  const model = openModelFolder(modelFolder);
  const graphs = new ModelGraphs(device, model, join(work, 'graphs'), 'decomposed', logitsBytes, types);
  const pages = new PageStore();
  const generator = new ChunkGenerator(device, graphs, new Passes(device, graphs, null), pages);
  const prompts = new PromptEncoder(device, graphs, PromptTokenizer.open(model.tokenizerFile, model.config.text));
  const frameSize = latentFrameSize(graphs);
  const latents: number[] = [];
  let state: MemoryState = emptyMemory(model.config.dit.layers);
  for (let chunkIndex = 0; chunkIndex < 6; chunkIndex++) {
    const prompt = chunkIndex < 4 ? 'a red cat' : 'the cat waves';
    const made = await generator.generate(state, {
      recipe: {
        chunkIndex,
        prompt,
        seed: 1,
        transition: 'continue',
        sampler: { kind: 'euler', steps: [1000, 500] },
        memory: fakeMemory,
      },
      prompt: await prompts.prepare(prompt),
      pass: `chunk ${chunkIndex}`,
      noise: (step) => gaussianNoise(1, chunkIndex, step, 3 * frameSize),
      pastLatents: async (first, count) =>
        Float32Array.from(latents.slice(first * frameSize, (first + count) * frameSize)),
    });
    latents.push(...made.latents);
    state = made.memory;
    pages.keepOnly(graphs.memory.state.references(state));
  }
  pages.dispose();
  prompts.dispose();
  return { pieces: graphs.attentionPieces, latents };
}

it('attention in pieces gives what it gives whole', async () => {
  const whole = await story(Number.MAX_SAFE_INTEGER);
  const inPieces = await story(1000);
  expect([whole.pieces, inPieces.pieces]).toEqual([1, 4]);
  const { maxAbs, std } = compare(inPieces.latents, whole.latents);
  expect(maxAbs / std).toBeLessThan(1e-4);
});

it('products in halves give the same story but for rounding', async () => {
  const exact = await story(Number.MAX_SAFE_INTEGER);
  const halves = await story(1000, { dit: 'float16', taehv: 'float16' });
  const { maxAbs, std } = compare(halves.latents, exact.latents);
  expect(maxAbs / std).toBeLessThan(0.02);
  expect(maxAbs / std).toBeGreaterThan(1e-4); // they were rounded
});
