import type { PolicyName } from '../../../shared/memory-settings.ts';
import type { ProjectDocument, ProjectShot, ShotId, Take } from '../../../shared/project/document.ts';
import type { ProjectPlan, ShotChunk } from '../../../shared/project/plan.ts';
import { shotsById } from '../../../shared/project/tree.ts';
import type { ModelInfo } from '../../../shared/render.ts';
import type { OpenProject } from '../project/open-project.ts';

/** What a shot shows once every chunk of it is there. */
export type WholeShot = Pick<Take, 'shotId' | 'prompt' | 'seed' | 'keys'>;

/** A chunk that is to be made, and where it stands. */
export interface WantedChunk {
  readonly shotId: ShotId;
  readonly chunk: ShotChunk;
  /** Key of the chunk just before; null for the first of a story. */
  readonly parentKey: string | null;
  /** Root to parent. Asked only of what is made next: a list for each of thousands would be millions. */
  readonly ancestors: () => readonly ShotChunk[];
  /** The shot as it was when this was wanted: an edit while the chunk is made does not change what is made. */
  readonly whole: () => WholeShot;
}

/**
 * What is missing of some shots and of everything before them, each chunk once, parents first. Shots that are gone are
 * passed over.
 * @param policy as if every shot remembered in this way
 * @param problems `report` throws why a shot cannot be generated; `skip` leaves it out
 */
export function missingChunks(
  project: OpenProject,
  model: ModelInfo,
  shotIds: readonly ShotId[],
  problems: 'report' | 'skip',
  policy?: PolicyName,
): WantedChunk[] {
  const plan = project.plan(model, policy);
  const byId = shotsById(project.document);
  const wanted: WantedChunk[] = [];
  const seenShots = new Set<ShotId>();
  const seenKeys = new Set<string>();
  for (const id of shotIds) {
    const problem = plan.problems.get(id);
    if (problem && problems === 'report') throw problem;
    if (problem) continue;
    // Up to the first shot that was looked at already: each is looked at once, however many are asked for.
    const path: ProjectShot[] = [];
    for (let at = byId.get(id); at && !seenShots.has(at.id); at = parentOf(at, byId)) {
      seenShots.add(at.id);
      path.push(at);
    }
    for (const shot of path.reverse()) {
      const chunks = plan.chunksOf(shot.id);
      for (const [i, chunk] of chunks.entries()) {
        if (project.chunks.has(chunk.key) || seenKeys.has(chunk.key)) continue;
        seenKeys.add(chunk.key);
        wanted.push({
          shotId: shot.id,
          chunk,
          parentKey: chunks[i - 1]?.key ?? keyBefore(shot, plan, byId),
          ancestors: () => [...chunksBefore(shot, plan, byId), ...chunks.slice(0, i)],
          whole: () => wholeShot(shot, plan),
        });
      }
    }
  }
  return wanted;
}

/** Of some shots, those of which every chunk is there, as they are shown then. */
export function wholeShots(
  document: ProjectDocument,
  plan: ProjectPlan,
  shotIds: readonly ShotId[],
  chunks: ReadonlyMap<string, unknown>,
): WholeShot[] {
  const byId = shotsById(document);
  return shotIds.flatMap((id) => {
    const shot = byId.get(id);
    const whole = shot && wholeShot(shot, plan);
    return whole && whole.keys.length > 0 && whole.keys.every((key) => chunks.has(key)) ? [whole] : [];
  });
}

function wholeShot({ id, prompt, seed }: ProjectShot, plan: ProjectPlan): WholeShot {
  return { shotId: id, prompt, seed, keys: plan.chunksOf(id).map(({ key }) => key) };
}

function chunksBefore(shot: ProjectShot, plan: ProjectPlan, byId: ReadonlyMap<ShotId, ProjectShot>): ShotChunk[] {
  const path: ProjectShot[] = [];
  for (let at = parentOf(shot, byId); at; at = parentOf(at, byId)) path.push(at);
  return path.reverse().flatMap(({ id }) => plan.chunksOf(id));
}

function keyBefore(shot: ProjectShot, plan: ProjectPlan, byId: ReadonlyMap<ShotId, ProjectShot>): string | null {
  for (let at = parentOf(shot, byId); at; at = parentOf(at, byId)) {
    const last = plan.chunksOf(at.id).at(-1);
    if (last) return last.key;
  }
  return null;
}

function parentOf({ parent }: ProjectShot, byId: ReadonlyMap<ShotId, ProjectShot>): ProjectShot | undefined {
  return parent === null ? undefined : byId.get(parent);
}
