import type { ProjectDocument, ProjectShot, ShotId } from './document.ts';

/**
 * A document whose shots form a tree: whatever walks from a shot to its root, or from a root to its shots, may rely on
 * it. A document that holds together is returned as it is. Pure; takes time linear in the number of shots.
 */
export function mendTree(document: ProjectDocument): {
  readonly document: ProjectDocument;
  /** A sentence for each kind of thing that was mended. */
  readonly mended: readonly string[];
} {
  const byId = new Map<ShotId, ProjectShot>();
  for (const shot of document.shots) if (!byId.has(shot.id)) byId.set(shot.id, shot);
  const loose = looseShots(byId);
  const doubled = document.shots.length - byId.size;
  if (doubled === 0 && loose.size === 0) return { document, mended: [] };
  const shots = [...byId.values()].map((shot) => (loose.has(shot.id) ? { ...shot, parent: null } : shot));
  const mended = [
    ...(doubled > 0
      ? [`${counted(doubled, 'shot')} had the id of another and ${doubled === 1 ? 'is' : 'are'} left out.`]
      : []),
    ...(loose.size > 0
      ? [
          `${counted(loose.size, 'shot')} followed no shot that is there and now ${loose.size === 1 ? 'begins a story' : 'begin stories'} of ${loose.size === 1 ? 'its' : 'their'} own.`,
        ]
      : []),
  ];
  return { document: { ...document, shots }, mended };
}

/** Shots whose parent is not there, and one of each circle. */
function looseShots(byId: ReadonlyMap<ShotId, ProjectShot>): ReadonlySet<ShotId> {
  const loose = new Set<ShotId>();
  const sound = new Set<ShotId>();
  for (const start of byId.values()) {
    const walked = new Set<ShotId>();
    let at: ProjectShot = start;
    while (!sound.has(at.id) && !loose.has(at.id)) {
      walked.add(at.id);
      if (at.parent === null) break;
      const parent = byId.get(at.parent);
      if (!parent || walked.has(parent.id)) {
        loose.add(at.id);
        break;
      }
      at = parent;
    }
    for (const id of walked) sound.add(id);
  }
  return loose;
}

function counted(count: number, what: string): string {
  return count === 1 ? `One ${what}` : `${count} ${what}s`;
}
