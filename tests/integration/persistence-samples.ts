import {
  type ChunkArtifact,
  type KvCacheOptions,
  latentsDigest,
  type NewKvState,
  type PageBytes,
  type PageRef,
} from '../../src/main/persistence/index.ts';
import { chunkKey } from '../../src/shared/keys.ts';
import { fakeMemory } from '../fakes/memory-settings.ts';

const settings = { ...fakeMemory, policy: 'nam' } as const;

const model = {
  digest: 'm',
  numericsVersion: 1,
  video: { width: 160, height: 96, fps: 8 },
  kvStorage: 'fp16',
} as const;

/** A chunk that the store accepts: child of `parent`; `variant` goes into its latents and not into its key. */
export function sampleArtifact(
  parent: ChunkArtifact | null,
  { values = 64, variant = 0, seed = 7 } = {},
): ChunkArtifact {
  const chunkIndex = parent ? parent.recipe.chunkIndex + 1 : 0;
  const recipe = {
    chunkIndex,
    prompt: 'a cat waves',
    seed,
    transition: 'continue',
    sampler: { kind: 'renoise', steps: [1000, 500] },
    memory: { ...settings, pins: [], bans: [] },
  } satisfies ChunkArtifact['recipe'];
  const parentKey = parent?.key ?? null;
  return {
    key: chunkKey({ parentKey, model, recipe }),
    parentKey,
    model,
    recipe,
    parentLatentsDigest: parent && latentsDigest(parent.latents),
    latents: new Float32Array(values).fill(Math.fround(Math.sin(chunkIndex * 1000 + variant + 1))),
    device: 'cpu',
    elapsedMs: 12.5,
    record: {
      version: 2,
      pictures: [],
      chunkIndex,
      firstFrame: chunkIndex * 3,
      frames: 3,
      prompt: recipe.prompt,
      words: [{ text: 'cat', known: true }],
      transition: 'continue',
      settings: { ...settings, pins: [], bans: [] },
      recached: false,
      sink: [0],
      window: [],
      bankBefore: [],
      bank: [],
      candidates: [],
      scores: [],
      prototype: chunkIndex * 3,
      evicted: [],
      activation: null,
      pull: [],
      spatial: [],
      timings: { retrieveMs: 0, recacheMs: 0, denoiseMs: [1], commitMs: 0, decodeMs: 0 },
    },
  };
}

/** The first `count` chunks of one story. */
export function sampleChain(count: number, options?: Parameters<typeof sampleArtifact>[1]): ChunkArtifact[] {
  const chain: ChunkArtifact[] = [];
  for (let i = 0; i < count; i++) chain.push(sampleArtifact(chain.at(-1) ?? null, options));
  return chain;
}

export const sampleCacheOptions: KvCacheOptions = {
  modelDigest: 'm',
  numericsVersion: 1,
  kvStorage: 'fp16',
  budgetBytes: 2 ** 30,
  // Disks of tests are small.
  leaveFreeBytes: 0,
};

const samplePageBytes = 100_000;
const layers = 2;
const windowFrames = 3;

/** What the page must contain: told by its name alone. */
export function samplePage({ passKey, frame, layer }: PageRef, bytes = samplePageBytes): PageBytes {
  const fill = (kind: string) => new Uint8Array(Buffer.alloc(bytes, `${passKey}/${frame}/${layer}/${kind};`));
  return { k: fill('k'), v: fill('v') };
}

/** State `index` of a story: the pages of its last three frames, two layers each, so two thirds are its parent's. */
export function sampleState(index: number, pageBytes = samplePageBytes): NewKvState & { readonly key: string } {
  const frames = Array.from({ length: windowFrames }, (_, i) => index - i).filter((frame) => frame >= 0);
  return {
    key: `chunk-${index}`,
    description: JSON.stringify({ index, frames }),
    pages: frames.flatMap((frame) =>
      Array.from({ length: layers }, (_, layer) => ({ passKey: `commit-${frame}`, frame, layer })),
    ),
    read: (ref) => samplePage(ref, pageBytes),
  };
}
