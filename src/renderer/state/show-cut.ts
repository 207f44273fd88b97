import type { ShotId } from '../../shared/project/document.ts';
import { setActiveCut, useSelection } from './selection.ts';
import { useStory } from './story.ts';

/** Makes a cut through the shot the active one, unless the active cut already goes through it. */
export function showCutOf(id: ShotId): void {
  const { cuts } = useStory.getState();
  const { leaf } = useSelection.getState();
  const through = cuts.filter(({ shots }) => shots.some((shot) => shot.id === id));
  const first = through[0];
  if (first && !through.some((cut) => cut.leaf === leaf)) setActiveCut(first.leaf);
}
