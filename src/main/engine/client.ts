import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BirpcReturn, createBirpc } from 'birpc';
import envPaths from 'env-paths';
import { CancelledError, ThroughlineError, throwIfCancelled } from '../../shared/errors.ts';
import { Lifeline } from '../../shared/lifeline.ts';
import type { ChunkPhase, ChunkResult, DeviceName, KvStorage, ModelInfo } from '../../shared/render.ts';
import { type EngineChild, type EngineEnd, forkEngine, type SpawnEngine } from './engine-child.ts';
import {
  type Ancestor,
  type ChunkRequest,
  type EngineFunctions,
  type EngineUsage,
  type MoveMode,
  type MoveReport,
  type Outcome,
  type OwnerFunctions,
  openOutcome,
  outcomeOf,
} from './protocol.ts';

export type { EngineChild, EngineEnd, SpawnEngine } from './engine-child.ts';
export type { Ancestor, ChunkRequest, EngineUsage, MoveMode, MoveReport } from './protocol.ts';

/** More threads than this gain nothing for models of our size. */
const mostThreads = 8;
/** After this long without an answer a closing engine is killed. */
const closingTimeMs = 5000;
/** A killed process that has not ended after so long hangs in the system (a dead disk, a driver): it is left alone. */
const dyingTimeMs = 5000;
/** Lines of the engine's own output kept for the report of its death. */
const keptOutputBytes = 4096;

export interface EngineOptions {
  readonly modelFolder: string;
  readonly device: DeviceName;
  /** Threads of one run; by default the processors at hand, at most 8. */
  readonly threads?: number;
  /** How K/V are kept; `fp16` by default. */
  readonly kvStorage?: KvStorage;
  /** SQLite file for memory states, written by the engine process; without it states are replayed. */
  readonly cacheFile?: string;
  readonly cacheBudgetBytes?: number;
  /** Where graphs are written; by default in the system's cache folder. */
  readonly graphsFolder?: string;
  /** Clean latents of a committed chunk, asked for when a state must be rebuilt; null if there are none. */
  readonly latentsOf: (key: string) => Promise<Float32Array | null> | Float32Array | null;
  /** Something worth a line in the log. */
  readonly onNotice?: (text: string) => void;
  /** Told when the process ended although nobody asked it to, whether or not a call was waiting. */
  readonly onDeath?: (error: ThroughlineError) => void;
  /** How the process is started; forked from this one by default. */
  readonly spawn?: SpawnEngine;
  /** Ends the process at once while the model is still being loaded, however it hangs. */
  readonly signal?: AbortSignal;
}

export interface RunOptions {
  readonly onProgress?: (phase: ChunkPhase) => void;
  readonly signal?: AbortSignal;
}

export interface RenderOptions extends RunOptions {
  /**
   * Takes a few frames of the chunk as it looks after so many steps, seldom enough to cost little:
   * [frameCount, height, width, 3]. Changes no number.
   */
  readonly onPreview?: (step: number, frames: Uint8Array, frameCount: number) => void;
}

/**
 * The engine in a process of its own. onnxruntime blocks its thread while it runs and a driver fault can abort the
 * process, so neither happens here. If it dies, every waiting call ends with `engine-died`; start another.
 */
export class EngineClient {
  readonly info: ModelInfo;
  readonly #process: EngineHandle;

  private constructor(info: ModelInfo, handle: EngineHandle) {
    this.info = info;
    this.#process = handle;
  }

  /**
   * Forks the process and loads the model.
   * @throws ThroughlineError saying what is wrong with model or device; CancelledError once `options.signal` is aborted
   */
  static async start(options: EngineOptions): Promise<EngineClient> {
    const { signal } = options;
    throwIfCancelled(signal, 'Loading the model');
    const handle = new EngineHandle(options);
    const end = (): void => handle.kill(new CancelledError('Loading the model'));
    signal?.addEventListener('abort', end, { once: true });
    try {
      const info = await handle.call((engine) =>
        engine.load({
          modelFolder: options.modelFolder,
          device: options.device,
          threads: options.threads ?? Math.min(availableParallelism(), mostThreads),
          kvStorage: options.kvStorage ?? 'fp16',
          graphsFolder: options.graphsFolder ?? join(envPaths('throughline', { suffix: '' }).cache, 'graphs'),
          ...(options.cacheFile === undefined ? {} : { cacheFile: options.cacheFile }),
          ...(options.cacheBudgetBytes === undefined ? {} : { cacheBudgetBytes: options.cacheBudgetBytes }),
        }),
      );
      return new EngineClient(info, handle);
    } catch (error) {
      await handle.close();
      throw error;
    } finally {
      signal?.removeEventListener('abort', end);
    }
  }

  /**
   * Tries a device in a process of its own, which a broken driver may take down without harm.
   * @returns why it cannot be used; null if it can
   */
  static async probe(device: DeviceName, spawn?: SpawnEngine): Promise<ThroughlineError | null> {
    const handle = new EngineHandle({ latentsOf: () => null, ...(spawn ? { spawn } : {}) });
    try {
      await handle.call((engine) => engine.probe(device));
      return null;
    } catch (error) {
      if (error instanceof ThroughlineError) return error;
      throw error;
    } finally {
      await handle.close();
    }
  }

  /** Makes one chunk, moving the memory to its parent first if it stands elsewhere. */
  renderChunk(request: ChunkRequest, run: RenderOptions = {}): Promise<ChunkResult> {
    return this.#process.run((engine) => engine.renderChunk(request, run.onPreview !== undefined), run);
  }

  /** Brings the memory to the state after the last of `ancestors`; {@link renderChunk} does so by itself. */
  moveTo(ancestors: readonly Ancestor[], mode: MoveMode = 'auto', run: RunOptions = {}): Promise<MoveReport> {
    return this.#process.run((engine) => engine.moveTo(ancestors, mode), run);
  }

  /** Writes the present state to the cache file. Rendering a chunk does so by itself. */
  snapshot(): Promise<void> {
    return this.#process.call((engine) => engine.snapshot());
  }

  /**
   * Decodes a whole cut afresh from its clean latents, in order.
   * @param onChunk takes the frames of each chunk, [frameCount, height, width, 3]; decoding waits for it
   */
  decode(
    chunks: readonly Float32Array[],
    onChunk: (index: number, frames: Uint8Array, frameCount: number) => Promise<void> | void,
    signal?: AbortSignal,
  ): Promise<void> {
    return this.#process.run((engine) => engine.decode(chunks), { ...(signal ? { signal } : {}), onDecoded: onChunk });
  }

  usage(): Promise<EngineUsage> {
    return this.#process.call((engine) => engine.usage());
  }

  /** Ends the process; idempotent. */
  dispose(): Promise<void> {
    return this.#process.close();
  }
}

type Engine = BirpcReturn<EngineFunctions, OwnerFunctions>;
interface Listeners extends RenderOptions {
  readonly onDecoded?: (index: number, frames: Uint8Array, frameCount: number) => Promise<void> | void;
}

/** The child process and the calls to it. */
class EngineHandle {
  readonly #child: EngineChild;
  readonly #rpc: Engine;
  readonly #ended: Promise<void>;
  readonly #lifeline = new Lifeline();
  #running = true;
  #listeners: Listeners = {};
  #output = '';
  #closed: Promise<void> | null = null;

  constructor(options: Pick<EngineOptions, 'latentsOf' | 'onNotice' | 'onDeath' | 'spawn'>) {
    const entry = fileURLToPath(
      new URL(`./engine-process${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url),
    );
    this.#child = (options.spawn ?? forkEngine)(entry);
    this.#child.onOutput((text) => {
      this.#output = (this.#output + text).slice(-keptOutputBytes);
    });
    this.#ended = new Promise((resolve) => {
      this.#child.onEnd((how) => {
        this.#running = false;
        const death = this.#death(how);
        this.#lifeline.die(death); // whoever is waiting hears of it
        if (this.#closed === null) options.onDeath?.(death);
        resolve();
      });
    });
    const functions: OwnerFunctions = {
      latentsOf: (key) => outcomeOf('Reading a stored chunk', () => options.latentsOf(key)),
      onPhase: (phase) => this.#listeners.onProgress?.(phase),
      onPreview: (step, frames, frameCount) => this.#listeners.onPreview?.(step, frames, frameCount),
      onDecoded: (index, frames, frameCount) =>
        outcomeOf('Taking a decoded chunk', () => this.#listeners.onDecoded?.(index, frames, frameCount)),
      onNotice: (text) => options.onNotice?.(text),
    };
    this.#rpc = createBirpc<EngineFunctions, OwnerFunctions>(functions, {
      post: (message) => this.#child.post(message),
      on: (listener) => this.#child.onMessage(listener),
      eventNames: ['cancel'],
      timeout: -1,
    });
  }

  /** Runs cancellable work and passes its progress on. */
  async run<T>(work: (engine: Engine) => Promise<Outcome<T>>, listeners: Listeners): Promise<T> {
    const { signal } = listeners;
    throwIfCancelled(signal, 'This work');
    const cancel = (): void => void this.#rpc.cancel();
    signal?.addEventListener('abort', cancel, { once: true });
    this.#listeners = listeners;
    try {
      return await this.call(work);
    } finally {
      this.#listeners = {};
      signal?.removeEventListener('abort', cancel);
    }
  }

  async call<T>(work: (engine: Engine) => Promise<Outcome<T>>): Promise<T> {
    return openOutcome(await this.#lifeline.race(work(this.#rpc)), 'in the engine process');
  }

  /** Ends the process at once, whatever it does; calls that wait end with `reason`. */
  kill(reason: ThroughlineError): void {
    this.#lifeline.die(reason);
    this.#closed ??= this.#gone();
    this.#child.kill();
  }

  close(): Promise<void> {
    this.#closed ??= this.#shutDown();
    return this.#closed;
  }

  async #shutDown(): Promise<void> {
    if (!this.#running) return;
    const timer = setTimeout(() => this.#child.kill(), closingTimeMs);
    await this.call((engine) => engine.shutDown()).catch(() => {});
    this.#child.release();
    await this.#gone();
    clearTimeout(timer);
  }

  /** Waits for the process to end, as long as that makes sense. */
  async #gone(): Promise<void> {
    const patience = Promise.withResolvers<void>();
    const timer = setTimeout(patience.resolve, closingTimeMs + dyingTimeMs);
    await Promise.race([this.#ended, patience.promise]);
    clearTimeout(timer);
  }

  #death(end: EngineEnd): ThroughlineError {
    if (end.kind === 'not-started') {
      return new ThroughlineError(
        'engine-died',
        'The engine process could not be started.',
        'Free some memory and try again.',
        { cause: end.cause },
      );
    }
    const how = end.signal === null ? `with code ${end.code}` : `by ${end.signal}`;
    const cause = this.#output.trim() === '' ? undefined : new Error(`its last words: ${this.#output.trim()}`);
    const hint =
      end.signal === 'SIGKILL'
        ? 'It may have run out of memory. What was finished is kept; start again to go on.'
        : 'What was finished is kept; start again to go on.';
    return new ThroughlineError('engine-died', `The engine process was ended ${how}.`, hint, { cause });
  }
}
