// The door to models on disk: list, import, check, remove. Needs no engine process.
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { ThroughlineError } from '../../shared/errors.ts';
import { type ImportProgress, type ImportReport, importModel } from './checkpoints/import-model.ts';
import { plainMatMul } from './checkpoints/lora.ts';
import { changedFiles, readModelDigest } from './checkpoints/model-digest.ts';
import { recipeOf, recipes } from './checkpoints/recipes.ts';
import { openModelFolder } from './model/model-folder.ts';
import { PromptTokenizer } from './model/tokenizer/index.ts';

export type { ImportProgress, ImportReport } from './checkpoints/import-model.ts';

/** Ids of the published models whose settings are known. */
export const recipeIds: readonly string[] = recipes.map(({ id }) => id);

/** A model in a folder of models. */
export interface InstalledModel {
  /** Name of its folder, by which it is chosen. */
  readonly id: string;
  readonly path: string;
  readonly sizeBytes: number;
  readonly state:
    | {
        readonly kind: 'ready';
        readonly name: string;
        readonly width: number;
        readonly height: number;
        readonly memory: string;
      }
    /** An import that was stopped; importing again goes on with it. */
    | { readonly kind: 'unfinished' }
    | { readonly kind: 'unusable'; readonly why: string };
}

const partialEnding = '.partial';
const idPattern = /^[A-Za-z0-9][A-Za-z0-9._ -]{0,79}$/;

/** @param modelsFolder may be missing: there are then no models */
export function listModels(modelsFolder: string): InstalledModel[] {
  if (!existsSync(modelsFolder)) return [];
  return readdirSync(modelsFolder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => installed(join(modelsFolder, name)))
    .sort((a, b) => a.id.localeCompare(b.id));
}

function installed(path: string): InstalledModel {
  const common = { id: basename(path), path, sizeBytes: sizeOf(path) };
  if (path.endsWith(partialEnding)) return { ...common, state: { kind: 'unfinished' } };
  try {
    const { config } = openModelFolder(path);
    const { width, height } = config.video;
    return { ...common, state: { kind: 'ready', name: config.name, width, height, memory: config.memory.mode } };
  } catch (error) {
    if (!(error instanceof ThroughlineError)) throw error;
    return { ...common, state: { kind: 'unusable', why: error.message } };
  }
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
  readonly size?: { readonly width: number; readonly height: number };
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
  const device = lora ? await (await import('./runtime/device.ts')).Device.open({ name: 'cpu', threads: 0 }) : null;
  try {
    const multiply = device ? await (await import('./runtime/mat-mul.ts')).matMulOn(device) : plainMatMul;
    return await importModel({
      paths,
      target: join(options.modelsFolder, checkedId(options.name)),
      name: options.name,
      settings: size ? { ...settings, video: { ...settings.video, ...size } } : settings,
      multiply,
      ...(loraAlpha === undefined ? {} : { loraAlpha }),
      ...(memoryModel === undefined ? {} : { memoryModel: resolve(memoryModel) }),
      ...(textType === undefined ? {} : { textType }),
      ...(ema === undefined ? {} : { ema }),
      ...(heads === undefined ? {} : { heads }),
      ...(signal ? { signal } : {}),
      ...(onProgress ? { onProgress } : {}),
    });
  } finally {
    await device?.dispose();
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
