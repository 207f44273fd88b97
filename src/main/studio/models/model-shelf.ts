import { nanoid } from 'nanoid';
import type { RecentProject } from '../../../shared/api/types.ts';
import { CancelledError, ThroughlineError } from '../../../shared/errors.ts';
import {
  type LookedAt,
  type ModelJob,
  type ModelProgress,
  type ModelResults,
  type ModelsHere,
  type ModelTask,
  storyModelOf,
} from '../../../shared/models.ts';
import type { ModelInfo } from '../../../shared/render.ts';
import type { StoryModel } from '../../../shared/story-model.ts';
import { findModel, identityOf, listModels, offeredModels, removeModel } from '../../engine/models.ts';
import { publishedModels, sharedParts } from '../../hub/index.ts';
import { type TaskOptions, taskInProcess } from '../../model-jobs/index.ts';
import { shownError } from '../shown-error.ts';

/** A task that is put into the queue. */
export type QueuedTask = Exclude<ModelTask, { readonly kind: 'look' }>;

export interface ModelShelfOptions {
  readonly modelsFolder: string;
  /** The model that comes with Throughline. */
  readonly builtInFolder: string;
  readonly graphsFolder: string;
  /** Does a task, in a process of its own unless tests say otherwise. */
  readonly runTask?: (task: ModelTask, options: TaskOptions) => Promise<ModelResults[ModelTask['kind']]>;
  readonly spawn?: TaskOptions['spawn'] | undefined;
  /** A model that was asked for to be used is there. */
  readonly onReady: (folder: string, name: string) => Promise<void>;
  readonly onJobs: (jobs: readonly ModelJob[]) => void;
  readonly recent: () => readonly RecentProject[];
  /** The model of the open project, by its digest, and what that project is called; null where none is open. */
  readonly openProject: () => { readonly title: string; readonly digest: string | null } | null;
  /** The folder that the engine has open, or would open. */
  readonly folderInUse: () => string;
}

interface Entry {
  readonly task: QueuedTask;
  readonly stop: AbortController;
  readonly use: boolean;
  job: ModelJob;
}

/** Jobs that are over stay to be read, so many of them. */
const mostFinished = 20;
/** Files of looks that are remembered. */
const mostFound = 20_000;

/** The models on this machine, and the queue of work at them: one job at a time, whoever looks. */
export class ModelShelf {
  readonly #options: ModelShelfOptions;
  #entries: Entry[] = [];
  readonly #found = new Set<string>();
  #working: Promise<void> | null = null;
  #builtIn: Promise<NonNullable<ModelsHere['builtIn']>> | null = null;
  #closed = false;

  constructor(options: ModelShelfOptions) {
    this.#options = options;
  }

  get jobs(): readonly ModelJob[] {
    return this.#entries.map(({ job }) => job);
  }

  /** What there is on this machine, and what can be got. */
  async list(): Promise<ModelsHere> {
    const { modelsFolder, builtInFolder, graphsFolder } = this.#options;
    this.#builtIn ??= identityOf(builtInFolder, graphsFolder);
    return {
      folder: modelsFolder,
      // Where it is damaged, loading it says so.
      builtIn: await this.#builtIn.catch(() => null),
      models: listModels(modelsFolder, graphsFolder),
      offers: offeredModels(publishedModels, sharedParts),
    };
  }

  /** How a story names a model. Never throws: where it comes from is only help. */
  async named({ name, digest }: Pick<ModelInfo, 'name' | 'digest'>): Promise<StoryModel> {
    try {
      return storyModelOf({ name, digest }, await this.list());
    } catch {
      return { name, digest, builtIn: false, sources: [] };
    }
  }

  /** What the files at these places are. Waits for no job. @throws ThroughlineError */
  async look(paths: readonly string[], signal?: AbortSignal): Promise<LookedAt> {
    const found = (await this.#run({ kind: 'look', paths }, signal)) as LookedAt;
    if (this.#found.size > mostFound) this.#found.clear();
    for (const { path, kind } of found.files) if (kind !== null) this.#found.add(path);
    return found;
  }

  /** Whether a look has found a part of a model at this path. */
  hasFound(path: string): boolean {
    return this.#found.has(path);
  }

  /**
   * @param options.use whether its model is then rendered with
   * @returns id of the job
   * @throws ThroughlineError `bad-input` while a job makes a model of that name
   */
  start(task: QueuedTask, { use = false } = {}): string {
    const model = task.kind === 'check' ? task.model : task.name;
    if (this.#entries.some(({ job }) => isOpen(job) && job.model === model)) {
      throw new ThroughlineError('bad-input', `There is work at ${model} already.`, 'Wait for it, or cancel it.');
    }
    // The same again: what came of it last time holds no more.
    this.#entries = this.#entries.filter(({ job }) => job.kind !== task.kind || job.model !== model);
    const job: ModelJob = {
      id: nanoid(),
      kind: task.kind,
      model,
      state: 'waiting',
      progress: { stage: 'looking' },
      outcome: '',
      error: null,
    };
    this.#entries.push({ task, stop: new AbortController(), use, job });
    this.#forgetOld();
    this.#say();
    this.#working ??= this.#work().finally(() => {
      this.#working = null;
    });
    return job.id;
  }

  /** Stops a job; what it did is kept and gone on with when it is started again. */
  cancel(id: string): void {
    const entry = this.#entries.find(({ job }) => job.id === id);
    if (!entry || !isOpen(entry.job)) return;
    if (entry.job.state === 'waiting') this.#set(entry, { state: 'cancelled' });
    entry.stop.abort(new CancelledError('The import'));
  }

  /** Takes a job that is over from the list. */
  dismiss(id: string): void {
    const at = this.#entries.findIndex(({ job }) => job.id === id && !isOpen(job));
    if (at < 0) return;
    this.#entries.splice(at, 1);
    this.#say();
  }

  /** Titles of projects that a model was last used in: the open one, and recent ones. */
  usedBy(id: string): readonly string[] {
    const model = listModels(this.#options.modelsFolder, this.#options.graphsFolder).find((one) => one.id === id);
    const digest = model?.state.kind === 'ready' ? model.state.digest : null;
    if (digest === null) return [];
    const open = this.#options.openProject();
    const titles = this.#options
      .recent()
      .filter((project) => project.model === digest)
      .map(({ title }) => title);
    return [...new Set([...(open?.digest === digest ? [open.title] : []), ...titles])];
  }

  /** @throws ThroughlineError `bad-input` where it is in use or being made; `model-missing` */
  remove(id: string): { readonly sizeBytes: number } {
    const { modelsFolder, folderInUse } = this.#options;
    if (this.#entries.some(({ job }) => job.state === 'running' && job.model === id.replace(/\.partial$/, ''))) {
      throw new ThroughlineError('bad-input', `There is work at ${id} just now.`, 'Cancel it first.');
    }
    const model = listModels(modelsFolder).find((one) => one.id === id);
    if (model && model.path === folderInUse()) {
      throw new ThroughlineError('bad-input', `${id} is the model in use.`, 'Use another model first.');
    }
    const { sizeBytes } = removeModel(modelsFolder, id);
    // What was said of it holds no more: that it is ready, or how it was when it was checked.
    for (const { job } of this.#entries.filter(({ job }) => job.state === 'done' && job.model === id))
      this.dismiss(job.id);
    return { sizeBytes };
  }

  /** The folder of a model by its name. @throws ThroughlineError `model-missing` */
  folderOf(id: string): string {
    return findModel(this.#options.modelsFolder, id);
  }

  /** Stops what is running and waits for it. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const { job } of [...this.#entries]) this.cancel(job.id);
    await this.#working;
  }

  async #work(): Promise<void> {
    for (let entry = this.#next(); entry; entry = this.#next()) {
      const { task, stop } = entry;
      this.#set(entry, { state: 'running' });
      try {
        const onProgress = (progress: ModelProgress): void => this.#set(entry as Entry, { progress });
        const result = await this.#run(task, stop.signal, onProgress);
        if (entry.use && task.kind !== 'check')
          await this.#options.onReady((result as ModelResults['import']).folder, task.name);
        this.#set(entry, { state: 'done', outcome: outcomeOf(task, result) });
      } catch (error) {
        const cancelled = stop.signal.aborted;
        this.#set(entry, cancelled ? { state: 'cancelled' } : { state: 'failed', error: shownError(error) });
      }
    }
  }

  #next(): Entry | undefined {
    return this.#closed ? undefined : this.#entries.find(({ job }) => job.state === 'waiting');
  }

  #run(
    task: ModelTask,
    signal: AbortSignal | undefined,
    onProgress?: (progress: ModelProgress) => void,
  ): Promise<ModelResults[ModelTask['kind']]> {
    const { modelsFolder, spawn, runTask = taskInProcess } = this.#options;
    return runTask(task, {
      modelsFolder,
      ...(spawn ? { spawn } : {}),
      ...(signal ? { signal } : {}),
      ...(onProgress ? { onProgress } : {}),
    });
  }

  #set(entry: Entry, change: Partial<ModelJob>): void {
    entry.job = { ...entry.job, ...change };
    this.#say();
  }

  #forgetOld(): void {
    const finished = this.#entries.filter(({ job }) => !isOpen(job));
    for (const old of finished.slice(0, -mostFinished)) this.#entries.splice(this.#entries.indexOf(old), 1);
  }

  #say(): void {
    this.#options.onJobs(this.jobs);
  }
}

function isOpen({ state }: ModelJob): boolean {
  return state === 'waiting' || state === 'running';
}

function outcomeOf(task: QueuedTask, result: ModelResults[ModelTask['kind']]): string {
  if (task.kind !== 'check') {
    const notUsed = (result as ModelResults['import']).notUsed.map((sentence) => ` Not used: ${sentence}`);
    return `${task.name} is ready to be used.${notUsed.join('')}`;
  }
  const { changed } = result as ModelResults['check'];
  if (changed === null) return `${task.model} can be opened; no digests were written down for it.`;
  if (changed.length === 0) return `${task.model} is as it was imported.`;
  return `${task.model} is not as it was imported: ${changed.join(', ')} changed. Remove it and import it again.`;
}
