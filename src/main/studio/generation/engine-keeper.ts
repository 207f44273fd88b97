import { join } from 'node:path';
import type { EngineState, Settings } from '../../../shared/api/types.ts';
import { CancelledError, ThroughlineError, throwIfCancelled } from '../../../shared/errors.ts';
import type { ModelInfo } from '../../../shared/render.ts';
import type { EngineOptions, EngineUsage } from '../../engine/client.ts';
import { isCancelled, shownError } from '../shown-error.ts';
import type { ChunkEngine } from './chunk-engine.ts';

/** An engine that its keeper must dispose of. EngineClient is one. */
export interface StudioEngine extends ChunkEngine {
  usage(): Promise<EngineUsage>;
  /** Idempotent. */
  dispose(): Promise<void>;
}

export interface EngineKeeperOptions {
  readonly settings: () => Settings;
  readonly defaultModelFolder: string;
  readonly cacheFolder: string;
  readonly startEngine: (options: EngineOptions) => Promise<StudioEngine>;
  readonly latentsOf: (key: string) => Promise<Float32Array | null>;
  readonly onState: (state: EngineState) => void;
  readonly onNotice: (text: string) => void;
}

/** An engine that dies this often without finishing anything in between is not started again by itself. */
const mostDeaths = 3;
/** An engine that says nothing for so long has hung: a driver may do that. In milliseconds. */
const usualSilenceMs = 10 * 60 * 1000;

export interface UseOptions {
  readonly signal?: AbortSignal;
  readonly longestSilenceMs?: number;
}

/**
 * Keeps one engine: starts it when it is first needed, hands it to one piece of work at a time, and starts another if
 * it dies.
 */
export class EngineKeeper {
  readonly #options: EngineKeeperOptions;
  #state: EngineState = { state: 'off' };
  #engine: Promise<StudioEngine> | null = null;
  /** KV cache of the open project; null without one. */
  #cacheFile: string | null = null;
  #deaths = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: EngineKeeperOptions) {
    this.#options = options;
  }

  get state(): EngineState {
    return this.#state;
  }

  /** The model that is loaded; null while none is. */
  get info(): ModelInfo | null {
    return this.#state.state === 'ready' ? this.#state.info : null;
  }

  get cacheFile(): string | null {
    return this.#cacheFile;
  }

  get modelFolder(): string {
    return this.#options.settings().modelFolder ?? this.#options.defaultModelFolder;
  }

  /** Another project: its memory states are in a cache file of their own. */
  async attach(cacheName: string | null): Promise<void> {
    const file = cacheName === null ? null : join(this.#options.cacheFolder, 'memory', `${cacheName}.kv`);
    if (file === this.#cacheFile) return;
    await this.stop();
    this.#cacheFile = file;
  }

  /** Loads the model unless it is loaded. @throws ThroughlineError what is wrong with model or device */
  async ready(): Promise<ModelInfo> {
    return (await this.#start()).info;
  }

  /**
   * Gives the engine to `work` once nobody else has it. An engine that is silent for too long is ended.
   * @param work calls `alive` whenever something happens
   * @throws what `work` throws; `engine-died` if the process ended, and the next use has another
   */
  use<T>(
    work: (engine: StudioEngine, alive: () => void) => Promise<T>,
    { signal, longestSilenceMs = usualSilenceMs }: UseOptions = {},
  ): Promise<T> {
    return this.#inTurn(async () => {
      throwIfCancelled(signal, 'This work');
      const engine = await this.#start();
      throwIfCancelled(signal, 'This work');
      const using = this.#engine;
      const hung = setTimeout(() => {
        if (using) this.#bury(using, silent(longestSilenceMs));
        void engine.dispose();
      }, longestSilenceMs);
      try {
        const result = await work(engine, () => hung.refresh());
        this.#deaths = 0;
        return result;
      } finally {
        clearTimeout(hung);
      }
    });
  }

  /** Whether an engine that died may be started again without anybody asking. */
  get mayRestart(): boolean {
    return this.#deaths < mostDeaths;
  }

  /** What the engine uses; null while none is loaded or it is busy. */
  async usage(): Promise<EngineUsage | null> {
    if (!this.#engine || this.#state.state !== 'ready') return null;
    try {
      return await (await this.#engine).usage();
    } catch {
      return null;
    }
  }

  /** Ends the engine once nobody has it; the next use starts one with the settings of then. */
  stop(): Promise<void> {
    return this.#inTurn(() => this.kill());
  }

  /** Ends the engine, whatever it does. */
  async kill(): Promise<void> {
    const engine = this.#engine;
    this.#engine = null;
    this.#deaths = 0;
    this.#setState({ state: 'off' });
    await engine?.then(
      (running) => running.dispose(),
      () => {},
    );
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => {});
    return turn;
  }

  #start(): Promise<StudioEngine> {
    if (this.#engine) return this.#engine;
    const starting: Promise<StudioEngine> = this.#load((death) => this.#bury(starting, death)).then(
      (engine) => {
        if (this.#engine !== starting) {
          void engine.dispose();
          throw new CancelledError('Loading the model');
        }
        this.#setState({ state: 'ready', info: engine.info });
        return engine;
      },
      (error) => {
        if (this.#engine === starting) {
          this.#engine = null;
          if (!isCancelled(error)) this.#setState({ state: 'failed', error: shownError(error) });
        }
        throw error;
      },
    );
    starting.catch(() => {}); // whoever waits for it hears of it
    this.#engine = starting;
    return starting;
  }

  #load(onDeath: (error: ThroughlineError) => void): Promise<StudioEngine> {
    const { device, threads, kvStorage, cacheBudgetBytes } = this.#options.settings();
    const { modelFolder } = this;
    this.#setState({ state: 'loading', model: modelFolder });
    return this.#options.startEngine({
      modelFolder,
      device,
      kvStorage,
      cacheBudgetBytes,
      graphsFolder: join(this.#options.cacheFolder, 'graphs'),
      ...(threads === null ? {} : { threads }),
      ...(this.#cacheFile === null ? {} : { cacheFile: this.#cacheFile }),
      latentsOf: this.#options.latentsOf,
      onNotice: this.#options.onNotice,
      onDeath,
    });
  }

  /** The process ended by itself: another is started at once, unless they keep dying. */
  #bury(dead: Promise<StudioEngine>, error: ThroughlineError): void {
    if (this.#engine !== dead || this.#state.state !== 'ready') return; // one that dies while loading says so itself
    this.#engine = null;
    this.#deaths++;
    this.#setState({ state: 'failed', error: shownError(error) });
    if (this.mayRestart) void this.#start();
  }

  #setState(state: EngineState): void {
    this.#state = state;
    this.#options.onState(state);
  }
}

function silent(forMs: number): ThroughlineError {
  return new ThroughlineError(
    'engine-died',
    `The engine has not answered for ${Math.round(forMs / 1000)} seconds and was ended.`,
    'Everything that was finished is kept; a smaller model or the CPU may do better.',
  );
}
