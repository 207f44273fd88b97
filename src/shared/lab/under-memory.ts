import type { PolicyName } from '../memory-settings.ts';
import type { Command } from '../project/commands.ts';
import type { ProjectDocument, ProjectShot } from '../project/document.ts';

/** Asked for again and again of one document: the same object each time, so that its plan is made once. */
const known = new WeakMap<ProjectDocument, Map<PolicyName, ProjectDocument>>();

/**
 * The document as it would be if every shot remembered in one way, and began with the footage it is to be compared with. All else
 * stays, the cast and what is banned too.
 */
export function documentUnder(document: ProjectDocument, policy: PolicyName): ProjectDocument {
  const ofDocument = known.get(document) ?? new Map<PolicyName, ProjectDocument>();
  known.set(document, ofDocument);
  const made = ofDocument.get(policy) ?? {
    ...document,
    memory: { ...document.memory, policy },
    shots: document.shots.map((shot) => begun(shot.memory.policy === undefined ? shot : withPolicy(shot, policy))),
  };
  ofDocument.set(policy, made);
  return made;
}

/**
 * What makes a cut remember in one way, and begin with its footage. Its chunks then have the keys that
 * {@link documentUnder} gives them, so that what was made for a comparison is there at once.
 */
export function adoptMemory(shots: readonly ProjectShot[], policy: PolicyName): Command[] {
  const [first] = shots;
  const begins: Command[] =
    first?.footage && !first.footage.begins
      ? [{ type: 'set-footage', shotId: first.id, footage: { ...first.footage, begins: true } }]
      : [];
  const remembering = shots
    .filter(({ memory }) => memory.policy !== policy)
    .map((shot): Command => ({ type: 'edit-shot', id: shot.id, patch: { memory: { ...shot.memory, policy } } }));
  return [...remembering, ...begins];
}

/** A shot that begins with its footage, where it has some. */
function begun(shot: ProjectShot): ProjectShot {
  return shot.footage && !shot.footage.begins ? { ...shot, footage: { ...shot.footage, begins: true } } : shot;
}

function withPolicy(shot: ProjectShot, policy: PolicyName): ProjectShot {
  return { ...shot, memory: { ...shot.memory, policy } };
}
