import { CancelledError, type ErrorCode, systemError, ThroughlineError } from '../../shared/errors.ts';
import type { ChunkPhase, ChunkRecipe, ChunkResult, DeviceName, KvStorage, ModelInfo } from '../../shared/render.ts';

/** Everything the engine process needs to know to start. */
export interface LoadOptions {
  readonly modelFolder: string;
  readonly device: DeviceName;
  /** Threads of one run. */
  readonly threads: number;
  readonly kvStorage: KvStorage;
  /** Where graphs are written, beside links to the weights. */
  readonly graphsFolder: string;
  /** SQLite file of memory states, written by the engine only; none: states are replayed instead. */
  readonly cacheFile?: string;
  readonly cacheBudgetBytes?: number;
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

export interface EngineUsage {
  readonly residentBytes: number;
  /** Processor time of the whole process so far, all its threads, in milliseconds. */
  readonly processorMs: number;
  readonly liveTensors: number;
  readonly liveTensorBytes: number;
  readonly cache: {
    readonly bytes: number;
    readonly states: number;
    readonly pages: number;
    readonly budgetBytes: number;
  } | null;
}

/** An error as it crosses the process boundary. */
export interface WireError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
  readonly stack?: string;
}
export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: WireError };

/** Does `work` and says how it went, in words that survive the way to another process. @param who `The engine` */
export async function outcomeOf<T>(who: string, work: () => Promise<T> | T): Promise<Outcome<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    const known =
      error instanceof ThroughlineError
        ? error
        : (systemError(error) ??
          new ThroughlineError(
            'internal',
            `${who} failed: ${error instanceof Error ? error.message : String(error)}.`,
            'Please report this.',
            { cause: error },
          ));
    const cause = known.cause instanceof Error ? `\ncaused by ${known.cause.stack ?? known.cause.message}` : '';
    return {
      ok: false,
      error: { code: known.code, message: known.message, hint: known.hint, stack: `${known.stack ?? ''}${cause}` },
    };
  }
}

/** The value of an outcome, or its error thrown as what it was. @param where `in the engine process` */
export function openOutcome<T>(outcome: Outcome<T>, where: string): T {
  if (outcome.ok) return outcome.value;
  const { code, message, hint, stack } = outcome.error;
  if (code === 'cancelled') throw new CancelledError(message.replace(/ was cancelled$/, ''));
  throw new ThroughlineError(code, message, hint, { cause: new Error(`${where}: ${stack ?? message}`) });
}

/** What the engine process answers. One request at a time, but for `cancel`, which may come whenever. */
export interface EngineFunctions {
  load(options: LoadOptions): Promise<Outcome<ModelInfo>>;
  /** Tries a device, without a model. */
  probe(device: DeviceName): Promise<Outcome<void>>;
  /** @param preview whether {@link OwnerFunctions.onPreview} is wanted */
  renderChunk(request: ChunkRequest, preview: boolean): Promise<Outcome<ChunkResult>>;
  /** Brings the memory to the state after the last of `ancestors`. */
  moveTo(ancestors: readonly Ancestor[], mode: MoveMode): Promise<Outcome<MoveReport>>;
  /** Writes the present state to the cache file. */
  snapshot(): Promise<Outcome<void>>;
  decode(chunks: readonly Float32Array[]): Promise<Outcome<void>>;
  usage(): Promise<Outcome<EngineUsage>>;
  /** Stops what is going on, within one denoising step. */
  cancel(): void;
  shutDown(): Promise<Outcome<void>>;
}

/** What the engine process asks of its owner. What may fail answers with an outcome, so that errors keep their codes. */
export interface OwnerFunctions {
  /** Clean latents of a committed chunk, [chunkFrames, channels, height, width]; null if the owner has none. */
  latentsOf(key: string): Promise<Outcome<Float32Array | null>>;
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
  onPhase(phase: ChunkPhase): unknown;
  onPreview(step: number, frames: Uint8Array, frameCount: number): unknown;
  onDecoded(index: number, frames: Uint8Array, frameCount: number): Promise<void>;
  onNotice(text: string): unknown;
}
