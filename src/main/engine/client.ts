import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import envPaths from 'env-paths';
import type { DeviceChoice, DeviceReport } from '../../shared/devices.ts';
import { CancelledError, ThroughlineError, throwIfCancelled } from '../../shared/errors.ts';
import type { FrameSize } from '../../shared/frame-size.ts';
import type { ChunkResult, DecodeStream, DeviceName, KvStorage, ModelInfo, Precision } from '../../shared/render.ts';
import { measureDevices, openedDevices } from './devices/device-meter.ts';
import { DeviceRecords, type DeviceSubject } from './devices/device-records.ts';
import { EngineHandle, type HandleOptions, type RunOptions } from './engine-handle.ts';
import type { Ancestor, ChunkRequest, EngineUsage, LoadOptions, MoveMode, MoveReport, PageBudget } from './protocol.ts';

export type { EngineChild, EngineEnd, SpawnEngine } from './engine-child.ts';
export type { RunOptions } from './engine-handle.ts';
export type { Ancestor, ChunkRequest, EngineUsage, MoveMode, MoveReport } from './protocol.ts';

/** More threads than this gain nothing for models of our size. */
const mostThreads = 8;

export interface EngineOptions extends HandleOptions {
  readonly modelFolder: string;
  /** Instead of the model's own; only models that permit it can be loaded for another size. */
  readonly frameSize?: FrameSize;
  /** As {@link frameSize}, of a story: where the model cannot draw it, its own is taken. */
  readonly wantedFrameSize?: FrameSize;
  /** `auto`: the fastest that agrees with the processor, measured once for each model. */
  readonly device: DeviceChoice;
  /** Where measurements of devices are remembered; by default in the system's folder of settings. */
  readonly devicesFile?: string;
  /** What matrix products are computed in, where the device can; `fp32` unless said. Another one gives other keys. */
  readonly precision?: Precision;
  /** Threads of one run; by default the processors at hand, at most 8. */
  readonly threads?: number;
  /** How K/V are kept; `fp16` by default. */
  readonly kvStorage?: KvStorage;
  /** SQLite file for memory states, written by the engine process; without it states are replayed. */
  readonly cacheFile?: string;
  readonly cacheBudgetBytes?: number;
  /** Where graphs are written; by default in the system's cache folder. */
  readonly graphsFolder?: string;
  /** What is planned with instead of the memory that can be had, in bytes. */
  readonly availableBytes?: number;
  /** How much of K/V pages lies where, instead of what fits. */
  readonly pageBudget?: PageBudget;
  /** Ends the process at once while the model is still being loaded, however it hangs. */
  readonly signal?: AbortSignal;
}

export interface RenderOptions extends RunOptions {
  /**
   * Takes a few frames of the chunk as it looks after so many steps, seldom enough to cost little:
   * [frameCount, height, width, 3]. Changes no number.
   */
  readonly onPreview?: (step: number, frames: Uint8Array, frameCount: number) => void;
}

/** Whose devices are asked for. */
export type DeviceQuery = Pick<
  EngineOptions,
  | 'modelFolder'
  | 'frameSize'
  | 'wantedFrameSize'
  | 'threads'
  | 'kvStorage'
  | 'precision'
  | 'graphsFolder'
  | 'devicesFile'
  | 'spawn'
  | 'signal'
  | 'onNotice'
>;

function recordsOf({ devicesFile }: DeviceQuery): DeviceRecords {
  return new DeviceRecords(devicesFile ?? join(envPaths('throughline', { suffix: '' }).config, 'devices.json'));
}

async function subjectOf(handle: EngineHandle, options: DeviceQuery): Promise<DeviceSubject> {
  const { threads, ...load } = loadOptions(options, 'cpu');
  return {
    ...(await handle.call((engine) => engine.identify(load))),
    threads,
    precision: options.precision ?? 'fp32',
  };
}

function loadOptions(options: Omit<EngineOptions, 'device' | 'latentsOf'>, device: DeviceName): LoadOptions {
  return {
    modelFolder: options.modelFolder,
    ...(options.frameSize === undefined ? {} : { frameSize: options.frameSize }),
    ...(options.wantedFrameSize === undefined ? {} : { wantedFrameSize: options.wantedFrameSize }),
    device,
    threads: options.threads ?? Math.min(availableParallelism(), mostThreads),
    kvStorage: options.kvStorage ?? 'fp16',
    ...(options.precision === undefined ? {} : { precision: options.precision }),
    graphsFolder: options.graphsFolder ?? join(envPaths('throughline', { suffix: '' }).cache, 'graphs'),
    ...(options.cacheFile === undefined ? {} : { cacheFile: options.cacheFile }),
    ...(options.cacheBudgetBytes === undefined ? {} : { cacheBudgetBytes: options.cacheBudgetBytes }),
    ...(options.availableBytes === undefined ? {} : { availableBytes: options.availableBytes }),
    ...(options.pageBudget === undefined ? {} : { pageBudget: options.pageBudget }),
  };
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
    const { device } = options;
    if (device !== 'auto') return EngineClient.#start(options, async () => device);
    let chosen: DeviceName = 'cpu';
    try {
      return await EngineClient.#start(options, async (handle) => {
        chosen = (await EngineClient.#devices(options, handle)).chosen;
        return chosen;
      });
    } catch (error) {
      const lost = error instanceof ThroughlineError && (error.code === 'device-lost' || error.code === 'engine-died');
      if (chosen === 'cpu' || !lost || signal?.aborted) throw error;
      // It worked when it was measured. The processor always does, and the next start measures again.
      recordsOf(options).save(await EngineClient.#briefly(options, (handle) => subjectOf(handle, options)), null);
      options.onNotice?.(`${error.message} The processor is used instead.`);
      return EngineClient.#start(options, async () => 'cpu');
    }
  }

  /** @param choose the device, while the process is there and has loaded nothing */
  static async #start(
    options: EngineOptions,
    choose: (handle: EngineHandle) => Promise<DeviceName>,
  ): Promise<EngineClient> {
    const { signal } = options;
    // Of `auto` a device that dies while it is loaded is no death of the engine's: another one follows.
    let loaded = false;
    const onDeath = (error: ThroughlineError): void => {
      if (loaded || options.device !== 'auto') options.onDeath?.(error);
    };
    const handle = new EngineHandle({ ...options, onDeath });
    const end = (): void => handle.kill(new CancelledError('Loading the model'));
    signal?.addEventListener('abort', end, { once: true });
    try {
      const device = await choose(handle);
      const info = await handle.call((engine) => engine.load(loadOptions(options, device)));
      loaded = true;
      return new EngineClient(info, handle);
    } catch (error) {
      await handle.close();
      throw error;
    } finally {
      signal?.removeEventListener('abort', end);
    }
  }

  /**
   * The devices of this machine with a model.
   * @param how `once` measures where there is a choice and nothing is known yet; `again` measures whatever is known; `known`
   * measures nothing: where nothing is known it tells which devices can be opened
   * @throws ThroughlineError what is wrong with the model; CancelledError
   */
  static devices(options: DeviceQuery, how: 'once' | 'again' | 'known'): Promise<DeviceReport> {
    return EngineClient.#briefly(options, async (handle) => {
      if (how !== 'known') return EngineClient.#devices(options, handle, how === 'again');
      return recordsOf(options).find(await subjectOf(handle, options)) ?? (await openedDevices(options));
    });
  }

  static async #devices(options: DeviceQuery, handle: EngineHandle, again = false): Promise<DeviceReport> {
    const subject = await subjectOf(handle, options);
    const records = recordsOf(options);
    const known = again ? null : records.find(subject);
    if (known) return known;
    const { device: _, ...load } = loadOptions(options, 'cpu');
    const report = await measureDevices({
      load,
      always: again,
      spawn: options.spawn,
      signal: options.signal,
      onMeasuring: () => options.onNotice?.('The devices are measured with this model. That is done once.'),
    });
    records.save(subject, report);
    return report;
  }

  /** Asks a process of its own, which is ended at once where `signal` says so. */
  static async #briefly<T>(
    { spawn, signal }: Pick<DeviceQuery, 'spawn' | 'signal'>,
    work: (handle: EngineHandle) => Promise<T>,
  ): Promise<T> {
    throwIfCancelled(signal, 'Loading the model');
    const handle = new EngineHandle({ latentsOf: () => null, ...(spawn ? { spawn } : {}) });
    const end = (): void => handle.kill(new CancelledError('Loading the model'));
    signal?.addEventListener('abort', end, { once: true });
    try {
      return await work(handle);
    } finally {
      signal?.removeEventListener('abort', end);
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
   * Decodes a cut afresh from its clean latents, in order.
   * @param onChunk takes the frames of each chunk, [frameCount, height, width, 3]; decoding waits for it. Chunks before the first
   * that is wanted of a stream are left out where the engine goes on from it
   */
  decode(
    chunks: readonly Float32Array[],
    onChunk: (index: number, frames: Uint8Array, frameCount: number) => Promise<void> | void,
    signal?: AbortSignal,
    stream: DecodeStream | null = null,
  ): Promise<void> {
    return this.#process.run((engine) => engine.decode(chunks, stream), {
      ...(signal ? { signal } : {}),
      onDecoded: onChunk,
    });
  }

  usage(): Promise<EngineUsage> {
    return this.#process.call((engine) => engine.usage());
  }

  /** Ends the process; idempotent. */
  dispose(): Promise<void> {
    return this.#process.close();
  }
}
