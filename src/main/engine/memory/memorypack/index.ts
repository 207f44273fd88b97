import type { LongMemoryTold } from '../../../../shared/memories/memorypack.ts';
import type { MemorySettings } from '../../../../shared/memory-settings.ts';
import { geometryOf } from '../../model/config.ts';
import { ropeTable } from '../../model/rope.ts';
import { attendedFrames, packedContext } from '../framepack/packed-context.ts';
import type { MemoryFeed, MemoryGraph, MemoryHost, MemoryPrompt } from '../host.ts';
import {
  type ContextSource,
  type FinishedChunk,
  type MemoryLayout,
  type MemoryModule,
  type MemoryWork,
  nothingScored,
} from '../module.ts';
import { buildFirstPsiGraph, buildPsiReadGraph, buildSqueezeGraph } from './graphs.ts';
import { type LongState, longStates, MemorypackPolicy, type Psi } from './memorypack-policy.ts';
import { firstSources, overall, sourcesAfter } from './sources.ts';

/** MemoryPack (model reference F): FramePack, and psi, a long memory of one size that every chunk is squeezed into. */
export function memorypackMemory(layout: MemoryLayout): MemoryModule<LongState> {
  return Object.assign(new MemorypackPolicy(layout), {
    mode: 'memorypack',
    state: longStates,
    commits: null,
    partialRecache: false,
    activates: false,
    extendsPrompt: true,
    attendedFrames: () => attendedFrames(layout),
    footprint: () => ({ attended: attendedFrames(layout), kept: 0 }),
    smaller: () => [],
    objection: ({ pins, bans }: MemorySettings) =>
      pins.length + bans.length > 0 ? 'MemoryPack chooses no frames: none can be pinned or banned.' : null,
    open,
  } satisfies Partial<MemoryModule<LongState>>);
}

function open(host: MemoryHost): MemoryWork<LongState> {
  return {
    score: async (prompt, candidates) => ({
      ...(await nothingScored.score(prompt, candidates)),
      account: async ({ after, evicted }) => ({
        ...{ pull: [], spatial: [], evicted: [...evicted] },
        ...(after.psi ? { told: told(after.psi), keptBytes: bytesOf(after.psi.values).byteLength } : {}),
      }),
    }),
    makeContext: async (source) => {
      const packs = await packedContext(host, source);
      try {
        return [...packs, await readPsi(host, source)];
      } catch (error) {
        for (const part of packs) part.dispose();
        throw error;
      }
    },
    afterCommit: async (state, chunk) => ({ ...state, psi: await squeezed(host, state, chunk) }),
  };
}

const first = (picture: boolean): MemoryGraph => ({
  name: picture ? 'psi-first-picture' : 'psi-first',
  weights: 'generator',
  build: buildFirstPsiGraph.bind(null, picture),
});
const read: MemoryGraph = { name: 'psi-read', weights: 'generator', build: buildPsiReadGraph };
const squeeze: MemoryGraph = { name: 'psi-squeeze', weights: 'generator', build: buildSqueezeGraph };

/** psi before a chunk [tokens, dim]: the state's, or of the story's first prompt and what the film's first frame was given to show. */
async function psiOf(
  host: MemoryHost,
  { psi }: LongState,
  { prompt, reference }: Pick<FinishedChunk, 'prompt' | 'reference'>,
): Promise<Float32Array> {
  if (psi) return floatsOf(psi.values);
  const feeds: Record<string, MemoryFeed> = { embedding: { kind: 'text-embedding', prompt } };
  if (reference) feeds.picture = { kind: 'floats', values: reference, dims: latentDims(host, 1) };
  return (await host.runFor(first(reference !== null), feeds, ['psi'])).psi;
}

async function readPsi(host: MemoryHost, source: ContextSource<LongState>) {
  const psi = await psiOf(host, source.state, source);
  const feeds: Record<string, MemoryFeed> = { psi: psiFeed(host, psi) };
  for (let layer = 0; layer < host.config.dit.layers; layer++) {
    feeds[`prompt_k.${layer}`] = { kind: 'text-key', prompt: source.prompt, layer };
    feeds[`prompt_v.${layer}`] = { kind: 'text-value', prompt: source.prompt, layer };
  }
  return host.makeContext(read, feeds);
}

/** @param state with the chunk counted, its psi still of before */
async function squeezed(host: MemoryHost, state: LongState, chunk: FinishedChunk): Promise<Psi> {
  const { config } = host;
  const { chunkFrames } = config.sampler;
  const geometry = geometryOf(config);
  const { prompt, reference, latents } = chunk;
  const psi = await psiOf(host, state, chunk);
  const before = state.psi?.sources ?? firstSources(prompt.length, reference !== null);
  const times = Array.from({ length: chunkFrames }, (_, i) => i);
  const { cos, sin } = ropeTable(times, geometry, config.dit.ropeTheta);
  const turns = [chunkFrames * geometry.tokens, geometry.headDim / 2];
  const parts = before.shares.length;
  const { next, attention, lengths } = await host.runFor(
    squeeze,
    {
      psi: psiFeed(host, psi),
      latents: { kind: 'floats', values: latents, dims: latentDims(host, chunkFrames) },
      cos: { kind: 'floats', values: cos, dims: turns },
      sin: { kind: 'floats', values: sin, dims: turns },
      parts: partsFeed(psi.length / config.dit.dim, parts, state.psi ? null : prompt.length),
    },
    ['next', 'attention', 'lengths'],
  );
  const shares = times.map((frame) => [...attention.subarray(frame * parts, (frame + 1) * parts)]);
  const kept = times.map((frame) => {
    const [fresh, old] = lengths.subarray(2 * frame, 2 * frame + 2) as unknown as [number, number];
    return old / (fresh + old);
  });
  return {
    values: Buffer.from(next.buffer, next.byteOffset, next.byteLength).toString('base64'),
    tokens: next.length / config.dit.dim,
    words: state.psi?.words ?? wordsOf(prompt),
    sources: sourcesAfter(before, shares, kept, state.frames - chunkFrames),
    kept: kept.reduce((sum, value) => sum + value, 0) / kept.length,
  };
}

/**
 * Which part each of psi's tokens is of. Tokens of the first prompt are parts of their own and those of a picture one; later each
 * frame of the last chunk is one.
 * @param own so many tokens are parts of their own, the rest one; null: all parts have as many tokens
 */
function partsFeed(tokens: number, parts: number, own: number | null): MemoryFeed {
  const values = new Float32Array(tokens * parts);
  const partOf = (token: number): number =>
    own === null ? Math.floor((token * parts) / tokens) : Math.min(token, own);
  for (let token = 0; token < tokens; token++) values[token * parts + partOf(token)] = 1;
  return { kind: 'floats', values, dims: [tokens, parts] };
}

function psiFeed({ config }: MemoryHost, psi: Float32Array): MemoryFeed {
  return { kind: 'floats', values: psi, dims: [psi.length / config.dit.dim, config.dit.dim] };
}

function latentDims({ config }: MemoryHost, frames: number): number[] {
  const { latentHeight, latentWidth } = geometryOf(config);
  return [frames, config.latent.channels, latentHeight, latentWidth];
}

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(Buffer.from(base64, 'base64')); // a buffer of its own, so that floats lie where they must
}

function floatsOf(base64: string): Float32Array {
  return new Float32Array(bytesOf(base64).buffer as ArrayBuffer);
}

function wordsOf({ words }: MemoryPrompt): Psi['words'] {
  return words.map(({ text, tokens }) => ({ text, tokens: [...tokens] }));
}

/** Meant digits of a share: words are soon little beside frames, and still differ. */
const digits = 4;

function told({ tokens, words, sources, kept }: Psi): LongMemoryTold {
  const shares = overall(sources);
  const round = (value: number): number => Number(Math.min(1, Math.max(0, value)).toPrecision(digits));
  const sum = (holds: (source: (typeof sources.sources)[number]) => boolean): number =>
    sources.sources.reduce((total, source, i) => total + (holds(source) ? (shares[i] as number) : 0), 0);
  const ofWords = new Set(words.flatMap((word) => word.tokens));
  const picture = sources.sources.some((source) => 'other' in source && source.other === 'picture');
  return {
    of: 'memorypack',
    tokens,
    kept: round(kept),
    words: words.map((word) => ({
      text: word.text,
      share: round(sum((source) => 'token' in source && word.tokens.includes(source.token))),
    })),
    picture: picture ? round(sum((source) => 'other' in source && source.other === 'picture')) : null,
    frames: sources.sources
      .flatMap((source, i) => ('frame' in source ? [{ frame: source.frame, share: round(shares[i] as number) }] : []))
      .sort((a, b) => a.frame - b.frame),
    rest: round(sum((s) => ('other' in s && s.other === 'rest') || ('token' in s && !ofWords.has(s.token)))),
  };
}
