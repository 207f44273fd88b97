import { ThroughlineError } from '../errors.ts';
import { givenChunks } from '../footage.ts';
import { PathPlanner, type PlannedChunk, type PlanningModel } from '../recipes.ts';
import type { Beginning } from '../scene/index.ts';
import { beyondLimits } from './check-limits.ts';
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
  /** How the shot begins, and why; null for a shot that cannot be planned. */
  beginningOf(shot: ShotId): Beginning | null;
  /** What the model is told of the shot's prompt where that is not the prompt itself; else null. */
  toldOf(shot: ShotId): string | null;
  /** Why a shot, and everything after it, cannot be generated. */
  readonly problems: ReadonlyMap<ShotId, ThroughlineError>;
}

/** One shot as it was planned: what went in, and what came out. */
interface PlannedShot {
  readonly shot: ProjectShot;
  /** The path up to the shot, and with it. Neither is changed once it is here: later shots begin from forks. */
  readonly from: PathPlanner;
  readonly to: PathPlanner;
  readonly chunks: readonly ShotChunk[];
}

/** Results kept of each shot: the one before an edit too, so that undoing it plans nothing anew. */
const resultsKept = 2;

/**
 * Plans a project again and again while it is edited. A shot is planned anew only where it, or something before it, says
 * something else than before; the others keep the very same chunks. The plan is always the one that
 * {@link planProject} would give.
 */
export class ProjectPlanner {
  #model: PlanningModel | null = null;
  #story = '';
  #start: PathPlanner | null = null;
  /** Newest last. */
  #known = new Map<ShotId, readonly PlannedShot[]>();

  plan(document: ProjectDocument, model: PlanningModel): ProjectPlan {
    const steps = this.steps(document, model);
    for (let step = steps.next(); ; step = steps.next()) if (step.done) return step.value;
  }

  /** Plans bit by bit: yields after each shot that was planned anew, so that others have their turn. May be left off. */
  *steps(document: ProjectDocument, model: PlanningModel): Generator<void, ProjectPlan> {
    const start = this.#startOf(document, model);
    const children = childrenOf(document);
    const chunks = new Map<ShotId, readonly ShotChunk[]>();
    const firstIndex = new Map<ShotId, number>();
    const prompts = new Map(document.shots.map(({ id, prompt }) => [id, prompt]));
    const problems = new Map<ShotId, ThroughlineError>();
    const known = new Map<ShotId, readonly PlannedShot[]>();
    type Visit = {
      readonly shot: ProjectShot;
      readonly from: PathPlanner | null;
      readonly index: number;
      readonly problem: ThroughlineError | null;
    };
    const stack: Visit[] = (children.get(null) ?? []).map((shot) => ({ shot, from: start, index: 0, problem: null }));
    for (let visit = stack.pop(); visit; visit = stack.pop()) {
      const { shot, from, index } = visit;
      let { problem } = visit;
      let to: PathPlanner | null = null;
      firstIndex.set(shot.id, index);
      try {
        problem ??= problemOf(shot);
        if (from && !problem) {
          const before = this.#known.get(shot.id) ?? [];
          const same = before.find((planned) => planned.from === from && sameRecipe(planned.shot, shot));
          const planned = same ?? planShot(shot, from);
          known.set(shot.id, [...before.filter((other) => other !== planned), planned].slice(-resultsKept));
          this.#known.set(shot.id, known.get(shot.id) ?? []);
          chunks.set(shot.id, planned.chunks);
          to = planned.to;
          if (!same) yield;
        }
      } catch (error) {
        if (!(error instanceof ThroughlineError)) throw error;
        problem = error;
      }
      if (problem) problems.set(shot.id, problem);
      for (const child of children.get(shot.id) ?? [])
        stack.push({ shot: child, from: to, index: index + shot.chunks, problem });
    }
    this.#known = known; // without the shots that are gone
    const toldOf = (id: ShotId): string | null => {
      const prompt = chunks.get(id)?.[0]?.recipe.prompt;
      return prompt === undefined || prompt === prompts.get(id) ? null : prompt;
    };
    return {
      chunksOf: (id) => chunks.get(id) ?? [],
      firstChunkIndex: (id) => firstIndex.get(id) ?? 0,
      beginningOf: (id) => chunks.get(id)?.[0]?.beginning ?? null,
      toldOf,
      problems,
    };
  }

  /** Where every path begins; what was planned for another model or project is forgotten. */
  #startOf({ memory, prompts }: ProjectDocument, model: PlanningModel): PathPlanner {
    const text = JSON.stringify({ memory, prompts });
    if (!this.#start || this.#model !== model || this.#story !== text) {
      this.#start = new PathPlanner({ model, memory, prompts });
      this.#model = model;
      this.#story = text;
      this.#known = new Map();
    }
    return this.#start;
  }
}

/** Plans the whole tree, each shot once: what branches share is planned, and keyed, once. */
export function planProject(document: ProjectDocument, model: PlanningModel): ProjectPlan {
  return new ProjectPlanner().plan(document, model);
}

function planShot(shot: ProjectShot, from: PathPlanner): PlannedShot {
  const to = from.fork();
  return { shot, from, to, chunks: to.append(shot, `"${shotTitle(shot)}"`) };
}

/** Whether two shots give the same chunks after the same path. */
function sameRecipe(a: ProjectShot, b: ProjectShot): boolean {
  return (
    a === b ||
    (a.prompt === b.prompt &&
      a.chunks === b.chunks &&
      a.seed === b.seed &&
      a.transition === b.transition &&
      a.told === b.told &&
      givenChunks(a.footage).join() === givenChunks(b.footage).join() &&
      a.firstFrame?.asset === b.firstFrame?.asset &&
      a.firstFrame?.leads === b.firstFrame?.leads &&
      (a.memory === b.memory || JSON.stringify(a.memory) === JSON.stringify(b.memory)))
  );
}

function problemOf(shot: ProjectShot): ThroughlineError | null {
  if (shot.prompt.trim() !== '') return beyondLimits(shot);
  return new ThroughlineError('bad-input', `"${shotTitle(shot)}" has no prompt yet.`, 'Say what it shows.');
}
