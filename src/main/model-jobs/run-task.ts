import { dirname, join, resolve } from 'node:path';
import { ThroughlineError } from '../../shared/errors.ts';
import type { ImportChoices, ModelProgress, ModelResults, ModelTask } from '../../shared/models.ts';
import { checkModel, checkNewModel, importInto, importLines, lookAt, writeSource } from '../engine/models.ts';
import {
  dropFetched,
  fetchFiles,
  hubEndpoint,
  modelFilesOf,
  type Patience,
  planFetch,
  publishedModels,
  sharedParts,
  type WantedFile,
} from '../hub/index.ts';

export interface TaskSurroundings {
  readonly modelsFolder: string;
  /** Tests give fewer and shorter attempts. */
  readonly patience?: Patience;
  readonly freeBytes?: (folder: string) => number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ModelProgress) => void;
}

/** Where files of the Hub lie until they are imported: never among the models. */
export function downloadsFolderOf(modelsFolder: string): string {
  return join(dirname(modelsFolder), 'downloads');
}

/** Does a task at models, in whatever process it is called. @throws ThroughlineError, CancelledError */
export async function runTask<K extends ModelTask['kind']>(
  task: Extract<ModelTask, { kind: K }>,
  around: TaskSurroundings,
): Promise<ModelResults[K]>;
export async function runTask(task: ModelTask, around: TaskSurroundings): Promise<ModelResults[ModelTask['kind']]> {
  switch (task.kind) {
    case 'look':
      return lookAt(task.paths);
    case 'import':
      return imported(task, task.paths, around);
    case 'get':
      return got(task, around);
    case 'check':
      around.onProgress?.({ stage: 'checking' });
      return checkModel(around.modelsFolder, task.model);
  }
}

async function imported(
  choices: ImportChoices,
  paths: readonly string[],
  { modelsFolder, signal, onProgress }: TaskSurroundings,
): Promise<ModelResults['import']> {
  const { recipe, name, textType, size, ema, heads, lora, loraAlpha, memoryModel } = choices;
  const report = await importInto({
    modelsFolder,
    paths,
    name,
    recipe,
    ...(textType === undefined ? {} : { textType }),
    ...(size === undefined ? {} : { size }),
    ...(ema === undefined ? {} : { ema }),
    ...(heads === undefined ? {} : { heads }),
    ...(lora === undefined ? {} : { lora }),
    ...(loraAlpha === undefined ? {} : { loraAlpha }),
    ...(memoryModel === undefined ? {} : { memoryModel }),
    ...(signal ? { signal } : {}),
    onProgress: ({ part, doneBytes, ofBytes }) =>
      onProgress?.({ stage: 'importing', file: part, doneBytes, ofBytes: Math.max(ofBytes, doneBytes) }),
  });
  return { folder: report.folder, lines: importLines(report), notUsed: report.notUsed };
}

/** Fetches what is wanted and makes a model of it. */
async function got(task: Extract<ModelTask, { kind: 'get' }>, around: TaskSurroundings): Promise<ModelResults['get']> {
  const { modelsFolder, patience, freeBytes, signal, onProgress } = around;
  checkNewModel(modelsFolder, task.name, task.recipe);
  const options = { endpoint: hubEndpoint(), signal, ...(patience ? { patience } : {}) };
  const downloads = downloadsFolderOf(modelsFolder);
  onProgress?.({ stage: 'looking' });
  const have = task.have.length === 0 ? [] : lookAt(task.have).files;
  // A LoRA that merely lies in a folder is not merged.
  const named = new Set([...task.have, ...(task.lora === undefined ? [] : [task.lora])].map((path) => resolve(path)));
  const there = new Set(have.flatMap(({ kind, path }) => (kind === 'lora' && !named.has(resolve(path)) ? [] : [kind])));
  if (task.lora !== undefined) there.add('lora');
  const generator = await generatorFiles(task, there, options);
  const lacking = sharedParts.filter(({ part }) => !there.has(part));
  // Of a repository that was named it shows only once it is here which shared parts it brings itself.
  const first = await planFetch(task.repository === null ? [...generator, ...lacking] : generator, downloads, options);
  const fetching = {
    ...options,
    ...(freeBytes ? { freeBytes } : {}),
    onProgress: (progress: { file: string; doneBytes: number; ofBytes: number }) =>
      onProgress?.({ stage: 'fetching', ...progress }),
  };
  const paths = [...task.have, ...(await fetchFiles(first, downloads, fetching))];
  const plans = [first];
  if (task.repository !== null) {
    const brought = new Set(lookAt(paths).files.map(({ kind }) => kind));
    const rest = await planFetch(
      sharedParts.filter(({ part }) => !brought.has(part)),
      downloads,
      options,
    );
    paths.push(...(await fetchFiles(rest, downloads, fetching)));
    plans.push(rest);
  }
  const result = await imported(task, paths, around);
  const sources = plans.flatMap(({ licences }) => licences);
  const offer = publishedModels.find(({ recipe }) => task.repository === null && recipe === task.recipe);
  writeSource(result.folder, {
    licence: sources[0]?.licence ?? offer?.licence ?? null,
    repositories: sources.map(({ repository, commit }) => ({ repository, commit })),
  });
  if (!task.keep) for (const plan of plans) dropFetched(plan, downloads);
  return result;
}

async function generatorFiles(
  { repository, files, recipe }: Extract<ModelTask, { kind: 'get' }>,
  there: ReadonlySet<string | null>,
  options: Parameters<typeof modelFilesOf>[1],
): Promise<readonly WantedFile[]> {
  if (repository !== null) {
    return files.length > 0 ? files.map((file) => ({ repository, file })) : modelFilesOf(repository, options);
  }
  if (there.has('generator')) return [];
  const published = publishedModels.find((one) => one.recipe === recipe);
  // A LoRA that the person named is merged instead of the published one: two cannot be.
  if (published) return published.files.filter(({ part }) => !there.has(part));
  throw new ThroughlineError(
    'bad-input',
    `Where the files of ${recipe} lie is not known.`,
    'Get them by the name of their repository, or import files that you have.',
  );
}
