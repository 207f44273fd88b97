import { ThroughlineError } from '../errors.ts';
import type { CommandOf } from './commands.ts';
import type { ProjectDocument, ShotId } from './document.ts';
import { childrenOf, findShot } from './tree.ts';

/** Names a cut by its last shot. @throws ThroughlineError `bad-input` for a shot that is not the last of one */
export function nameCut(document: ProjectDocument, { leaf, name }: CommandOf<'name-cut'>): ProjectDocument {
  findShot(document, leaf);
  if ((childrenOf(document).get(leaf) ?? []).length > 0)
    throw new ThroughlineError(
      'bad-input',
      'Only the last shot of a cut carries its name.',
      'Name the cut at its end.',
    );
  const { [leaf]: _, ...others } = document.cutNames;
  return { ...document, cutNames: name.trim() === '' ? others : { ...others, [leaf]: name.trim() } };
}

/** Names of cuts once a cut ends elsewhere: it keeps its name. */
export function withEndMoved(
  names: ProjectDocument['cutNames'],
  from: ShotId,
  to: ShotId,
): ProjectDocument['cutNames'] {
  const name = names[from];
  if (name === undefined) return names;
  const { [from]: _, ...others } = names;
  return { ...others, [to]: name };
}
