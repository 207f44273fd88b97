import { assetsOfShots, type NamedAsset, withoutAssets } from '../../shared/project/copying.ts';
import type { ProjectShot } from '../../shared/project/document.ts';
import { allSent, api, attempt, forProject, type Notice, notify, useStudio } from '../state/index.ts';

/**
 * Calls `then` once the project has these sounds and pictures, as far as they can be had: at once where it has them already,
 * and else when they were brought from the project that they were copied in. Not at all where another project is open by then.
 * @param then is told which cannot be had
 */
export async function whenThere(
  named: readonly NamedAsset[],
  then: (missing: ReadonlySet<string>) => void,
): Promise<void> {
  const { assets } = useStudio.getState();
  const strangers = [...new Set(named.map(({ asset }) => asset))].filter((asset) => !assets.has(asset));
  if (strangers.length === 0) return then(new Set());
  const { project } = forProject();
  await allSent();
  const answer = await attempt(api.assets.bring({ project, assets: strangers }));
  if (answer && forProject().project === project) then(new Set(answer.missing));
}

/** Calls `then` with copied shots once the project has what they need; what cannot be had is left off them, and said. */
export function withAssetsOf(
  shots: readonly ProjectShot[],
  then: (shots: readonly ProjectShot[]) => void,
): Promise<void> {
  return whenThere(assetsOfShots(shots), (missing) => {
    if (missing.size === 0) return then(shots);
    then(withoutAssets(shots, missing));
    notify(leftBehind(assetsOfShots(shots).filter(({ asset }) => missing.has(asset))));
  });
}

/** Says that sounds and pictures could not be brought along. */
export function leftBehind(missing: readonly NamedAsset[]): Notice {
  const [first, ...others] = missing.map(({ name }) => (name === 'the first frame' ? name : `"${name}"`));
  const more = others.length > 1 ? `${others.length} others` : others[0];
  return {
    level: 'warning',
    message: `Left behind: ${[first, more].filter(Boolean).join(' and ')}.`,
    hint: 'No project that was opened here lately has them, or it is still open. Close it and paste again, or add the files here.',
  };
}
