import type { ProjectShot, ShotId } from '../../../shared/project/document.ts';
import type { ShotChunk } from '../../../shared/project/plan.ts';
import { shotsById } from '../../../shared/project/tree.ts';
import type { ModelInfo } from '../../../shared/render.ts';
import type { OpenProject } from '../project/open-project.ts';

/** A chunk that is to be made, and where it stands. */
export interface WantedChunk {
  readonly shotId: ShotId;
  readonly chunk: ShotChunk;
  /** Root to parent. Asked only of what is made next: a list for each of thousands would be millions. */
  readonly ancestors: () => readonly ShotChunk[];
}

/**
 * What is missing of some shots and of everything before them, each chunk once, parents first. Shots that are gone are
 * passed over.
 * @param problems `report` throws why a shot cannot be generated; `skip` leaves it out
 */
export function missingChunks(
  project: OpenProject,
  model: ModelInfo,
  shotIds: readonly ShotId[],
  problems: 'report' | 'skip',
): WantedChunk[] {
  const plan = project.plan(model);
  const byId = shotsById(project.document);
  const wanted: WantedChunk[] = [];
  const seen = new Set<string>();
  for (const id of shotIds) {
    const path: ProjectShot[] = [];
    for (let at = byId.get(id); at; at = at.parent === null ? undefined : byId.get(at.parent)) path.push(at);
    path.reverse();
    const problem = plan.problems.get(id);
    if (problem && problems === 'report') throw problem;
    if (problem) continue;
    const line = path.flatMap((shot) => plan.chunksOf(shot.id).map((chunk) => ({ shotId: shot.id, chunk })));
    for (const [i, { shotId, chunk }] of line.entries()) {
      if (project.chunks.has(chunk.key) || seen.has(chunk.key)) continue;
      seen.add(chunk.key);
      wanted.push({ shotId, chunk, ancestors: () => line.slice(0, i).map((place) => place.chunk) });
    }
  }
  return wanted;
}
