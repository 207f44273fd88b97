import { CancelledError, type ShownError, ThroughlineError } from '../../../shared/errors.ts';
import { Lifeline } from '../../../shared/lifeline.ts';
import type { EngineUsage } from '../../engine/client.ts';
import type { ChunkEngine } from './chunk-engine.ts';

/** An engine that its keeper must dispose of. EngineClient is one. */
export interface StudioEngine extends ChunkEngine {
  usage(): Promise<EngineUsage>;
  /** Idempotent. */
  dispose(): Promise<void>;
}

/** So long, in milliseconds, whoever asks what the engine uses waits for an answer. */
const usagePatienceMs = 1500;

export interface EngineRunOptions {
  /** Loads the model; `signal` ends that, where it can be ended. */
  readonly load: (signal: AbortSignal) => Promise<StudioEngine>;
  /** A model that has not been loaded after so long never will be, in milliseconds. */
  readonly longestLoadMs: number;
  /** Hears of each engine that is disposed of. */
  readonly onDisposing: (disposing: Promise<void>) => void;
}

/** One engine process, from its start to its end. Owner: whoever made it; call {@link end}. */
export class EngineRun {
  readonly number: number;
  /** Once it is loaded. Rejects with what is wrong, or once the run has ended, whether or not the load itself can be ended. */
  readonly engine: Promise<StudioEngine>;
  readonly #starting = new AbortController();
  readonly #lifeline = new Lifeline();
  readonly #onDisposing: EngineRunOptions['onDisposing'];
  #hasEnded = false;
  /** How much it uses is being asked; one that hangs is asked once. */
  #usage: Promise<EngineUsage | null> | null = null;

  constructor(number: number, { load, longestLoadMs, onDisposing }: EngineRunOptions) {
    this.number = number;
    this.#onDisposing = onDisposing;
    const loading = load(this.#starting.signal);
    const hung = setTimeout(() => {
      this.#lifeline.die(silentError(longestLoadMs));
      this.#starting.abort();
    }, longestLoadMs).unref();
    this.engine = this.#lifeline.race(loading);
    const settled = (): void => clearTimeout(hung);
    this.engine.then(settled, settled);
    // One that is there after all although nobody waits for it any more must not be left running.
    loading.then(
      (late) => {
        if (this.#hasEnded) this.#onDisposing(late.dispose());
      },
      () => {}, // whoever waited heard of it
    );
  }

  /** What the engine uses; null where it does not answer soon. */
  async usage(): Promise<EngineUsage | null> {
    this.#usage ??= this.engine
      .then((engine) => engine.usage())
      .catch(() => null)
      .finally(() => {
        this.#usage = null;
      });
    const patience = Promise.withResolvers<null>();
    const timer = setTimeout(() => patience.resolve(null), usagePatienceMs);
    // Both settle or are dropped with this run: nothing piles up.
    const answer = await Promise.race([this.#usage, patience.promise]);
    clearTimeout(timer);
    return answer;
  }

  /**
   * Ends it, in whatever state it is.
   * @param death why it ended by itself; null where it was ended on purpose
   */
  end(death: ShownError | null): void {
    this.#hasEnded = true;
    this.#lifeline.die(
      death === null
        ? new CancelledError('Loading the model')
        : new ThroughlineError(death.code, death.message, death.hint),
    );
    this.#starting.abort();
    this.#onDisposing(
      this.engine.then(
        (loaded) => loaded.dispose(),
        () => {},
      ),
    );
  }
}

/** @param forMs how long the engine has not answered */
export function silentError(forMs: number): ThroughlineError {
  return new ThroughlineError(
    'engine-died',
    `The engine has not answered for ${Math.round(forMs / 1000)} seconds and was ended.`,
    'Everything that was finished is kept; a smaller model or the CPU may do better.',
  );
}
