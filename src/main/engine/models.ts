// The door to models on disk: list, import, check, remove. Needs no engine process.
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { z } from 'zod';
import { ThroughlineError } from '../../shared/errors.ts';
import type { FrameSize } from '../../shared/frame-size.ts';
import type { InstalledModel, PartKind, PublishedOffer } from '../../shared/models.ts';
import { atFrameSize, otherSize } from './checkpoints/frame-sizes.ts';
import { type ImportProgress, type ImportReport, importModel } from './checkpoints/import-model.ts';
import { digestWithoutReading, keptDigest } from './checkpoints/kept-digests.ts';
import type { MatMul } from './checkpoints/lora.ts';
import { changedFiles, isAsDigested, readModelDigest } from './checkpoints/model-digest.ts';
import { recipeOf, recipes } from './checkpoints/recipes.ts';
import { pictureSize } from './model/config.ts';
import { type ModelFolder, openModelFolder } from './model/model-folder.ts';
import { PromptTokenizer } from './model/tokenizer/index.ts';
import { planMemory, weightSizes } from './pipeline/memory-plan.ts';

export type { ImportProgress, ImportReport } from './checkpoints/import-model.ts';
export { lookAt } from './checkpoints/look.ts';

/** Ids of the published models whose settings are known. */
export const recipeIds: readonly string[] = recipes.map(({ id }) => id);

const partialEnding = '.partial';
const idPattern = /^[A-Za-z0-9][A-Za-z0-9._ -]{0,79}$/;

/**
 * @param modelsFolder may be missing: there are then no models
 * @param graphsFolder as {@link identityOf}: says the digests of models that were loaded, but not imported
 */
export function listModels(modelsFolder: string, graphsFolder?: string): InstalledModel[] {
  if (!existsSync(modelsFolder)) return [];
  return readdirSync(modelsFolder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => installed(join(modelsFolder, name), graphsFolder))
    .sort((a, b) => a.id.localeCompare(b.id));
}

function installed(path: string, graphsFolder: string | undefined): InstalledModel {
  const common = { id: basename(path), path, sizeBytes: sizeOf(path) };
  if (path.endsWith(partialEnding)) return { ...common, state: { kind: 'unfinished' } };
  try {
    return { ...common, state: readyState(path, openModelFolder(path), graphsFolder) };
  } catch (error) {
    if (!(error instanceof ThroughlineError)) throw error;
    return { ...common, state: { kind: 'unusable', why: error.message } };
  }
}

function readyState(
  path: string,
  folder: ModelFolder,
  graphsFolder: string | undefined,
): Extract<InstalledModel['state'], { kind: 'ready' }> {
  const { config } = folder;
  const digested = readModelDigest(path);
  const source = readSource(path);
  return {
    kind: 'ready',
    name: config.name,
    width: config.video.width,
    height: config.video.height,
    memory: config.memory.mode,
    family: `${config.dit.layers} layers of ${config.dit.dim}${folder.memoryDit ? ', two generators' : ''}`,
    types: [
      `generator ${typesOf(folder.dit)}`,
      `text encoder ${config.text.quantized ?? typesOf(folder.text)}`,
      `decoder ${typesOf(folder.decoder)}`,
    ],
    // Every page that need not be on the device lies in a file.
    memoryBytes: planMemory(config, weightSizes(folder), { device: 'cpu', pageBudgetBytes: 0, logitsBytes: null })
      .totalBytes,
    digest: digested?.digest ?? (graphsFolder === undefined ? null : keptDigest(folder, keptIn(graphsFolder))),
    inOrder: digested && isAsDigested(path, digested),
    licence: source.licence,
    sources: source.repositories.map(({ repository }) => repository),
  };
}

function typesOf(tensors: ModelFolder['dit']): string {
  const found = new Set(
    [...tensors.values()].map(({ dtype }) => ({ F16: 'fp16', F32: 'fp32' })[String(dtype)] ?? String(dtype)),
  );
  return [...found].sort().join(' and ');
}

const sourceFile = 'source.json';
const sourceSchema = z.strictObject({
  licence: z.string().nullable(),
  repositories: z.array(z.strictObject({ repository: z.string(), commit: z.string() })),
});
/** Where a model's files came from. */
export type ModelSource = z.infer<typeof sourceSchema>;

function readSource(path: string): ModelSource {
  try {
    return sourceSchema.parse(JSON.parse(readFileSync(join(path, sourceFile), 'utf8')));
  } catch {
    return { licence: null, repositories: [] }; // a person gave the files
  }
}

/** As the engine keeps them. */
function keptIn(graphsFolder: string): string {
  return join(graphsFolder, 'digests.json');
}

/**
 * What a model is called, and its digest, without loading it.
 * @param graphsFolder as the engine is given it: digests are kept there, so that weights are read once
 * @throws ThroughlineError what is wrong with the model
 */
export async function identityOf(
  path: string,
  graphsFolder: string,
): Promise<{ readonly name: string; readonly digest: string }> {
  const folder = openModelFolder(path);
  return { name: folder.config.name, digest: await digestWithoutReading(folder, keptIn(graphsFolder)) };
}

/**
 * The size of the pictures that a model draws when it is loaded so, without loading it.
 * @throws ThroughlineError `bad-input` where it cannot draw `frameSize`
 */
export function pictureSizeAt(path: string, sizes: Parameters<typeof otherSize>[1]): FrameSize {
  const model = openModelFolder(path);
  return pictureSize(atFrameSize(model, otherSize(model, sizes) ?? undefined).config);
}

/** Writes down where a model's files came from. */
export function writeSource(path: string, source: ModelSource): void {
  writeFileSync(join(path, sourceFile), `${JSON.stringify(source, null, 1)}\n`);
}

/** A file of a published model. */
interface PublishedPart {
  readonly part: PartKind;
  readonly aboutBytes: number;
}

/** The published models whose settings are known, for whoever offers them. */
export function offeredModels(
  published: readonly {
    readonly recipe: string;
    readonly licence: string | null;
    readonly note?: string | undefined;
    readonly files: readonly PublishedPart[];
  }[],
  shared: readonly PublishedPart[],
): PublishedOffer[] {
  return recipes.map(({ id, name, repository }) => {
    const offer = published.find(({ recipe }) => recipe === id);
    const files = [...(offer?.files ?? []), ...shared];
    return {
      recipe: id,
      name,
      repository,
      licence: offer?.licence ?? null,
      note: offer?.note ?? '',
      aboutBytes: files.reduce((sum, { aboutBytes }) => sum + aboutBytes, 0),
      partBytes: Object.fromEntries(files.map(({ part, aboutBytes }) => [part, aboutBytes])),
      canGet: offer !== undefined,
    };
  });
}

export interface ImportOptions {
  readonly modelsFolder: string;
  /** Files and folders with the parts of the model. */
  readonly paths: readonly string[];
  /** Of the model, and of its folder. */
  readonly name: string;
  /** Whose settings; see {@link recipeIds}. */
  readonly recipe: string;
  readonly lora?: string;
  readonly loraAlpha?: number;
  /** MAG: the DiT that remembers. */
  readonly memoryModel?: string;
  readonly ema?: boolean;
  readonly heads?: number;
  readonly textType?: 'int4' | 'int8' | 'fp16';
  readonly size?: FrameSize;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ImportProgress) => void;
}

/** Imports a model into the folder of models; see checkpoints/import-model.ts. @throws ThroughlineError, CancelledError */
export async function importInto(options: ImportOptions): Promise<ImportReport> {
  const { settings } = recipeOf(options.recipe);
  const { lora, memoryModel, loraAlpha, ema, heads, textType, size, signal, onProgress } = options;
  const paths = [...options.paths, ...(lora ? [lora] : []), ...(memoryModel ? [memoryModel] : [])].map((path) =>
    resolve(path),
  );
  // onnxruntime multiplies a LoRA's matrices; where there is none it is not loaded at all.
  const multiplier = new Multiplier();
  try {
    return await importModel({
      paths,
      target: join(options.modelsFolder, checkedId(options.name)),
      name: options.name,
      settings: size ? { ...settings, video: { ...settings.video, ...size } } : settings,
      multiply: multiplier.multiply,
      ...(lora === undefined ? {} : { lora: resolve(lora) }),
      ...(loraAlpha === undefined ? {} : { loraAlpha }),
      ...(memoryModel === undefined ? {} : { memoryModel: resolve(memoryModel) }),
      ...(textType === undefined ? {} : { textType }),
      ...(ema === undefined ? {} : { ema }),
      ...(heads === undefined ? {} : { heads }),
      ...(signal ? { signal } : {}),
      ...(onProgress ? { onProgress } : {}),
    });
  } finally {
    await multiplier.dispose();
  }
}

/** Multiplies on onnxruntime, which is loaded with the first product. Owner: the import; call `dispose`. */
class Multiplier {
  #opened: Promise<{ readonly multiply: MatMul; dispose(): Promise<void> }> | null = null;

  readonly multiply: MatMul = async (...args) => {
    this.#opened ??= (async () => {
      const device = await (await import('./runtime/device.ts')).Device.open({ name: 'cpu', threads: 0 });
      const multiply = await (await import('./runtime/mat-mul.ts')).matMulOn(device);
      return { multiply, dispose: () => device.dispose() };
    })();
    return (await this.#opened).multiply(...args);
  };

  async dispose(): Promise<void> {
    await (await this.#opened)?.dispose();
  }
}

/** What a look at every byte of a model finds. */
export interface ModelCheck {
  readonly path: string;
  /** Files that are not as they were imported; empty where all are, null where no digests were written down. */
  readonly changed: readonly string[] | null;
  /** Tensors that stayed in fp32 because their values leave fp16. */
  readonly wide: number;
}

/**
 * Opens a model as the engine would and reads all of it.
 * @param nameOrFolder of an installed model, or any model folder
 * @throws ThroughlineError saying what is wrong
 */
export function checkModel(modelsFolder: string, nameOrFolder: string): ModelCheck {
  const path = findModel(modelsFolder, nameOrFolder);
  const model = openModelFolder(path);
  PromptTokenizer.open(model.tokenizerFile, model.config.text);
  const digests = readModelDigest(path);
  const weights = [model.text, model.dit, model.memoryDit ?? new Map(), model.decoder];
  const wide = weights.reduce(
    (sum, table) => sum + [...table.values()].filter(({ dtype }) => dtype === 'F32').length,
    0,
  );
  return { path, changed: digests && changedFiles(path, digests), wide };
}

/** The folder of an installed model by its name, or the folder itself. */
export function findModel(modelsFolder: string, nameOrFolder: string): string {
  const installedPath = join(modelsFolder, nameOrFolder);
  if (idPattern.test(nameOrFolder) && existsSync(join(installedPath, 'config.json'))) return installedPath;
  if (existsSync(nameOrFolder)) return nameOrFolder;
  throw new ThroughlineError(
    'model-missing',
    `There is no model called ${nameOrFolder}, and no folder of that name.`,
    'See those there are: throughline models list.',
  );
}

/** Removes an installed model, or an import that was stopped. @throws ThroughlineError where there is none of that name */
export function removeModel(modelsFolder: string, id: string): { path: string; sizeBytes: number } {
  const found = listModels(modelsFolder).find((model) => model.id === id || model.id === `${id}${partialEnding}`);
  if (!found) {
    throw new ThroughlineError(
      'model-missing',
      `There is no model called ${id}.`,
      'See those there are: throughline models list.',
    );
  }
  rmSync(found.path, { recursive: true, force: true });
  return { path: found.path, sizeBytes: found.sizeBytes };
}

/**
 * Whether a model of that name and recipe may be made, before gigabytes are fetched for it.
 * @throws ThroughlineError `bad-input`
 */
export function checkNewModel(modelsFolder: string, name: string, recipe: string): void {
  recipeOf(recipe);
  const path = join(modelsFolder, checkedId(name));
  if (!existsSync(path)) return;
  throw new ThroughlineError('bad-input', `There is already a model at ${path}.`, 'Remove it, or choose another name.');
}

/** A name that is a folder of its own everywhere. */
function checkedId(name: string): string {
  if (idPattern.test(name) && !/[. ]$/.test(name) && !name.endsWith(partialEnding)) return name;
  throw new ThroughlineError(
    'bad-input',
    `${JSON.stringify(name)} cannot be the name of a model.`,
    'Use letters, digits, blanks, dots, dashes; up to 80.',
  );
}

function sizeOf(folder: string): number {
  return readdirSync(folder).reduce((sum, name) => {
    const stat = statSync(join(folder, name), { throwIfNoEntry: false });
    return sum + (stat?.isFile() ? stat.size : 0);
  }, 0);
}

/** What an imported model's report says of each file, a line each. */
export function importLines(report: ImportReport): string[] {
  return report.parts.map(({ file, from, root, notTaken, lora, tensors }) => {
    const wide = tensors.filter(({ to }) => to === 'F32').length;
    const notes = [
      root === '' ? '' : `its ${root}`,
      notTaken.length === 0 ? '' : `not taken: ${notTaken.join(', ')}`,
      lora === null ? '' : `with ${lora} merged`,
      `${tensors.length} tensors`,
      wide === 0 ? '' : `${wide} of them in fp32, beyond fp16`,
    ];
    return `${file} from ${from} (${notes.filter((note) => note !== '').join('; ')})`;
  });
}
