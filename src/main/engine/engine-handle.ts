import { fileURLToPath } from 'node:url';
import { type BirpcReturn, createBirpc } from 'birpc';
import { ThroughlineError, throwIfCancelled } from '../../shared/errors.ts';
import { Lifeline } from '../../shared/lifeline.ts';
import type { ChunkPhase } from '../../shared/render.ts';
import { type EngineChild, type EngineEnd, forkEngine, type SpawnEngine } from './engine-child.ts';
import { type EngineFunctions, type Outcome, type OwnerFunctions, openOutcome, outcomeOf } from './protocol.ts';

/** After this long without an answer a closing engine is killed. */
const closingTimeMs = 5000;
/** A killed process that has not ended after so long hangs in the system (a dead disk, a driver): it is left alone. */
const dyingTimeMs = 5000;
/** Lines of the engine's own output kept for the report of its death. */
const keptOutputBytes = 4096;

export interface HandleOptions {
  /** Clean latents of a committed chunk, asked for when a state must be rebuilt; null if there are none. */
  readonly latentsOf: (key: string) => Promise<Float32Array | null> | Float32Array | null;
  /** A picture that a recipe names, cut and scaled: RGB, [height, width, 3]; null if there is none. Left off: there are none. */
  readonly pictureOf?: (asset: string, width: number, height: number) => Promise<Uint8Array | null> | Uint8Array | null;
  /** Something worth a line in the log. */
  readonly onNotice?: (text: string) => void;
  /** Told when the process ended although nobody asked it to, whether or not a call was waiting. */
  readonly onDeath?: (error: ThroughlineError) => void;
  /** How the process is started; forked from this one by default. */
  readonly spawn?: SpawnEngine;
}

export interface RunOptions {
  readonly onProgress?: (phase: ChunkPhase) => void;
  readonly signal?: AbortSignal;
}

type Engine = BirpcReturn<EngineFunctions, OwnerFunctions>;
export interface Listeners extends RunOptions {
  readonly onPreview?: (step: number, frames: Uint8Array, frameCount: number) => void;
  readonly onDecoded?: (index: number, frames: Uint8Array, frameCount: number) => Promise<void> | void;
}

/** The child process and the calls to it. */
export class EngineHandle {
  readonly #child: EngineChild;
  readonly #rpc: Engine;
  readonly #ended: Promise<void>;
  readonly #lifeline = new Lifeline();
  #running = true;
  #listeners: Listeners = {};
  #output = '';
  #closed: Promise<void> | null = null;

  constructor(options: HandleOptions) {
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
      pictureOf: (asset, width, height) =>
        outcomeOf('Reading a picture', () => options.pictureOf?.(asset, width, height) ?? null),
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
