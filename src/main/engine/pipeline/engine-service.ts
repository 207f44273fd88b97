import { throwIfCancelled } from '../../../shared/errors.ts';
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

/** What the engine process does, without the process: one model, one story memory, one cache file. */
export class EngineService {
  readonly #session: ModelSession;
  readonly #cache: StateCache | null;
  readonly #story: StoryMemory;
  readonly #owner: EngineOwner;
  /** The decoder of a film whose next chunks are still to come, and the index of the next. */
  #kept: { readonly id: string; readonly at: number; readonly decoder: DecoderStream } | null = null;

  private constructor(session: ModelSession, cache: StateCache | null, owner: EngineOwner) {
    this.#session = session;
    this.#cache = cache;
    this.#owner = owner;
    this.#story = new StoryMemory(session, cache, {
      latentsOf: (key) => owner.latentsOf(key),
      pictureOf: (asset, width, height) => owner.pictureOf(asset, width, height),
      onPhase: (phase) => void owner.onPhase(phase),
      onPreview: (step, frames, frameCount) => void owner.onPreview(step, frames, frameCount),
    });
  }

  static async open(options: LoadOptions, owner: EngineOwner): Promise<EngineService> {
    const session = await ModelSession.open(options, roundingFor);
    const cache = options.cacheFile ? openStateCache(options, session, (text) => void owner.onNotice(text)) : null;
    return new EngineService(session, cache, owner);
  }

  get info(): ModelInfo {
    return this.#session.info;
  }

  renderChunk(request: ChunkRequest, preview: boolean, signal: AbortSignal): Promise<ChunkResult> {
    return this.#explained(this.#story.renderChunk(request, signal, { preview }));
  }

  measureSteps(count: number | null): Promise<StepMeasurement> {
    return measureSteps(this.#session, count);
  }

  moveTo(ancestors: readonly Ancestor[], mode: MoveMode, signal: AbortSignal): Promise<MoveReport> {
    return this.#explained(this.#story.moveTo(ancestors, mode, signal));
  }

  snapshot(): Promise<void> {
    return this.#story.snapshot();
  }

  /** Decodes a cut afresh, chunk by chunk, waiting for the owner to take each; goes on with the last call's stream where it is the same. */
  async decode(chunks: readonly Float32Array[], stream: DecodeStream | null, signal: AbortSignal): Promise<void> {
    const kept = this.#kept;
    this.#kept = null;
    const goesOn = kept !== null && stream !== null && kept.id === stream.id && kept.at === stream.at;
    if (!goesOn) kept?.decoder.dispose();
    const decoder = goesOn ? kept.decoder : this.#session.decoderStream();
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
    const { tensors, bytes } = this.#session.device.live;
    const { user, system } = process.cpuUsage(); // microseconds
    return {
      residentBytes: process.memoryUsage.rss(),
      processorMs: (user + system) / 1000,
      liveTensors: tensors,
      liveTensorBytes: bytes,
      pageBytes: this.#session.pages.bytes,
      cache: this.#cache?.usage() ?? null,
    };
  }

  /** Where memory ran out, what to do about it. What the work had made is freed by then. */
  async #explained<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      throw this.#session.memoryGuard.explain(error);
    }
  }

  async dispose(): Promise<void> {
    this.#kept?.decoder.dispose();
    this.#story.dispose();
    this.#cache?.dispose();
    await this.#session.dispose();
  }
}
