import { pictureLimits } from '../../../shared/assets/asset.ts';
import { lookedAtSize } from '../../../shared/pictures.ts';
import type { ModelInfo } from '../../../shared/render.ts';
import type { PicturesHere } from '../../farm/index.ts';
import { type PictureSpawn, pixelsOf, type Size } from '../../pictures/index.ts';
import type { OpenProject } from '../project/open-project.ts';

/** A picture of a project as a model looks at it: RGB, [to.height, to.width, 3]; null where the project has none of that name. */
export async function projectPicture(
  { store }: Pick<OpenProject, 'store'>,
  asset: string,
  to: Size,
  spawn?: PictureSpawn,
): Promise<Uint8Array | null> {
  const png = await store.readAsset(asset, 'original', 0, pictureLimits.sizeBytes);
  return png && pixelsOf(png, to, spawn);
}

/** A project's pictures, for a farm that makes its chunks with this model. */
export function picturesHere(project: OpenProject, model: ModelInfo, spawn?: PictureSpawn): PicturesHere {
  return {
    looksAt: lookedAtSize(model),
    pictureOf: (asset, width, height) => projectPicture(project, asset, { width, height }, spawn),
  };
}
