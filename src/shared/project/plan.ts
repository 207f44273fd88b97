import { ThroughlineError } from '../errors.ts';
import { PathPlanner, type PlannedChunk, type PlanningModel } from '../recipes.ts';
import type { ProjectDocument, ProjectShot, ShotId } from './document.ts';
import { childrenOf, shotTitle } from './tree.ts';

/** One chunk of a shot, ready to be made. */
export type ShotChunk = Omit<PlannedChunk, 'shotIndex'>;

/** Keys and recipes of every chunk of every shot. */
export interface ProjectPlan {
  /** Empty for a shot that cannot be planned; see `problems`. */
  chunksOf(shot: ShotId): readonly ShotChunk[];
  /** Chunks between the story's start and the shot, along its path. */
  firstChunkIndex(shot: ShotId): number;
  /** Why a shot, and everything after it, cannot be generated. */
  readonly problems: ReadonlyMap<ShotId, ThroughlineError>;
}

/** Plans the whole tree, each shot once: what branches share is planned, and keyed, once. */
export function planProject(document: ProjectDocument, model: PlanningModel): ProjectPlan {
  const children = childrenOf(document);
  const chunks = new Map<ShotId, readonly ShotChunk[]>();
  const firstIndex = new Map<ShotId, number>();
  const problems = new Map<ShotId, ThroughlineError>();
  type Visit = {
    readonly shot: ProjectShot;
    readonly planner: PathPlanner | null;
    readonly index: number;
    readonly problem: ThroughlineError | null;
  };
  const stack: Visit[] = (children.get(null) ?? []).map((shot) => ({
    shot,
    planner: new PathPlanner({ model, memory: document.memory }),
    index: 0,
    problem: null,
  }));
  for (let visit = stack.pop(); visit; visit = stack.pop()) {
    const { shot, index } = visit;
    let { planner, problem } = visit;
    firstIndex.set(shot.id, index);
    try {
      problem ??= problemOf(shot);
      if (planner && !problem) chunks.set(shot.id, planner.append(shot, `"${shotTitle(shot)}"`));
    } catch (error) {
      if (!(error instanceof ThroughlineError)) throw error;
      problem = error;
    }
    if (problem) {
      planner = null;
      problems.set(shot.id, problem);
    }
    const next = children.get(shot.id) ?? [];
    for (const child of next)
      stack.push({
        shot: child,
        planner: next.length > 1 ? (planner?.fork() ?? null) : planner,
        index: index + shot.chunks,
        problem,
      });
  }
  return { chunksOf: (id) => chunks.get(id) ?? [], firstChunkIndex: (id) => firstIndex.get(id) ?? 0, problems };
}

function problemOf(shot: ProjectShot): ThroughlineError | null {
  return shot.prompt.trim() === ''
    ? new ThroughlineError('bad-input', `"${shotTitle(shot)}" has no prompt yet.`, 'Say what it shows.')
    : null;
}
