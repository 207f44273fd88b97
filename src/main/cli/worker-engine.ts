import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { CancelledError, ThroughlineError } from '../../shared/errors.ts';
import type { ModelInfo } from '../../shared/render.ts';
import { deviceClassOf, mostModels, type PictureOf } from '../farm/index.ts';
import { ChunkStore } from '../persistence/index.ts';
import type { Services } from './services.ts';
import type { EngineFlags } from './story-engine.ts';

type OwnedEngine = Awaited<ReturnType<Services['startEngine']>>;

export interface WorkerEngineOptions {
  readonly flags: Omit<EngineFlags, 'model'>;
  readonly services: Pick<Services, 'startEngine'>;
  readonly pictureOf: PictureOf;
  readonly say: (text: string) => void;
}

/** A model that was loaded once, and what it said of itself. */
export interface KnownModel {
  readonly folder: string;
  readonly info: ModelInfo;
  readonly deviceClass: string;
  /** The worker's own copy of chunks, of this class of devices alone; stays the engine's. */
  readonly store: ChunkStore;
}

/** The engine of a worker, with one of its models loaded at a time. Owner: the command; call {@link dispose}. */
export class WorkerEngine {
  readonly #options: WorkerEngineOptions;
  /** Where one device's chunks are kept another's are not: they may have other bits. */
  readonly #folder: string;
  /** By class of devices. */
  readonly #stores = new Map<string, { readonly store: ChunkStore; turn: number }>();
  readonly #storeOf = new Map<string, ChunkStore>();
  #loaded: { readonly folder: string; readonly engine: Promise<OwnedEngine> } | null = null;
  #hasSeveral = false;

  constructor(options: WorkerEngineOptions) {
    this.#options = options;
    this.#folder = join(options.flags.cache, 'farm');
  }

  /**
   * Loads each model once, the first last, so that it stays loaded. One that cannot be loaded is told and left out, and so is
   * one that another is the same as.
   * @throws what its loading throws, where there is one alone; ThroughlineError `model-missing` where none can be loaded
   */
  async know(folders: readonly string[], onLoading: (folder: string) => void): Promise<KnownModel[]> {
    if (folders.length > mostModels)
      throw new ThroughlineError(
        'bad-input',
        `A worker has ${mostModels} models at most; these are ${folders.length}.`,
        'Start another worker for the others.',
      );
    this.#hasSeveral = folders.length > 1;
    const known: KnownModel[] = [];
    for (const folder of [...folders].reverse()) {
      onLoading(folder);
      try {
        const { info } = await this.with(folder);
        const deviceClass = deviceClassOf(info.device, process.arch);
        const store = await this.#openStore(deviceClass);
        this.#storeOf.set(folder, store);
        known.unshift({ folder, info, deviceClass, store });
      } catch (error) {
        if (!this.#hasSeveral || !(error instanceof ThroughlineError) || error instanceof CancelledError) throw error;
        this.#options.say(`Note: the model ${folder} is left out: ${error.message} ${error.hint}`);
      }
    }
    if (known.length === 0)
      throw new ThroughlineError(
        'model-missing',
        'None of these models can be loaded.',
        'See those there are: throughline models list.',
      );
    return known;
  }

  /** An engine that has this model loaded; another model is let go of first. @throws what loading throws */
  async with(folder: string): Promise<OwnedEngine> {
    if (this.#loaded?.folder !== folder) await this.drop();
    this.#loaded ??= { folder, engine: this.#start(folder) };
    const loaded = this.#loaded;
    try {
      return await loaded.engine;
    } catch (error) {
      if (this.#loaded === loaded) this.#loaded = null;
      throw error;
    }
  }

  /** Lets go of what is loaded. */
  async drop(): Promise<void> {
    const loaded = this.#loaded;
    this.#loaded = null;
    await loaded?.engine.then(
      (engine) => engine.dispose(),
      () => {},
    );
  }

  /** Keeps the copies of chunks within their budget; those of the last run stay. */
  shrink(): void {
    for (const kept of this.#stores.values()) {
      kept.store.shrinkTo(this.#options.flags.cacheBudget * 1e9, kept.turn);
      kept.turn = kept.store.turn();
    }
  }

  /** Idempotent. */
  async dispose(): Promise<void> {
    await this.drop();
    for (const { store } of this.#stores.values()) store.dispose();
    this.#stores.clear();
  }

  #start(folder: string): Promise<OwnedEngine> {
    const { flags, services, pictureOf, say } = this.#options;
    // The states of one model are of no use to another, whose cache would throw them away.
    const own = this.#hasSeveral ? `-${createHash('sha256').update(folder).digest('hex').slice(0, 12)}` : '';
    return services.startEngine({
      modelFolder: folder,
      ...(flags.size ? { frameSize: flags.size } : {}),
      device: flags.device,
      ...(flags.threads ? { threads: flags.threads } : {}),
      kvStorage: flags.kv,
      precision: flags.precision,
      cacheFile: join(this.#folder, `kv-${flags.device}${own}.sqlite`),
      latentsOf: (key) => {
        const store = this.#storeOf.get(folder);
        return store?.has(key) ? store.latents(key) : null;
      },
      pictureOf,
      onNotice: say,
      signal: new AbortController().signal,
    });
  }

  async #openStore(deviceClass: string): Promise<ChunkStore> {
    const known = this.#stores.get(deviceClass);
    if (known) return known.store;
    // What is here is in the farm's store too.
    const place = join(this.#folder, deviceClass, 'chunks.sqlite');
    const store = await ChunkStore.open(place, { isDurable: false });
    this.#stores.set(deviceClass, { store, turn: store.turn() });
    return store;
  }
}
