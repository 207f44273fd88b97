import { ThroughlineError } from '../errors.ts';
import { isolatedText } from '../isolated-text.ts';
import type { Story } from '../story.ts';
import { cutText } from '../text.ts';
import type { ProjectDocument, ProjectShot, ShotId } from './document.ts';

/** A root-to-leaf path. */
export interface Cut {
  readonly leaf: ShotId;
  readonly name: string;
  /** Root first. */
  readonly shots: readonly ProjectShot[];
}

/** Longest name made from a prompt, in characters. */
const nameLength = 40;

export function shotsById(document: ProjectDocument): Map<ShotId, ProjectShot> {
  return new Map(document.shots.map((shot) => [shot.id, shot]));
}

/** Shots by their parent, in document order; roots are under null. */
export function childrenOf(document: ProjectDocument): Map<ShotId | null, ProjectShot[]> {
  const children = new Map<ShotId | null, ProjectShot[]>();
  for (const shot of document.shots) {
    const siblings = children.get(shot.parent);
    if (siblings) siblings.push(shot);
    else children.set(shot.parent, [shot]);
  }
  return children;
}

/** @throws ThroughlineError `bad-input` if there is no such shot */
export function findShot(document: ProjectDocument, id: ShotId): ProjectShot {
  const shot = document.shots.find((candidate) => candidate.id === id);
  if (!shot)
    throw new ThroughlineError(
      'bad-input',
      `There is no shot ${id} in this project.`,
      'It may have been deleted; reload the window.',
    );
  return shot;
}

/** @throws ThroughlineError `bad-input` if there is a shot of that id */
export function requireNewId(document: ProjectDocument, id: ShotId): void {
  if (document.shots.some((shot) => shot.id === id))
    throw new ThroughlineError('bad-input', `There is already a shot ${id}.`, 'Try again.');
}

/** From the root to the shot, both included. */
export function pathTo(document: ProjectDocument, id: ShotId): ProjectShot[] {
  const byId = shotsById(document);
  const path: ProjectShot[] = [];
  for (
    let shot: ProjectShot | undefined = findShot(document, id);
    shot;
    shot = shot.parent === null ? undefined : byId.get(shot.parent)
  ) {
    path.push(shot);
    if (path.length > document.shots.length)
      throw new ThroughlineError(
        'bad-input',
        'The shots of this project form a circle.',
        'Restore a named version or a backup.',
      );
  }
  return path.reverse();
}

/** What a shot is called: its name, or how its prompt begins. */
export function shotTitle(shot: Pick<ProjectShot, 'name' | 'prompt'>): string {
  const text = shot.name.trim() || shot.prompt.trim() || 'Untitled shot';
  return isolatedText(cutText(text, nameLength));
}

/** A path as a list from its end, so that branches share what they have in common. */
interface Path {
  readonly shot: ProjectShot;
  readonly before: Path | null;
  /** The shot that the path's lane begins with. */
  readonly own: ProjectShot;
}

/** Every cut, in lane order: depth first, siblings in document order. */
export function cutsOf(document: ProjectDocument): Cut[] {
  const children = childrenOf(document);
  const cuts: Cut[] = [];
  const stack: Path[] = (children.get(null) ?? []).map((shot) => ({ shot, before: null, own: shot })).reverse();
  for (let top = stack.pop(); top; top = stack.pop()) {
    const next = children.get(top.shot.id) ?? [];
    if (next.length === 0)
      cuts.push({
        leaf: top.shot.id,
        name: document.cutNames[top.shot.id] ?? (cuts.length === 0 ? 'Main' : shotTitle(top.own)),
        shots: shotsOfPath(top),
      });
    for (const [i, shot] of [...next.entries()].reverse()) {
      // The first child goes on with the lane of its parent; the others begin lanes of their own.
      stack.push({ shot, before: top, own: i === 0 ? top.own : shot });
    }
  }
  return cuts;
}

/** The shots that only this cut goes through, in story order: all of the only cut's. */
export function ownShots(cuts: readonly Cut[], leaf: ShotId): readonly ProjectShot[] {
  const others = new Set(cuts.filter((cut) => cut.leaf !== leaf).flatMap(({ shots }) => shots.map(({ id }) => id)));
  return cuts.find((cut) => cut.leaf === leaf)?.shots.filter(({ id }) => !others.has(id)) ?? [];
}

/** A shot of a cut and what follows it there, up to a shot that cannot be made. The shot itself is always among them. */
export function fromOn(cut: Cut, id: ShotId, problems: ReadonlyMap<ShotId, unknown>): ShotId[] {
  const ids = cut.shots.map((shot) => shot.id);
  const from = ids.slice(Math.max(0, ids.indexOf(id)));
  const end = from.findIndex((one, i) => i > 0 && problems.has(one));
  return end < 0 ? from : from.slice(0, end);
}

/** Root first. */
function shotsOfPath(end: Path): ProjectShot[] {
  const shots: ProjectShot[] = [];
  for (let at: Path | null = end; at; at = at.before) shots.push(at.shot);
  return shots.reverse();
}

/** The shots and everything after them. */
export function subtreeOf(document: ProjectDocument, ids: readonly ShotId[]): ShotId[] {
  const children = childrenOf(document);
  const found = new Set<ShotId>();
  const stack = [...ids];
  for (let id = stack.pop(); id !== undefined; id = stack.pop()) {
    if (found.has(id)) continue;
    found.add(id);
    for (const child of children.get(id) ?? []) stack.push(child.id);
  }
  return document.shots.filter(({ id }) => found.has(id)).map(({ id }) => id);
}

/** One cut as a story for the command line, or for export as a script. */
export function storyOfCut(document: ProjectDocument, leaf: ShotId): Story {
  return {
    format: 'throughline-story',
    version: 1,
    title: document.title,
    seed: 0,
    prompts: document.prompts,
    memory: document.memory,
    shots: pathTo(document, leaf).map(({ prompt, chunks, seed, transition, told, memory }) => ({
      prompt,
      chunks,
      seed,
      transition,
      ...(told ? { told } : {}),
      memory,
    })),
  };
}
