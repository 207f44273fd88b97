import { limits } from '../../shared/project/limits.ts';
import type { ChunkRecipe } from '../../shared/render.ts';

/** Pictures by the digest of their files, and how a person calls each. */
export type NamedPictures = ReadonlyMap<string, string>;

/** Those of a story, and what it begins with. */
export const mostPictures = limits.pictures + 1;
/** What a film begins with has no name. */
const firstFrameName = 'first frame';

/**
 * The pictures that whoever makes a run may have to look at: those of its chunks, and those in memory before it, which are
 * looked at again where the state is made anew.
 */
export function picturesOfRun(
  before: readonly { readonly recipe: ChunkRecipe }[],
  chunks: readonly { readonly recipe: ChunkRecipe }[],
): NamedPictures {
  const named = new Map<string, string>();
  for (const { recipe } of chunks) if (recipe.firstFrame) named.set(recipe.firstFrame.asset, firstFrameName);
  for (const { recipe } of [...before, ...chunks])
    for (const { asset, name } of recipe.pictures ?? []) named.set(asset, name);
  return named;
}

/** A picture as a sentence calls it. */
export function pictureWords(asset: string, name: string): string {
  return `"${name}" (${asset.slice(0, 12)})`;
}
