import type { ChunkArtifact, ChunkStore } from '../../persistence/index.ts';

/** A chunk of a store with its latents, as it was committed; null where it is not there as it was written. */
export function storedArtifact(store: ChunkStore, key: string): ChunkArtifact | null {
  if (!store.isWhole(key)) return null;
  const stored = store.get(key);
  if (!stored) return null;
  const { createdAt: _, latentsDigest: __, ...facts } = stored;
  return { ...facts, latents: store.latents(key).slice() };
}
