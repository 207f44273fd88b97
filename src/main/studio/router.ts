import { implement, ORPCError, ValidationError } from '@orpc/server';
import { nanoid } from 'nanoid';
import { contract } from '../../shared/api/contract.ts';
import type { ProjectId } from '../../shared/api/types.ts';
import { type ShownError, ThroughlineError } from '../../shared/errors.ts';
import { findShot } from '../../shared/project/tree.ts';
import { exportFormats } from '../export/index.ts';
import { keepFound } from './assets/script-pictures.ts';
import { exportWarnings } from './export/film-plan.ts';
import { measureCut } from './lab/measure-cut.ts';
import { storyModel } from './models/story-model.ts';
import type { Workspace } from './project/projects.ts';
import { importScript, importTarget, previewScript, updateScript } from './project/scripts/import-script.ts';
import { shownError } from './shown-error.ts';
import { cacheUsage, cleanUp, estimate, unusedResults } from './storage.ts';
import type { Studio } from './studio.ts';
import { readWordPictures } from './words/word-pictures.ts';

const largestSeed = 2 ** 32;

/** Errors cross the wire as what a person should read, in `data`. */
function wireError(error: unknown): ORPCError<string, ShownError> {
  if (error instanceof ORPCError && error.cause instanceof ValidationError) {
    const [issue] = error.cause.issues;
    const where = issue?.path?.map((part) => (typeof part === 'object' ? part.key : part)).join('.');
    const data: ShownError = {
      code: 'bad-input',
      message: `This request makes no sense${where ? ` (${where}: ${issue?.message})` : ''}.`,
      hint: 'Reload the window; please report this if it happens again.',
    };
    return new ORPCError('BAD_REQUEST', { message: data.message, data });
  }
  const data = shownError(error);
  if (!(error instanceof ThroughlineError)) console.error(error);
  const code = data.code === 'internal' ? 'INTERNAL_SERVER_ERROR' : 'UNPROCESSABLE_CONTENT';
  return new ORPCError(code, { message: data.message, data, cause: error });
}

/** The contract, answered by a studio. Any transport of oRPC can carry it. */
export function createRouter(studio: Studio) {
  const os = implement(contract).use(async ({ next }) => {
    try {
      return await next();
    } catch (error) {
      throw wireError(error);
    }
  });

  /** The project a call names. */
  const at = ({ project }: { readonly project: ProjectId }): Workspace => studio.projects.named(project);

  return os.router({
    host: os.host.handler(() => studio.host.info),
    events: os.events.handler(({ signal }) => studio.events(signal)),

    projects: {
      recent: os.projects.recent.handler(() => studio.recent.list()),
      create: os.projects.create.handler(({ input }) => studio.projects.create(input.file, input.title, input.discard)),
      open: os.projects.open.handler(({ input }) => studio.projects.openFile(input.file, input.discard)),
      openSample: os.projects.openSample.handler(({ input }) => studio.projects.openSample(input?.discard)),
      saveAs: os.projects.saveAs.handler(({ input }) => studio.projects.saveAs(at(input).project, input.file)),
      nameVersion: os.projects.nameVersion.handler(({ input }) =>
        at(input).project.nameVersion(input.name, input.revision),
      ),
      versions: os.projects.versions.handler(({ input }) => at(input).project.store.versions()),
      version: os.projects.version.handler(({ input }) => at(input).project.versions.documentOf(input.id)),
      renameVersion: os.projects.renameVersion.handler(({ input }) =>
        at(input).project.versions.rename(input.id, input.name),
      ),
      deleteVersion: os.projects.deleteVersion.handler(({ input }) => at(input).project.versions.delete(input.id)),
      restoreVersion: os.projects.restoreVersion.handler(({ input }) =>
        at(input).project.restoreVersion(input.id, input.revision),
      ),
      close: os.projects.close.handler(({ input }) => studio.projects.close(at(input).project, input.discard)),
    },

    document: {
      apply: os.document.apply.handler(({ input }) =>
        at(input).project.apply(input.commands, input.gesture, input.revision),
      ),
      undo: os.document.undo.handler(({ input }) => at(input).project.undo(input.revision)),
      redo: os.document.redo.handler(({ input }) => at(input).project.redo(input.revision)),
      previewImport: os.document.previewImport.handler(async ({ input }) => {
        const project = studio.projects.current?.project;
        const info = project ? storyModel(project, studio.keeper) : studio.keeper.info;
        if (project && info) await project.prepare(info);
        const { file, ...text } = input;
        const { script } = await studio.pictured(text, file, project ?? null);
        return previewScript(script, info, studio.vocabulary, project ? importTarget(project, info) : null);
      }),
      importScript: os.document.importScript.handler(async ({ input }) => {
        const { leaveOut, place, update, project: id, revision, file, ...text } = input;
        const { project } = at({ project: id });
        const { script, found } = await studio.pictured(text, file, project);
        const model = storyModel(project, studio.keeper);
        if (update) {
          const into = importTarget(project, model);
          const { commands, warnings } = updateScript(script, model, into, leaveOut);
          const shots = commands.flatMap((command) => (command.type === 'paste-shots' ? command.shots : []));
          await keepFound(project, found);
          at({ project: id }); // it may have been left meanwhile
          const changed = commands.length > 0 ? project.apply(commands, null, revision) : { revision };
          return { ...changed, shots: shots.length, first: shots.map((shot) => shot.id), warnings };
        }
        const { stories, warnings } = importScript(script, model, leaveOut, project.document.prompts);
        await keepFound(project, found);
        at({ project: id });
        const changed = project.apply(
          stories.map((shots, i) => ({
            type: 'paste-shots',
            after: place?.after ?? null,
            before: i === 0 ? (place?.before ?? null) : null,
            shots: [...shots],
          })),
          null,
          revision,
        );
        const first = stories[0]?.map((shot) => shot.id) ?? [];
        return { ...changed, shots: stories.flat().length, first, warnings };
      }),
    },

    chunks: {
      record: os.chunks.record.handler(async ({ input }) => {
        const chunk = await at(input).project.store.chunk(input.key);
        if (!chunk) throw new ThroughlineError('bad-input', 'This chunk is not in the project.', 'Generate it first.');
        return chunk.record;
      }),
      ancestors: os.chunks.ancestors.handler(({ input }) => at(input).project.store.ancestors(input.key)),
      recipe: os.chunks.recipe.handler(async ({ input }) => {
        const chunk = await at(input).project.store.chunk(input.key);
        if (!chunk) throw new ThroughlineError('bad-input', 'This chunk is not in the project.', 'Generate it first.');
        return { recipe: chunk.recipe, parentKey: chunk.parentKey };
      }),
    },

    takes: {
      say: os.takes.say.handler(({ input }) => {
        const { takeId, name, starred, deleted } = input;
        at(input).project.sayOfTake(takeId, { name, starred, deleted });
      }),
    },

    assets: {
      addSound: os.assets.addSound.handler(({ input }) => studio.addSoundFile(at(input), input.file)),
      bring: os.assets.bring.handler(async ({ input }) => ({
        missing: await studio.bringAssets(at(input), input.assets),
      })),
    },

    queue: {
      estimate: os.queue.estimate.handler(({ input }) =>
        estimate(at(input), studio.keeper, input.shotIds, input.policies),
      ),
      generate: os.queue.generate.handler(async ({ input }) => ({
        jobId: await at(input).queue.generate(input.shotIds, input.policy),
      })),
      newTake: os.queue.newTake.handler(async ({ input }) => {
        const { project, queue } = at(input);
        const shot = findShot(project.document, input.shotId);
        if (!shot.seedLocked || shot.held) {
          const seed = shot.seedLocked ? shot.seed : Math.floor(Math.random() * largestSeed);
          project.apply([{ type: 'pick-take', id: shot.id, prompt: shot.prompt, seed }], `new-take-${nanoid()}`);
        }
        const { revision } = project.state;
        return { jobId: await queue.generate([shot.id]), revision };
      }),
      pause: os.queue.pause.handler(({ input }) => at(input).queue.pause()),
      resume: os.queue.resume.handler(({ input }) => at(input).queue.resume()),
      cancel: os.queue.cancel.handler(({ input }) => at(input).queue.cancel(input.jobId)),
      retry: os.queue.retry.handler(({ input }) => at(input).queue.retry(input.jobId)),
      dismiss: os.queue.dismiss.handler(({ input }) => at(input).queue.dismiss(input.jobId)),
      reorder: os.queue.reorder.handler(({ input }) => at(input).queue.reorder(input.jobIds)),
    },

    lab: {
      measure: os.lab.measure.handler(async ({ input, signal }) => {
        const { project } = at(input);
        const model = await studio.model();
        return measureCut({
          ...input,
          project,
          model,
          engines: studio.keeper,
          spawn: studio.spawnTask,
          signal: signal ?? new AbortController().signal,
        });
      }),
    },

    exports: {
      warnings: os.exports.warnings.handler(async ({ input }) => {
        const { project } = at(input);
        const model = await studio.model();
        await project.prepare(model);
        return exportWarnings(project, model, input.target);
      }),
      formats: os.exports.formats.handler(() =>
        exportFormats.map(({ id, label, ending, needs, defaultFps }) => ({ id, label, ending, needs, defaultFps })),
      ),
      start: os.exports.start.handler(async ({ input }) => {
        const file = await studio.filmPlace(input.file);
        return studio.exports.start(
          at(input).project,
          input.target,
          { file, mayReplace: studio.mayReplace(input.file), folder: studio.filmsFolder },
          { format: input.format, fps: input.fps, range: input.range, options: input.options },
        );
      }),
      cancel: os.exports.cancel.handler(({ input }) => studio.exports.cancel(input.id)),
      reveal: os.exports.reveal.handler(({ input }) => {
        const files = studio.exports.files(input.id);
        const [file] = files;
        if (file === undefined) throw new ThroughlineError('bad-input', 'This export is not done.', 'Wait for it.');
        studio.host.reveal?.(file);
        const downloads = studio.exports.downloads(input.id);
        return { urls: studio.host.reveal ? [] : downloads.map((_, i) => `/downloads/${input.id}/${i}`) };
      }),
    },

    model: {
      checkPrompt: os.model.checkPrompt.handler(({ input }) => studio.vocabulary.check(input.prompt)),
      vocabulary: os.model.vocabulary.handler(() => studio.vocabulary.words),
      wordPictures: os.model.wordPictures.handler(() => readWordPictures(studio.keeper.modelFolder)),
    },

    models: {
      list: os.models.list.handler(() => studio.models.list()),
      look: os.models.look.handler(async ({ input, signal }) =>
        studio.models.look(await studio.modelPlaces(input.paths), signal),
      ),
      import: os.models.import.handler(async ({ input: { use, ...input } }) => {
        const memoryModel = input.memoryModel && (await studio.modelPlaces([input.memoryModel]))[0];
        const paths = await studio.modelPlaces(input.paths);
        return { jobId: studio.models.start({ ...input, kind: 'import', paths, memoryModel }, { use }) };
      }),
      get: os.models.get.handler(async ({ input: { use, ...input } }) => ({
        jobId: studio.models.start({ ...input, kind: 'get', have: await studio.modelPlaces(input.have) }, { use }),
      })),
      check: os.models.check.handler(({ input }) => ({
        jobId: studio.models.start({ kind: 'check', model: input.id }),
      })),
      cancel: os.models.cancel.handler(({ input }) => studio.models.cancel(input.jobId)),
      dismiss: os.models.dismiss.handler(({ input }) => studio.models.dismiss(input.jobId)),
      usedBy: os.models.usedBy.handler(({ input }) => studio.models.usedBy(input.id)),
      remove: os.models.remove.handler(({ input }) => studio.models.remove(input.id)),
      use: os.models.use.handler(({ input }) =>
        studio.updateSettings({ modelFolder: input.id === null ? null : studio.models.folderOf(input.id) }),
      ),
    },

    settings: {
      update: os.settings.update.handler(({ input }) => studio.updateSettings(input)),
      devices: os.settings.devices.handler(() => studio.devices()),
      measureDevices: os.settings.measureDevices.handler(() => studio.measureDevices()),
    },

    farm: {
      tryIt: os.farm.tryIt.handler(({ input: { password, keys, ...place } }) =>
        studio.farmSettings.tryOut(place, password ?? null, keys ?? null),
      ),
      setPassword: os.farm.setPassword.handler(({ input }) => studio.farmSettings.setPassword(input.password)),
      setBucketKeys: os.farm.setBucketKeys.handler(({ input }) => studio.farmSettings.setBucketKeys(input.keys)),
      goOnHere: os.farm.goOnHere.handler(({ input }) => studio.goOnHere(at(input))),
    },

    storage: {
      cache: os.storage.cache.handler(({ input }) => at(input) && cacheUsage(studio.keeper, studio.settings)),
      clearCache: os.storage.clearCache.handler(({ input }) => studio.clearCache(at(input))),
      unused: os.storage.unused.handler(async ({ input }) => {
        const { project } = at(input);
        const { revision } = project.state;
        return { ...(await unusedResults(project, await studio.model())), revision };
      }),
      cleanUp: os.storage.cleanUp.handler(async ({ input }) => {
        const { project } = at(input);
        const model = await studio.model();
        project.requireNewest(input.revision);
        return cleanUp(project, model);
      }),
    },

    dialogs: {
      chooseFile: os.dialogs.chooseFile.handler(({ input }) => studio.chooseFile(input.purpose, input.suggestion)),
    },
  });
}
