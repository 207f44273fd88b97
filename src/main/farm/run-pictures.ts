import { footageLimits } from '../../shared/footage.ts';
import type { FrameSize } from '../../shared/frame-size.ts';
import { lookedAtSize } from '../../shared/pictures.ts';
import { limits } from '../../shared/project/limits.ts';
import type { ChunkRecipe, ModelInfo } from '../../shared/render.ts';
import { pixelFramesOfChunk } from '../../shared/timing.ts';

/** How a model looks at pictures: their size, and so many latent frames a chunk. */
export interface Looks extends FrameSize {
  readonly chunkFrames: number;
}

/** Something that a run looks at: a picture, or the frames of a chunk of footage, one below the other. */
export interface RunPicture extends FrameSize {
  readonly what: 'picture' | 'footage';
  /** As a sentence calls it. */
  readonly words: string;
}

/** By the digest that recipes name. */
export type RunPictures = ReadonlyMap<string, RunPicture>;

/** Those of a story, and what it begins with. */
export const mostPictures = limits.pictures + 1;
/** Chunks of footage: as many as a project keeps. */
export const mostFootage = footageLimits.chunks;

/** How a model looks at pictures. */
export function looksOf(model: Pick<ModelInfo, 'latent' | 'chunkFrames'>): Looks {
  return { ...lookedAtSize(model), chunkFrames: model.chunkFrames };
}

type WithRecipe = { readonly recipe: ChunkRecipe };

/**
 * What whoever makes a run may have to look at: pictures of its chunks, and those in memory before it, which are looked at again
 * where the state is made anew. Where the run shows footage, all footage from the story's first chunk on: the encoder carries what
 * it saw.
 */
export function picturesOfRun(
  before: readonly WithRecipe[],
  chunks: readonly WithRecipe[],
  { width, height, chunkFrames }: Looks,
): RunPictures {
  const named = new Map<string, RunPicture>();
  const picture = (asset: string, name: string): void => {
    named.set(asset, { what: 'picture', words: `picture "${name}" (${asset.slice(0, 12)})`, width, height });
  };
  for (const { recipe } of chunks) if (recipe.firstFrame) picture(recipe.firstFrame.asset, 'first frame');
  for (const { recipe } of [...before, ...chunks])
    for (const { asset, name } of recipe.pictures ?? []) picture(asset, name);
  if (!chunks.some(({ recipe }) => recipe.footage)) return named;
  for (const { recipe } of [...before, ...chunks]) {
    const { chunkIndex, footage } = recipe;
    if (!footage) continue;
    named.set(footage.asset, {
      what: 'footage',
      words: `footage of chunk ${chunkIndex} (${footage.asset.slice(0, 12)})`,
      width,
      height: height * pixelFramesOfChunk(chunkIndex, chunkFrames),
    });
  }
  return named;
}

/**
 * Whether a run names more than a story can have, in a clause such as `it names 20 pictures, and a story has 17 at most`; null where
 * it does not.
 */
export function tooManyPictures(named: RunPictures): string | null {
  const count = (what: RunPicture['what']): number => [...named.values()].filter((one) => one.what === what).length;
  const [pictures, footage] = [count('picture'), count('footage')];
  if (pictures > mostPictures) return `it names ${pictures} pictures, and a story has ${mostPictures} at most`;
  if (footage > mostFootage) return `it shows ${footage} chunks of footage, and a farm takes ${mostFootage} at most`;
  return null;
}
