import { pictureLimits } from '../../../shared/assets/asset.ts';
import { stripAt } from '../../../shared/footage.ts';
import type { ModelInfo } from '../../../shared/render.ts';
import { looksOf, type PicturesHere } from '../../farm/index.ts';
import { type PictureSpawn, pixelsOf, type Size, stripPixels } from '../../pictures/index.ts';
import type { OpenProject } from '../project/open-project.ts';

type WithAssets = Pick<OpenProject, 'store' | 'assets'>;

/**
 * A picture of a project, or the footage of a chunk, as a model looks at it: RGB, [to.height, to.width, 3]; null where the project
 * has none of that name.
 */
export async function projectPicture(
  project: WithAssets,
  asset: string,
  to: Size,
  spawn?: PictureSpawn,
): Promise<Uint8Array | null> {
  for (const { id, footage } of project.assets) {
    const chunk = footage?.chunks.indexOf(asset) ?? -1;
    if (!footage || chunk < 0) continue;
    const frames = footage.strips[chunk]?.frames ?? 1;
    return footageFrames(project, id, chunk, { width: to.width, height: to.height / frames }, spawn);
  }
  const png = await project.store.readAsset(asset, 'original', 0, pictureLimits.sizeBytes);
  return png && pixelsOf(png, to, spawn);
}

/** What a project's footage shows in a chunk's place, as it is kept: a PNG with its frames one below the other; null where it is over. */
export async function footageStrip(
  { store, assets }: WithAssets,
  clip: string,
  chunk: number,
): Promise<{ readonly png: Uint8Array; readonly frames: number } | null> {
  const facts = assets.find(({ id }) => id === clip)?.footage;
  const place = facts && stripAt(facts, chunk);
  const png = place && (await store.readAsset(clip, 'original', place.start, place.end));
  return png ? { png, frames: place.frames } : null;
}

/** The same as pixels, [frames, size.height, size.width, 3]. */
export async function footageFrames(
  project: WithAssets,
  clip: string,
  chunk: number,
  size: Size,
  spawn?: PictureSpawn,
): Promise<Uint8Array | null> {
  const strip = await footageStrip(project, clip, chunk);
  return strip && stripPixels(strip.png, strip.frames, size, spawn);
}

/** A project's pictures and footage, for a farm that makes its chunks with this model. */
export function picturesHere(project: OpenProject, model: ModelInfo, spawn?: PictureSpawn): PicturesHere {
  return {
    looks: looksOf(model),
    pictureOf: (asset, width, height) => projectPicture(project, asset, { width, height }, spawn),
  };
}
