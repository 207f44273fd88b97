import type { FrameSize } from '../../shared/frame-size.ts';
import type { Outcome } from '../../shared/outcome.ts';
import type {
  ChunkPhase,
  ChunkRecipe,
  ChunkResult,
  DecodeStream,
  DeviceName,
  KvStorage,
  ModelInfo,
  Precision,
} from '../../shared/render.ts';

export { type Outcome, openOutcome, outcomeOf, type WireError } from '../../shared/outcome.ts';

/** How many bytes of K/V pages lie where; what is beyond both lies in a file. */
export interface PageBudget {
  /** Where they are computed with, as fp32. */
  readonly deviceBytes: number;
  /** In the process's own memory, as they are stored. */
  readonly hostBytes: number;
}

/** Everything the engine process needs to know to start. */
export interface LoadOptions {
  readonly modelFolder: string;
  /** Instead of the model's own; only models that permit it can be loaded for another size. */
  readonly frameSize?: FrameSize;
  /** As {@link frameSize}, of a story: where the model cannot draw it, its own is taken. */
  readonly wantedFrameSize?: FrameSize;
  readonly device: DeviceName;
  /** What matrix products are computed in, where the device can; `fp32` unless said. */
  readonly precision?: Precision;
  /** Threads of one run. */
  readonly threads: number;
  readonly kvStorage: KvStorage;
  /** Where graphs are written, beside links to the weights. */
  readonly graphsFolder: string;
  /** SQLite file of memory states, written by the engine only; none: states are replayed instead. */
  readonly cacheFile?: string;
  readonly cacheBudgetBytes?: number;
  /** What is planned with instead of the memory that can be had, in bytes. */
  readonly availableBytes?: number;
  /** Instead of what fits. */
  readonly pageBudget?: PageBudget;
}

/** Which model is loaded, as what. */
export type ModelPlace = Pick<LoadOptions, 'modelFolder' | 'graphsFolder' | 'frameSize' | 'wantedFrameSize'>;

export interface ModelIdentity {
  readonly digest: string;
  readonly numericsVersion: number;
  /** Version of what computes. */
  readonly runtime: string;
  /** It is loaded for; absent where it is the model's own. */
  readonly frameSize?: FrameSize;
}

export interface StepMeasurement {
  /** Of each timed step, in milliseconds. */
  readonly stepMs: readonly number[];
  /** What the model predicted in all steps, an untimed first one included. */
  readonly predictions: Float32Array;
}

/** A chunk that came before: its recipe suffices to rebuild the memory after it, with its clean latents. */
export interface Ancestor {
  readonly key: string;
  readonly recipe: ChunkRecipe;
}

export interface ChunkRequest extends Ancestor {
  /** Root to parent; empty for the first chunk. */
  readonly ancestors: readonly Ancestor[];
}

/** `restore` reads a stored state, `replay` commits known latents again; `auto` takes what measurements say is cheaper. */
export type MoveMode = 'auto' | 'restore' | 'replay';

/** How a memory state was reached. */
export interface MoveReport {
  /** Whether a stored state was read. */
  readonly restored: boolean;
  /** Chunks committed again. */
  readonly replayed: number;
  readonly elapsedMs: number;
}

export interface PageTierBytes {
  readonly device: number;
  readonly host: number;
  readonly file: number;
}

export interface EngineUsage {
  readonly residentBytes: number;
  /** Processor time of the whole process so far, all its threads, in milliseconds. */
  readonly processorMs: number;
  readonly liveTensors: number;
  readonly liveTensorBytes: number;
  /** K/V pages, by where they lie. */
  readonly pageBytes: PageTierBytes;
  readonly cache: {
    readonly bytes: number;
    readonly states: number;
    readonly pages: number;
    readonly budgetBytes: number;
  } | null;
}

/** What the engine process answers. One request at a time, but for `cancel`, which may come whenever. */
export interface EngineFunctions {
  load(options: LoadOptions): Promise<Outcome<ModelInfo>>;
  /** Tries a device, without a model. */
  probe(device: DeviceName): Promise<Outcome<void>>;
  /** What a measurement of devices is remembered by; loads nothing. */
  identify(options: ModelPlace): Promise<Outcome<ModelIdentity>>;
  /**
   * Runs a few denoising steps of the loaded model on made-up frames, the same on every device. Before any story.
   * @param count of timed steps; null: as many as there is time for
   */
  measureSteps(count: number | null): Promise<Outcome<StepMeasurement>>;
  /** @param preview whether {@link OwnerFunctions.onPreview} is wanted */
  renderChunk(request: ChunkRequest, preview: boolean): Promise<Outcome<ChunkResult>>;
  /** Brings the memory to the state after the last of `ancestors`. */
  moveTo(ancestors: readonly Ancestor[], mode: MoveMode): Promise<Outcome<MoveReport>>;
  /** Writes the present state to the cache file. */
  snapshot(): Promise<Outcome<void>>;
  decode(chunks: readonly Float32Array[], stream: DecodeStream | null): Promise<Outcome<void>>;
  usage(): Promise<Outcome<EngineUsage>>;
  /** Stops what is going on, within one denoising step. */
  cancel(): void;
  shutDown(): Promise<Outcome<void>>;
}

/** What the engine process asks of its owner. What may fail answers with an outcome, so that errors keep their codes. */
export interface OwnerFunctions {
  /** Clean latents of a committed chunk, [chunkFrames, channels, height, width]; null if the owner has none. */
  latentsOf(key: string): Promise<Outcome<Float32Array | null>>;
  /** A picture of a recipe, cut and scaled to this size: RGB, [height, width, 3]; null if the owner has none. */
  pictureOf(asset: string, width: number, height: number): Promise<Outcome<Uint8Array | null>>;
  onPhase(phase: ChunkPhase): void;
  /** The first latent frame of the chunk being made, as estimated after so many steps: [frameCount, height, width, 3]. */
  onPreview(step: number, frames: Uint8Array, frameCount: number): void;
  /** Frames of {@link EngineFunctions.decode}, [frameCount, height, width, 3]; the engine waits for the answer. */
  onDecoded(index: number, frames: Uint8Array, frameCount: number): Promise<Outcome<void>>;
  /** Something worth a line in the log, such as a cache that had to be thrown away. */
  onNotice(text: string): void;
}

/** The owner as the code of the engine sees it: outcomes opened, errors thrown as what they were in the owner. */
export interface EngineOwner {
  latentsOf(key: string): Promise<Float32Array | null>;
  pictureOf(asset: string, width: number, height: number): Promise<Uint8Array | null>;
  onPhase(phase: ChunkPhase): unknown;
  onPreview(step: number, frames: Uint8Array, frameCount: number): unknown;
  onDecoded(index: number, frames: Uint8Array, frameCount: number): Promise<void>;
  onNotice(text: string): unknown;
}
