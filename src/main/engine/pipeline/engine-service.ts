import { ThroughlineError, throwIfCancelled } from '../../../shared/errors.ts';
import { memoryChoice } from '../../../shared/memories/index.ts';
import type { MemorySettings } from '../../../shared/memory-settings.ts';
import type { ChunkResult, DecodeStream, ModelInfo } from '../../../shared/render.ts';
import type {
  Ancestor,
  ChunkRequest,
  EngineOwner,
  EngineUsage,
  LoadOptions,
  MoveMode,
  MoveReport,
  StepMeasurement,
} from '../protocol.ts';
import type { DecoderStream } from './decoder-stream.ts';
import { measureSteps } from './measure-steps.ts';
import { ModelSession } from './model-session.ts';
import { openStateCache, roundingFor, type StateCache } from './state-cache.ts';
import { StoryMemory } from './story-memory.ts';

/** The model with one of its memories, and the story that is walked with it. */
interface Loaded {
  readonly session: ModelSession;
  readonly cache: StateCache | null;
  readonly story: StoryMemory;
}

/**
 * What the engine process does, without the process: one model, one cache file, and a story memory for the model's own way of
 * remembering and for each of its adapters, loaded when a chunk first asks for it.
 */
export class EngineService {
  readonly #options: LoadOptions;
  readonly #own: Loaded;
  readonly #byAdapter = new Map<string, Loaded>();
  readonly #owner: EngineOwner;
  /** The memory that made, or moved to, the last chunk. */
  #present: Loaded;
  /** The decoder of a film whose next chunks are still to come, and the index of the next. */
  #kept: { readonly id: string; readonly at: number; readonly decoder: DecoderStream } | null = null;

  private constructor(options: LoadOptions, session: ModelSession, cache: StateCache | null, owner: EngineOwner) {
    this.#options = options;
    this.#owner = owner;
    this.#own = { session, cache, story: this.#storyOf(session, cache) };
    this.#present = this.#own;
  }

  static async open(options: LoadOptions, owner: EngineOwner): Promise<EngineService> {
    const session = await ModelSession.open(options, roundingFor);
    const cache = options.cacheFile ? openStateCache(options, session, (text) => void owner.onNotice(text)) : null;
    return new EngineService(options, session, cache, owner);
  }

  get info(): ModelInfo {
    return this.#own.session.info;
  }

  async renderChunk(request: ChunkRequest, preview: boolean, signal: AbortSignal): Promise<ChunkResult> {
    const { story } = await this.#loadedFor(request.recipe.memory);
    return this.#explained(story.renderChunk(request, signal, { preview }));
  }

  measureSteps(count: number | null): Promise<StepMeasurement> {
    return measureSteps(this.#own.session, count);
  }

  /** To the memory that the last of `ancestors` was made with. */
  async moveTo(ancestors: readonly Ancestor[], mode: MoveMode, signal: AbortSignal): Promise<MoveReport> {
    const last = ancestors.at(-1);
    this.#present = last ? await this.#loadedFor(last.recipe.memory) : this.#own;
    return this.#explained(this.#present.story.moveTo(ancestors, mode, signal));
  }

  snapshot(): Promise<void> {
    return this.#present.story.snapshot();
  }

  /** Decodes a cut afresh, chunk by chunk, waiting for the owner to take each; goes on with the last call's stream where it is the same. */
  async decode(chunks: readonly Float32Array[], stream: DecodeStream | null, signal: AbortSignal): Promise<void> {
    const kept = this.#kept;
    this.#kept = null;
    const goesOn = kept !== null && stream !== null && kept.id === stream.id && kept.at === stream.at;
    if (!goesOn) kept?.decoder.dispose();
    const decoder = goesOn ? kept.decoder : this.#own.session.decoderStream();
    let done = false;
    try {
      for (const [index, latents] of chunks.entries()) {
        if (goesOn && index < stream.before) continue;
        const { frames, frameCount } = await this.#explained(decoder.decode(latents));
        await this.#owner.onDecoded(index, frames, frameCount);
        throwIfCancelled(signal, 'Decoding');
      }
      done = true;
    } finally {
      if (done && stream !== null && !stream.last)
        this.#kept = { id: stream.id, at: stream.at + chunks.length - stream.before, decoder };
      else decoder.dispose();
    }
  }

  usage(): EngineUsage {
    const all = [this.#own, ...this.#byAdapter.values()];
    const sum = (of: (loaded: Loaded) => number): number => all.reduce((total, loaded) => total + of(loaded), 0);
    const { user, system } = process.cpuUsage(); // microseconds
    return {
      residentBytes: process.memoryUsage.rss(),
      processorMs: (user + system) / 1000,
      liveTensors: sum(({ session }) => session.device.live.tensors),
      liveTensorBytes: sum(({ session }) => session.device.live.bytes),
      pageBytes: {
        device: sum(({ session }) => session.pages.bytes.device),
        host: sum(({ session }) => session.pages.bytes.host),
        file: sum(({ session }) => session.pages.bytes.file),
      },
      cache: this.#own.cache?.usage() ?? null,
    };
  }

  /** Where memory ran out, what to do about it. What the work had made is freed by then. */
  async #explained<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      throw this.#own.session.memoryGuard.explain(error);
    }
  }

  async dispose(): Promise<void> {
    this.#kept?.decoder.dispose();
    for (const loaded of [...this.#byAdapter.values(), this.#own]) {
      loaded.story.dispose();
      loaded.cache?.dispose();
      await loaded.session.dispose();
    }
  }

  /** What chunks of these settings are made with; an adapter's memory is loaded when it is first asked for. */
  async #loadedFor(settings: MemorySettings): Promise<Loaded> {
    this.#present = await this.#loaded(settings);
    return this.#present;
  }

  async #loaded(settings: MemorySettings): Promise<Loaded> {
    const { mode, adapter: digest } = settings;
    if (digest === undefined) return this.#own;
    const known = this.#byAdapter.get(digest);
    if (known) return known;
    const has = this.info.adapters?.find((one) => one.mode === mode);
    if (has && has.digest !== digest)
      throw new ThroughlineError(
        'model-missing',
        `This chunk was planned with another adapter for ${memoryChoice(settings).name} than the one beside the model.`,
        'Load the model again, then plan the shot anew.',
      );
    const session = await ModelSession.open(this.#options, roundingFor, { mode, digest });
    const cache = this.#own.cache?.beside(session) ?? null;
    const loaded: Loaded = { session, cache, story: this.#storyOf(session, cache) };
    this.#byAdapter.set(digest, loaded);
    return loaded;
  }

  #storyOf(session: ModelSession, cache: StateCache | null): StoryMemory {
    return new StoryMemory(session, cache, {
      latentsOf: (key) => this.#owner.latentsOf(key),
      pictureOf: (asset, width, height) => this.#owner.pictureOf(asset, width, height),
      onPhase: (phase) => void this.#owner.onPhase(phase),
      onPreview: (step, frames, frameCount) => void this.#owner.onPreview(step, frames, frameCount),
    });
  }
}
