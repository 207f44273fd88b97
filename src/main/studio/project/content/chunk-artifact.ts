import type { ChunkArtifact } from '../../../persistence/index.ts';
import type { OpenProject } from '../open-project.ts';

/** A chunk of a project with its latents, as it was committed and as a farm takes it; null where the project has none. */
export async function chunkArtifact({ store }: Pick<OpenProject, 'store'>, key: string): Promise<ChunkArtifact | null> {
  const [stored, latents] = await Promise.all([store.chunk(key), store.latents(key)]);
  if (!stored || !latents) return null;
  const { createdAt: _, latentsDigest: __, ...facts } = stored;
  return { ...facts, latents: latents.slice() };
}
