import { pictureLimits } from '../../../shared/assets/asset.ts';
import type { EditPlan } from '../../../shared/edit/edit-plan.ts';
import { ThroughlineError } from '../../../shared/errors.ts';
import { maxScriptSize } from '../../../shared/story-import/index.ts';
import type { OpenProject } from '../project/open-project.ts';

/** Pictures together may be so large, in bytes: a story file that holds them must still be read. */
const mostBytes = Math.floor((maxScriptSize * 3) / 4 - 1_000_000);

/**
 * The plan with the pictures that it names, for a file that holds them. One that is not there stays out of it.
 * @param pictureOf a picture's PNG; null where it is not there
 * @throws ThroughlineError `bad-input` where they are more than a story file can hold
 */
export async function withPictureData(
  plan: EditPlan,
  pictureOf: (asset: string) => Promise<Uint8Array | null>,
): Promise<EditPlan> {
  const named = [plan.story?.memory, ...plan.shots.map(({ recipe }) => recipe?.memory)]
    .flatMap((memory) => memory?.pictures ?? [])
    .concat(plan.shots.flatMap(({ recipe }) => (recipe?.firstFrame ? { ...recipe.firstFrame, name: '' } : [])));
  const pictures = new Map<string, string>();
  let sizeBytes = 0;
  for (const { asset } of named) {
    if (pictures.has(asset)) continue;
    const png = await pictureOf(asset);
    if (!png) continue;
    sizeBytes += png.length;
    if (sizeBytes > mostBytes)
      throw new ThroughlineError(
        'bad-input',
        `The pictures of this film are more than ${Math.floor(mostBytes / 1e6)} MB, which is more than a story file can hold.`,
        'Export a part of it, or give the project itself away.',
      );
    pictures.set(asset, `data:image/png;base64,${Buffer.from(png).toString('base64')}`);
  }
  return pictures.size > 0 ? { ...plan, pictures } : plan;
}

/** A picture of a project. */
export function pictureOf({ store }: Pick<OpenProject, 'store'>, asset: string): Promise<Uint8Array | null> {
  return store.readAsset(asset, 'original', 0, pictureLimits.sizeBytes);
}
