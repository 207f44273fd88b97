import { ThroughlineError } from '../errors.ts';
import type { CommandOf } from './commands.ts';
import { withEndMoved } from './cut-names.ts';
import type { ProjectDocument, ProjectShot, ShotId } from './document.ts';
import { childrenOf, findShot, requireNewId } from './tree.ts';

/**
 * Puts shots into the story: after a shot, as a beginning of their own, or between two shots that follow each other.
 * @throws ThroughlineError `bad-input` where the place is none, or the shots are not in story order
 */
export function pasteShots(
  document: ProjectDocument,
  { after, before = null, shots }: CommandOf<'paste-shots'>,
): ProjectDocument {
  const ids = new Set(shots.map(({ id }) => id));
  if (ids.size !== shots.length)
    throw new ThroughlineError('bad-input', 'Two of the pasted shots have the same id.', 'Copy them again.');
  if (before !== null && findShot(document, before).parent !== after)
    throw new ThroughlineError('bad-input', 'These two shots do not follow each other.', 'Paste again.');
  // As many `addShot`s, in one pass: a script has thousands of shots.
  const taken = new Set(document.shots.map(({ id }) => id));
  const parents = new Set(document.shots.map(({ parent }) => parent));
  if (after !== null) findShot(document, after);
  let { cutNames } = document;
  const seen = new Set<ShotId>();
  const pasted = shots.map((shot): ProjectShot => {
    if (taken.has(shot.id)) requireNewId(document, shot.id);
    const known = shot.parent !== null && ids.has(shot.parent);
    if (known && !seen.has(shot.parent as ShotId))
      throw new ThroughlineError('bad-input', 'The pasted shots are not in story order.', 'Copy them again.');
    seen.add(shot.id);
    const parent = known ? shot.parent : after;
    const extendsLeaf = parent !== null && !parents.has(parent);
    parents.add(parent);
    if (extendsLeaf) cutNames = withEndMoved(cutNames, parent, shot.id);
    return { ...shot, parent };
  });
  const next = { ...document, shots: [...document.shots, ...pasted], cutNames };
  return before === null ? next : followPasted(next, ids, before, shots[0]?.id as ShotId);
}

/** Lets `before` follow the end of the line that begins with `first`, which takes its place among its siblings. */
function followPasted(
  document: ProjectDocument,
  pasted: ReadonlySet<ShotId>,
  before: ShotId,
  first: ShotId,
): ProjectDocument {
  const children = childrenOf(document);
  let end = first;
  for (let next = children.get(end)?.[0]; next; next = children.get(end)?.[0]) end = next.id;
  const others = document.shots.filter(({ id }) => !pasted.has(id));
  const own = document.shots.filter(({ id }) => pasted.has(id));
  return {
    ...document,
    shots: others.flatMap((shot) => (shot.id === before ? [...own, { ...shot, parent: end }] : [shot])),
  };
}
