import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import type { MemoryFeed, MemoryHost, RunLimits } from '../memory/host.ts';
import { CandidateMasses } from '../memory/paper/candidate-masses.ts';
import { bestMaps, jointRetrieval } from '../memory/paper/retrieval.ts';
import { geometryOf } from '../model/config.ts';
import { gaussianNoise } from '../model/noise.ts';
import type { LoadOptions } from '../protocol.ts';
import { memoryHost } from './memory-host.ts';
import { leastPageBytes } from './memory-plan.ts';
import { ModelSession } from './model-session.ts';

const modelFolder = fileURLToPath(new URL('../../../../tests/fixtures/reference-small', import.meta.url));
/** More than are measured in one run. */
const frames = 19;

async function sessionWithPages(more: Partial<LoadOptions> = {}): Promise<ModelSession> {
  const graphsFolder = mkdtempSync(join(tmpdir(), 'throughline-test-'));
  const options = { modelFolder, device: 'cpu', threads: 1, kvStorage: 'fp32', graphsFolder, ...more } as const;
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
    await session.pages.trim();
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

/** What is found of all candidates, and how many pages each run was fed. */
async function lookedAt(session: ModelSession, limits?: RunLimits) {
  const { device, graphs, pages } = session;
  const made = memoryHost(device, graphs, pages);
  const fed: number[] = [];
  const onDevice: number[] = [];
  const host: MemoryHost = {
    ...made,
    limits: limits ?? made.limits,
    run: async (graph, feeds, output, read) => {
      fed.push(new Set(Object.values(feeds).flatMap(pageOf)).size);
      const result = await made.run(graph, feeds, output, read);
      onDevice.push(pages.bytes.device);
      return result;
    },
  };
  const prompt = await session.prompts.prepare('a red cat');
  const retrieval = await jointRetrieval(host, new CandidateMasses(host), prompt, candidates);
  const maps = await bestMaps(host, prompt, retrieval, candidates, 3);
  return { scores: retrieval.scores, maps, fed, onDevice };
}
const pageOf = (feed: MemoryFeed): string[] => (feed.kind === 'key' ? [`${feed.layer}:${feed.ref.frame}`] : []);

it('a run is fed no more pages than its limit, and the bits are the same', async () => {
  const session = await sessionWithPages();
  const { layers } = session.graphs.config.dit;
  const free = await lookedAt(session);
  expect(free.fed).toEqual([16 * layers, 3 * layers, 6 * layers]);
  const valueBytes = session.graphs.logitsBytes;
  for (const [pages, first] of [
    [1, 1],
    [5, 5],
    [16 + 1, 16],
  ] as const) {
    const few = await lookedAt(session, { pages, valueBytes });
    expect(few.fed[0]).toBe(first);
    expect(Math.max(...few.fed)).toBe(first);
    expect(few.fed.reduce((sum, count) => sum + count)).toBe((frames + 6) * layers); // nothing is brought twice
    expect({ scores: few.scores, maps: few.maps }).toEqual({ scores: free.scores, maps: free.maps });
  }
  // Three frames' worth of what words see in them is all that a value may take.
  const { heads } = session.graphs.config.dit;
  const { headDim, tokens } = geometryOf(session.graphs.config);
  const frameBytes = heads * tokens * Math.max(headDim, session.graphs.config.text.textLength) * 4;
  const small = await lookedAt(session, { pages: Number.POSITIVE_INFINITY, valueBytes: 4 * frameBytes - 1 });
  expect(small.fed).toEqual([3, 3, 3, 3, 3, 3, 1, 3, 3].map((count) => count * layers));
  expect({ scores: small.scores, maps: small.maps }).toEqual({ scores: free.scores, maps: free.maps });
});

it('with pages in memory and in a file, the device never holds more than was planned', async () => {
  const free = await lookedAt(await sessionWithPages());
  const session = await sessionWithPages({ pageBudget: { deviceBytes: 0, hostBytes: 20_000 } });
  const { config } = session.graphs;
  const { layers, dim } = config.dit;
  const pageBytes = 2 * geometryOf(config).tokens * dim * 4;
  expect(leastPageBytes(config)).toBeLessThan(16 * layers * pageBytes); // all candidates at once would be too many
  const tiered = await lookedAt(session);
  expect(Math.max(...tiered.onDevice)).toBeLessThanOrEqual(leastPageBytes(config));
  expect(Math.max(...tiered.fed) * pageBytes).toBeLessThanOrEqual(leastPageBytes(config));
  expect({ scores: tiered.scores, maps: tiered.maps }).toEqual({ scores: free.scores, maps: free.maps });
});
