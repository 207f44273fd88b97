import type { ProjectDocument, ShotId } from '../../shared/project/document.ts';

/**
 * What to select after undo or redo has made another document of one: what it brought or changed, so that it is seen.
 * Null: the selection is good as it is.
 * @param selected what was selected before
 */
export function selectionAfter(
  before: ProjectDocument,
  after: ProjectDocument,
  selected: ReadonlySet<ShotId>,
): readonly ShotId[] | null {
  const old = new Map(before.shots.map((shot) => [shot.id, shot]));
  const now = new Set(after.shots.map(({ id }) => id));
  const added = after.shots.filter(({ id }) => !old.has(id)).map(({ id }) => id);
  if (added.length > 0) return added;
  const gone = before.shots.filter(({ id }) => !now.has(id));
  if (gone.length > 0) {
    if ([...selected].some((id) => now.has(id))) return null;
    let parent = gone[0]?.parent ?? null;
    while (parent !== null && !now.has(parent)) parent = old.get(parent)?.parent ?? null;
    return parent === null ? [] : [parent];
  }
  const changed = after.shots.filter((shot) => old.get(shot.id) !== shot).map(({ id }) => id);
  return changed.length > 0 && !changed.some((id) => selected.has(id)) ? changed : null;
}
