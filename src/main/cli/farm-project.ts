import { ThroughlineError } from '../../shared/errors.ts';
import type { ShotId } from '../../shared/project/document.ts';
import type { ModelInfo } from '../../shared/render.ts';
import type { FarmAdvice } from '../farm/index.ts';
import { chunksInRun, deviceClassOf } from '../farm/index.ts';
import { picturesHere } from '../studio/assets/project-pictures.ts';
import type { EngineUser } from '../studio/export/film-frames.ts';
import { makeWanted } from '../studio/generation/make-wanted.ts';
import { missingChunks } from '../studio/generation/missing-chunks.ts';
import { requireStoryModel } from '../studio/models/story-model.ts';
import { chunkArtifact } from '../studio/project/content/chunk-artifact.ts';
import type { OpenProject } from '../studio/project/open-project.ts';
import type { ExportCommand } from './export-options.ts';
import { farmOf } from './farm-options.ts';
import { counted, withMaker } from './farm-render.ts';

/** How long a worker should have a run in hand, in seconds. */
const secondsARun = 30;

const advice: FarmAdvice = {
  otherDevice: 'Name workers of that kind with --farm-device.',
  otherResult: 'Open the project in the editor and generate the rest on this machine.',
  gone: 'What was finished is in the project. The same command goes on once the queue is back.',
};

/**
 * Has what is missing of shots of a project, and of what comes before them, made on the farm that was asked for, and
 * commits it to the project, with its pictures, as the editor does. Does nothing where no farm was asked for.
 * @throws ThroughlineError `other-model` where the project is made with another model than the command's
 */
export async function makeOnFarm(
  { flags, terminal, progress, signal }: Pick<ExportCommand, 'flags' | 'terminal' | 'progress' | 'signal'>,
  project: OpenProject,
  engines: EngineUser,
  shotIds: readonly ShotId[],
): Promise<void> {
  const place = farmOf(flags);
  if (!place) return;
  project.requireWritable();
  const model = await engines.use(async ({ info }) => info);
  requireModel(project, model);
  await project.setModel(model);
  await project.prepare(model);
  const wanted = missingChunks(project, model, shotIds, 'report');
  if (wanted.length === 0) return;
  progress.begin(`On the farm: ${counted(wanted.length, 'chunk')} to make`);
  const identity = { model, deviceClass: flags.farmDevice ?? deviceClassOf(model.device, process.arch) };
  await withMaker(
    {
      ...{ place, identity, advice },
      artifactOf: (key) => chunkArtifact(project, key),
      pictures: picturesHere(project, model),
      note: (text) => {
        if (!flags.quiet) terminal.err(`${terminal.paintErr('warning', 'Note:')} ${text}\n`);
      },
      stage: (text) => progress.stage(text),
    },
    ({ worker }) =>
      makeWanted({
        ...{ wanted, project, model, engines: oneAtATime(engines), signal },
        place: { worker, identity, chunksAtMost: chunksInRun(null, secondsARun) },
        onPhase: () => {},
        onPreview: () => {},
        onMade: () => {},
      }),
  );
  await project.flush();
}

/** Chunks of several branches come at once, and an engine does one thing at a time. */
function oneAtATime(engines: EngineUser): EngineUser {
  let before: Promise<unknown> = Promise.resolve();
  return {
    use: (work, options) => {
      const own = before.then(() => engines.use(work, options));
      before = own.catch(() => {});
      return own;
    },
  };
}

/** @throws ThroughlineError `other-model` for other weights than the project's */
function requireModel(project: OpenProject, loaded: ModelInfo): void {
  try {
    requireStoryModel(project, loaded);
  } catch (error) {
    if (!(error instanceof ThroughlineError)) throw error;
    throw new ThroughlineError(error.code, error.message, 'Name the project’s own with --model.', { cause: error });
  }
}
