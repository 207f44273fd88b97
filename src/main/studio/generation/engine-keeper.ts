import { join } from 'node:path';
import type { EngineState, Settings } from '../../../shared/api/types.ts';
import { CancelledError, throwIfCancelled } from '../../../shared/errors.ts';
import type { FrameSize } from '../../../shared/frame-size.ts';
import { atStorySize } from '../../../shared/project/model-of-story.ts';
import type { ModelInfo } from '../../../shared/render.ts';
import type { DeviceQuery, EngineOptions, EngineUsage } from '../../engine/client.ts';
import { CacheFiles } from '../cache-files.ts';
import { shownError } from '../shown-error.ts';
import { EngineRun, type StudioEngine, silentError } from './engine-run.ts';
import {
  type EngineLife,
  firstKeeperState,
  type KeeperEvent,
  type KeeperState,
  liveRun,
  mayRestart,
  reduceKeeper,
} from './keeper-state.ts';
import { Turns } from './turns.ts';

export interface EngineKeeperOptions {
  readonly settings: () => Settings;
  readonly defaultModelFolder: string;
  readonly cacheFolder: string;
  /** Where measurements of devices are remembered. */
  readonly devicesFile: string;
  readonly startEngine: (options: EngineOptions) => Promise<StudioEngine>;
  readonly latentsOf: (key: string) => Promise<Float32Array | null>;
  /** A picture of the open project; see {@link EngineOptions}. */
  readonly pictureOf?: EngineOptions['pictureOf'];
  readonly onState: (state: EngineState) => void;
  readonly onNotice: (text: string) => void;
  /** A model that has not been loaded after so long never will be, in milliseconds. */
  readonly longestLoadMs?: number;
}

/** An engine that says nothing for so long has hung: a driver may do that. In milliseconds. */
const usualSilenceMs = 10 * 60 * 1000;

export interface UseOptions {
  readonly signal?: AbortSignal;
  readonly longestSilenceMs?: number;
}

/** What of a project its engine is started with. */
export interface AttachedProject {
  readonly cacheName: string;
  readonly file: string;
  readonly document: { readonly frameSize: FrameSize | null };
}

/** The caches of all projects but the open one may take so many times the budget of one. */
const closedCachesFactor = 2;

/**
 * Keeps one engine: starts it when it is first needed, hands it to one piece of work at a time, and starts another if
 * it dies. What it is and may become stands in keeper-state.ts; here processes are started and ended accordingly.
 */
export class EngineKeeper {
  readonly #options: EngineKeeperOptions;
  readonly #turns = new Turns();
  readonly #ending = new Set<Promise<void>>();
  readonly #changed = new Set<() => void>();
  #state: KeeperState = firstKeeperState;
  #run: EngineRun | null = null;
  /** KV cache of the open project; null without one. */
  #cacheFile: string | null = null;
  /** That the open project's story asks for. */
  #frameSize: FrameSize | null = null;

  constructor(options: EngineKeeperOptions) {
    this.#options = options;
  }

  get state(): EngineState {
    return shownLife(this.#state.life, this.modelFolder);
  }

  /** The model that is loaded; null while none is. */
  get info(): ModelInfo | null {
    const { life } = this.#state;
    return life.kind === 'ready' ? life.info : null;
  }

  get cacheFile(): string | null {
    return this.#cacheFile;
  }

  get modelFolder(): string {
    return this.#options.settings().modelFolder ?? this.#options.defaultModelFolder;
  }

  /** The model and the settings whose devices may be asked for. */
  get deviceQuery(): DeviceQuery {
    const { precision, threads, kvStorage } = this.#options.settings();
    return {
      modelFolder: this.modelFolder,
      ...(this.#frameSize === null ? {} : { wantedFrameSize: this.#frameSize }),
      precision,
      kvStorage,
      graphsFolder: join(this.#options.cacheFolder, 'graphs'),
      devicesFile: this.#options.devicesFile,
      ...(threads === null ? {} : { threads }),
    };
  }

  /** Whether an engine that died may be started again without anybody asking. */
  get mayRestart(): boolean {
    return mayRestart(this.#state);
  }

  /** Another project: its memory states are in a cache file of their own. Caches of projects that are gone go. */
  async attach(project: AttachedProject | null): Promise<void> {
    const caches = new CacheFiles(join(this.#options.cacheFolder, 'memory'));
    const file = project && caches.fileOf(project.cacheName);
    if (project) caches.note(project.cacheName, project.file);
    if (file === this.#cacheFile) return;
    await this.whileOff(async () => {
      this.#cacheFile = file;
      this.#frameSize = project?.document.frameSize ?? null;
    });
    const budgetBytes = closedCachesFactor * this.#options.settings().cacheBudgetBytes;
    caches.collect({ open: project?.cacheName ?? null, budgetBytes });
  }

  /** The story has frames of this size from now on; null: the model's own. A model that is loaded for another is loaded anew. */
  async fit(frameSize: FrameSize | null): Promise<void> {
    const { info } = this;
    if (info && atStorySize(info, frameSize) === info) this.#frameSize = frameSize;
    else
      await this.whileOff(async () => {
        this.#frameSize = frameSize;
      });
  }

  /**
   * Loads the model unless it is loaded; goes on waiting where it is loaded anew meanwhile, with other settings.
   * @throws ThroughlineError what is wrong with model or device; CancelledError once `signal` is aborted
   */
  async ready(signal?: AbortSignal): Promise<ModelInfo> {
    return (await this.#started(signal)).engine.info;
  }

  /** As {@link ready}, but null where that takes longer than `ms` milliseconds. */
  async readyWithin(ms: number): Promise<ModelInfo | null> {
    const patience = AbortSignal.timeout(ms);
    return this.ready(patience).catch((error) => {
      if (patience.aborted) return null;
      throw error;
    });
  }

  /**
   * Gives the engine to `work` once nobody else has it. An engine that is silent for too long is ended.
   * @param work calls `alive` whenever something happens
   * @throws what `work` throws; `engine-died` if the process ended, and the next use has another
   */
  async use<T>(
    work: (engine: StudioEngine, alive: () => void) => Promise<T>,
    { signal, longestSilenceMs = usualSilenceMs }: UseOptions = {},
  ): Promise<T> {
    while (true) {
      // Before the turn: whoever has it must not wait for a model.
      const { engine, number } = await this.#started(signal);
      const done = await this.#turns.take(async () => {
        if (liveRun(this.#state) !== number) return null; // another meanwhile
        throwIfCancelled(signal, 'This work');
        return { value: await this.#watched(number, engine, work, longestSilenceMs) };
      }, signal);
      if (done) return done.value;
    }
  }

  async #watched<T>(
    run: number,
    engine: StudioEngine,
    work: (engine: StudioEngine, alive: () => void) => Promise<T>,
    longestSilenceMs: number,
  ): Promise<T> {
    const hung = setTimeout(
      () => this.#dispatch({ type: 'died', run, error: shownError(silentError(longestSilenceMs)) }),
      longestSilenceMs,
    );
    try {
      const result = await work(engine, () => hung.refresh());
      this.#dispatch({ type: 'worked', run });
      return result;
    } finally {
      clearTimeout(hung);
    }
  }

  /** What the engine uses; null while none is loaded, or it does not answer soon. */
  async usage(): Promise<EngineUsage | null> {
    return this.#state.life.kind === 'ready' ? (this.#run?.usage() ?? null) : null;
  }

  /**
   * Ends the engine once nobody has it, however it hangs while it is still loading, and does `work` before another is
   * started.
   */
  async whileOff(work: () => Promise<void>): Promise<void> {
    this.#dispatch({ type: 'held' });
    try {
      await this.#turns.take(async () => {
        await this.kill();
        await work();
      });
    } finally {
      this.#dispatch({ type: 'released' });
    }
  }

  /** Ends the engine, whatever it does. */
  async kill(): Promise<void> {
    this.#dispatch({ type: 'stopped' });
    await this.#ended();
  }

  /** Ends the engine for good. Idempotent. */
  async close(): Promise<void> {
    this.#dispatch({ type: 'closed' });
    await this.#ended();
  }

  async #ended(): Promise<void> {
    while (this.#ending.size > 0) await Promise.all(this.#ending);
  }

  /** An engine that is loaded, and which run of it that is. */
  async #started(signal?: AbortSignal): Promise<{ readonly engine: StudioEngine; readonly number: number }> {
    while (true) {
      throwIfCancelled(signal, 'This work');
      if (this.#state.life.kind === 'closed') throw new CancelledError('Loading the model');
      this.#dispatch({ type: 'wanted' });
      const run = this.#run;
      if (run) {
        try {
          const engine = await untilAborted(run.engine, signal);
          if (liveRun(this.#state) === run.number) return { engine, number: run.number };
        } catch (error) {
          throwIfCancelled(signal, 'This work');
          // It failed by itself; or it was ended for another one, and that is waited for.
          if (this.#state.runs === run.number && this.#state.life.kind === 'failed') throw error;
        }
      } else {
        await untilAborted(this.#nextChange(), signal); // somebody holds it off
      }
    }
  }

  #nextChange(): Promise<void> {
    return new Promise((resolve) => this.#changed.add(resolve));
  }

  #dispatch(event: KeeperEvent): void {
    const before = this.#state;
    const after = reduceKeeper(before, event);
    if (after === before) return;
    this.#state = after;
    if (liveRun(after) !== liveRun(before)) {
      this.#run?.end(event.type === 'died' ? event.error : null);
      const number = liveRun(after);
      this.#run = number === null ? null : this.#begin(number);
    }
    if (after.life !== before.life) this.#options.onState(this.state);
    for (const wake of this.#changed) wake();
    this.#changed.clear();
  }

  #begin(number: number): EngineRun {
    const { longestLoadMs = usualSilenceMs } = this.#options;
    const run = new EngineRun(number, {
      load: (signal) => this.#load(number, signal),
      longestLoadMs,
      onDisposing: (disposing) => this.#track(disposing),
    });
    run.engine.then(
      (loaded) => this.#dispatch({ type: 'loaded', run: number, info: loaded.info }),
      (error) => this.#dispatch({ type: 'not-loaded', run: number, error: shownError(error) }),
    );
    return run;
  }

  #track(ending: Promise<void>): void {
    const tracked = ending.catch(() => {}).then(() => void this.#ending.delete(tracked));
    this.#ending.add(tracked);
  }

  #load(run: number, signal: AbortSignal): Promise<StudioEngine> {
    const { device, cacheBudgetBytes } = this.#options.settings();
    const options: EngineOptions = {
      ...this.deviceQuery,
      device,
      cacheBudgetBytes,
      ...(this.#cacheFile === null ? {} : { cacheFile: this.#cacheFile }),
      latentsOf: this.#options.latentsOf,
      ...(this.#options.pictureOf ? { pictureOf: this.#options.pictureOf } : {}),
      onNotice: this.#options.onNotice,
      onDeath: (error) => this.#dispatch({ type: 'died', run, error: shownError(error) }),
      signal,
    };
    // What it throws at once counts as a load that failed.
    return Promise.resolve().then(() => this.#options.startEngine(options));
  }
}

function shownLife(life: EngineLife, model: string): EngineState {
  switch (life.kind) {
    case 'off':
    case 'closed':
      return { state: 'off' };
    case 'loading':
      return { state: 'loading', model };
    case 'ready':
      return { state: 'ready', info: life.info };
    case 'failed':
      return { state: 'failed', error: life.error };
  }
}

/** Settles as `promise` does, or rejects once `signal` is aborted. */
function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(new CancelledError('This work'));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
