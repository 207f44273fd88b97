import type { ExportTarget, ExportWarnings } from '../../../shared/api/types.ts';
import { ThroughlineError } from '../../../shared/errors.ts';
import type { FrameSize } from '../../../shared/frame-size.ts';
import type { MemoryOverrides } from '../../../shared/memory-settings.ts';
import type { ProjectShot, ShotId } from '../../../shared/project/document.ts';
import { type ChunkStatus, resultsOf, shotStatus } from '../../../shared/project/status.ts';
import { cutsOf, findShot, pathTo, shotsById, shotTitle } from '../../../shared/project/tree.ts';
import type { ModelInfo } from '../../../shared/render.ts';
import type { PromptTelling } from '../../../shared/story.ts';
import type { StoryModel } from '../../../shared/story-model.ts';
import type { OpenProject } from '../project/open-project.ts';

/** A stretch of a film: chunks of one shot, those that there are something to show of. */
export interface FilmShot {
  readonly shot: ProjectShot;
  readonly title: string;
  readonly keys: readonly string[];
  /** Which chunk of the shot each key is, from 0. */
  readonly places: readonly number[];
  /** Chunks of the story before this shot, made or not. */
  readonly firstChunk: number;
}

/** One film to be exported. */
export interface FilmPlan {
  /** What tells it from other films of the project; empty for the only one. */
  readonly name: string;
  /** Chunks that come before it in the story: the decoder needs them, the film does not show them. */
  readonly before: readonly string[];
  readonly shots: readonly FilmShot[];
  /** What the story is made with, where it says so. */
  readonly model?: StoryModel | null;
  /** Of its frames; left off or null: the model's own. */
  readonly frameSize?: FrameSize | null;
  /** What the model is told of the story's prompts. */
  readonly prompts?: PromptTelling;
  /** Overrides of the model's memory for every shot. */
  readonly memory?: MemoryOverrides;
  /** The shots that those chunks before it are of. */
  readonly earlier?: readonly FilmShot[];
}

/** The films of a target, as they would be now. @throws ThroughlineError `bad-input` if there is no such shot or cut */
export function planFilms(project: OpenProject, model: ModelInfo, target: ExportTarget): FilmPlan[] {
  const { document } = project;
  const { memory, model: named, frameSize, prompts } = document;
  const statusOf = statusBy(project, model);
  const shown = (shot: ProjectShot, firstChunk: number): FilmShot => {
    const made = [...statusOf(shot).entries()].flatMap(([place, { shown: key }]) => (key ? [{ place, key }] : []));
    return {
      shot,
      title: shotTitle(shot),
      keys: made.map(({ key }) => key),
      places: made.map(({ place }) => place),
      firstChunk,
    };
  };
  const along = (path: readonly ProjectShot[]): FilmShot[] => {
    let chunks = 0;
    return path.map((shot) => {
      const firstChunk = chunks;
      chunks += shot.chunks;
      return shown(shot, firstChunk);
    });
  };
  switch (target.kind) {
    case 'shot': {
      const path = along(pathTo(document, target.id));
      const shot = path.pop() as FilmShot;
      return [
        {
          model: named,
          frameSize,
          prompts,
          memory,
          name: shot.title,
          before: path.flatMap(({ keys }) => keys),
          shots: [shot],
          earlier: path,
        },
      ];
    }
    case 'cut':
      return [
        {
          model: named,
          frameSize,
          prompts,
          memory,
          name: cutName(project, target.leaf),
          before: [],
          shots: along(pathTo(document, target.leaf)),
        },
      ];
    case 'every-cut':
      return cutsOf(document).map(({ name, shots }) => ({
        model: named,
        frameSize,
        prompts,
        memory,
        name,
        before: [],
        shots: along(shots),
      }));
  }
}

/** Shots whose export would not be what their recipe says. */
export function exportWarnings(project: OpenProject, model: ModelInfo, target: ExportTarget): ExportWarnings {
  const { document } = project;
  const statusOf = statusBy(project, model);
  const shots =
    target.kind === 'shot'
      ? [findShot(document, target.id)]
      : target.kind === 'cut'
        ? pathTo(document, target.leaf)
        : document.shots;
  const having = (state: ChunkStatus['state']): ShotId[] =>
    shots.filter((shot) => statusOf(shot).some((chunk) => chunk.state === state)).map(({ id }) => id);
  return { missing: having('missing'), stale: having('stale'), held: having('held') };
}

/** Keys of everything that some shot shows. */
export function shownKeys(project: OpenProject, model: ModelInfo): Set<string> {
  const statusOf = statusBy(project, model);
  const keys = project.document.shots.flatMap((shot) =>
    statusOf(shot).flatMap((chunk) => [chunk.key, chunk.shown].filter((key) => key !== null)),
  );
  return new Set(keys);
}

/** What each shot has to show. */
function statusBy(project: OpenProject, model: ModelInfo): (shot: ProjectShot) => readonly ChunkStatus[] {
  const takes = Map.groupBy(project.takes, ({ shotId }) => shotId);
  const plan = project.plan(model);
  const byId = shotsById(project.document);
  return (shot) => shotStatus(shot, plan, project.chunks, resultsOf(shot, byId, takes), null).chunks;
}

function cutName(project: OpenProject, leaf: ShotId): string {
  const cut = cutsOf(project.document).find((candidate) => candidate.leaf === leaf);
  if (!cut)
    throw new ThroughlineError('bad-input', 'A cut ends at a shot that nothing follows.', 'Choose its last shot.');
  return cut.name;
}
