import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { CandidateMasses } from '../memory/paper/candidate-masses.ts';
import { geometryOf } from '../model/config.ts';
import { gaussianNoise } from '../model/noise.ts';
import { memoryHost } from './memory-host.ts';
import { ModelSession } from './model-session.ts';

const modelFolder = fileURLToPath(new URL('../../../../tests/fixtures/reference-small', import.meta.url));
/** More than are measured in one run. */
const frames = 19;

async function sessionWithPages(): Promise<ModelSession> {
  const graphsFolder = mkdtempSync(join(tmpdir(), 'throughline-test-'));
  const options = { modelFolder, device: 'cpu', threads: 1, kvStorage: 'fp32', graphsFolder } as const;
  const session = await ModelSession.open(options, () => null);
  onTestFinished(async () => {
    await session.dispose();
    rmSync(graphsFolder, { recursive: true });
  });
  const { tokens } = geometryOf(session.graphs.config);
  const { dim, layers } = session.graphs.config.dit;
  const page = (...key: [number, number, number]) =>
    session.device.upload(gaussianNoise(...key, tokens * dim), [tokens, dim]);
  for (let frame = 0; frame < frames; frame++) {
    const pages = [];
    for (let layer = 0; layer < layers; layer++)
      pages.push({ k: await page(frame, layer, 0), v: await page(frame, layer, 1) });
    session.pages.put({ frame, pass: 'made' }, pages);
  }
  return session;
}

const candidates = Array.from({ length: frames }, (_, frame) => ({ frame, pass: 'made' }));

it('gives log sum exp(text . key / sqrt(d)) of every candidate, layer, head and word', async () => {
  const session = await sessionWithPages();
  const { graphs, device, pages } = session;
  const prompt = await session.prompts.prepare('a red cat');
  const { heads, layers } = graphs.config.dit;
  const { textLength } = graphs.config.text;
  const { tokens, headDim } = geometryOf(graphs.config);
  const masses = await new CandidateMasses(memoryHost(device, graphs, pages)).of(prompt, candidates);
  expect(masses.length).toBe(frames);
  for (const [i, ref] of candidates.entries()) {
    for (let layer = 0; layer < layers; layer++) {
      const text = await device.download(prompt.textK[layer] as never); // [heads, textLength, headDim]
      const keys = await device.download(pages.get(ref, layer).k); // [tokens, heads*headDim]
      for (let h = 0; h < heads; h++) {
        for (let t = 0; t < prompt.length; t++) {
          let mass = 0;
          for (let n = 0; n < tokens; n++) {
            let dot = 0;
            for (let d = 0; d < headDim; d++)
              dot +=
                (text[(h * textLength + t) * headDim + d] as number) * (keys[(n * heads + h) * headDim + d] as number);
            mass += Math.exp(dot / Math.sqrt(headDim));
          }
          expect(masses[i]?.[(layer * heads + h) * prompt.length + t]).toBeCloseTo(Math.log(mass), 4);
        }
      }
    }
  }
});

it('the same bits alone, among others and after the others', async () => {
  const session = await sessionWithPages();
  const { graphs, device, pages } = session;
  const prompt = await session.prompts.prepare('a red cat');
  const fresh = () => new CandidateMasses(memoryHost(device, graphs, pages));
  const together = await fresh().of(prompt, candidates);
  const grown = fresh();
  for (const [i, ref] of candidates.entries()) {
    expect((await fresh().of(prompt, [ref]))[0]).toEqual(together[i]);
    expect(await grown.of(prompt, candidates.slice(0, i + 1))).toEqual(together.slice(0, i + 1));
  }
  expect(together[0]).not.toEqual(together[1]);
});
