import { setTimeout as wait } from 'node:timers/promises';
import { type Job, Queue, UnrecoverableError, WaitingError, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { CancelledError, ThroughlineError } from '../../../shared/errors.ts';
import { type ChunkStore, latentsDigest } from '../../persistence/index.ts';
import { EngineWorker, lent } from '../engine-worker.ts';
import { looksOf, picturesOfRun } from '../run-pictures.ts';
import type { ChunkMaker, RunCall } from '../run-worker.ts';
import type { MakerIdentity, Run } from '../runs.ts';
import type { Artifacts } from '../store/artifacts.ts';
import type { EngineTurns } from './engine-turns.ts';
import { graceAfter, HeldPaths } from './held-paths.ts';
import { jobNames, parseJob, queueNameOf } from './job-data.ts';
import type { Presence } from './presence.ts';
import { WorkerChunks } from './worker-chunks.ts';
import type { WorkerPictures } from './worker-pictures.ts';

/** What a worker of a farm tells of itself. */
export type WorkerEvent =
  | { readonly kind: 'began'; readonly run: Run }
  | { readonly kind: 'chunk'; readonly key: string; readonly chunkIndex: number; readonly source: 'made' | 'found' }
  | { readonly kind: 'ended'; readonly run: Run; readonly how: 'done' | 'given back' | 'failed' }
  | { readonly kind: 'note'; readonly text: string };

/** A model that a worker can make chunks with. */
export interface WorkerModel {
  readonly identity: MakerIdentity;
  /** As a person reads it; without one it is called by its digest. */
  readonly name?: string;
  readonly artifacts: Artifacts;
  /** The worker's own copy of chunks, of its class of devices alone; stays the caller's. */
  readonly store: ChunkStore;
  /**
   * An engine that has this model loaded; another one after {@link engineDied}. What it gave for another model must not be used
   * again: the worker asks for one at a time. Where it throws, the worker leaves this model's queue.
   */
  readonly engine: () => Promise<ChunkMaker>;
  /** The engine's process has ended: whatever `engine` gave must not be used again. */
  readonly engineDied: () => Promise<void>;
  /** Makes a picture for whoever looks on: a data URL. Without it there are none. */
  readonly drawPreview?: (frames: Uint8Array, frameCount: number) => Promise<string>;
}

/** A model as a person reads it. */
export function modelNameOf({ name, identity }: Pick<WorkerModel, 'name' | 'identity'>): string {
  return name ?? identity.model.digest.slice(0, 12);
}

/** What all models of a worker share. */
export interface ModelSurroundings {
  /** Number of the model, for {@link EngineTurns}. */
  readonly number: number;
  readonly id: string;
  readonly name: string;
  readonly redis: Redis;
  readonly prefix: string;
  readonly presence: Presence;
  readonly turns: EngineTurns;
  readonly pictures: WorkerPictures;
  /** See {@link FarmWorkerOptions}. */
  readonly leaseMs: number;
  readonly graceMs: number | undefined;
  readonly onEvent: (event: WorkerEvent) => void;
  /** Aborted once the worker leaves. */
  readonly leaving: AbortSignal;
  /** Ends once the worker leaves while the queue is away: nothing can be given back or told any more. */
  readonly alone: Promise<void>;
  /** The model cannot be loaded: its run was given back, and it takes no other. */
  readonly onUnloadable: (cause: unknown) => void;
}

/** What the queue keeps of a run that was made. */
interface RunOutcome {
  readonly version: number;
  readonly made: number;
}

/** So often one run may kill its worker before it is no longer given to others. */
const mostDeaths = 16;
/** Of what a worker says while it works, and once it is done. */
const progressVersion = 1;
/** Runs of one path that a worker makes one after the other while other work waits. */
const mostInARow = 8;
/** Between two looks at a run that another worker shall have, in milliseconds. */
const declineMs = 20;
/** Chunks whose times say how fast a worker is. */
const keptTimes = 12;

/** Takes runs for one model from its queue, one at a time, and makes them. Only the queue's own name decides what it hears of. */
export class ModelWorker {
  readonly model: WorkerModel;
  readonly queueName: string;
  readonly #around: ModelSurroundings;
  readonly #worker: Worker;
  /** For looking at it; nothing is put there. */
  readonly #queue: Queue;
  readonly #paths: HeldPaths;
  readonly #chunks: WorkerChunks;
  /** Key of the last chunk of the path whose state is in memory, as long as others leave what follows to this worker. */
  #held: string | null = null;
  /** Runs that followed each other. */
  #inARow = 0;
  /** Milliseconds that the last chunks took, the newest last. */
  readonly #times: number[] = [];
  /** The model could not be loaded. */
  #isGone = false;
  /** Ends with the run in hand. */
  #inHand: Promise<unknown> = Promise.resolve();

  constructor(model: WorkerModel, around: ModelSurroundings) {
    this.model = model;
    this.#around = around;
    const { redis, prefix, name, leaseMs } = around;
    this.queueName = queueNameOf(model.identity);
    this.#worker = new Worker(this.queueName, (job, token) => this.#take(job, token), {
      connection: redis,
      prefix,
      name,
      concurrency: 1,
      lockDuration: leaseMs,
      stalledInterval: leaseMs,
      maxStalledCount: mostDeaths,
      drainDelay: 1,
      runRetryDelay: 1000,
    });
    // A server that is away is waited for.
    this.#worker.on('error', () => {});
    this.#worker.on('drained', () => around.turns.idle(around.number));
    this.#queue = new Queue(this.queueName, { connection: redis, prefix });
    this.#queue.on('error', () => {});
    this.#paths = new HeldPaths(redis, prefix, this.queueName);
    this.#chunks = new WorkerChunks(model.store, model.artifacts, (error) => this.#note(error));
  }

  async ready(): Promise<void> {
    await this.#worker.waitUntilReady();
  }

  /** Median of the last chunks; null before the first. */
  get secondsAChunk(): number | null {
    const sorted = [...this.#times].sort((a, b) => a - b);
    const median = sorted[sorted.length >> 1];
    return median === undefined ? null : median / 1000;
  }

  /** Ends with the run in hand. */
  get inHand(): Promise<unknown> {
    return this.#inHand;
  }

  /** Takes nothing more, and ends once what is in hand is done or given back. */
  close(): Promise<void> {
    return this.#worker.close();
  }

  /** Lets go of a queue that is away. */
  abandon(): void {
    this.#worker.disconnect().catch(() => {});
  }

  #take(job: Job, token?: string): Promise<RunOutcome> {
    const run = this.#process(job, token);
    this.#inHand = run.catch(() => {}); // who asked for it is told
    return run;
  }

  /** What is told to the queue, unless it is away and not waited for. */
  #told(telling: Promise<unknown>): Promise<unknown> {
    telling.catch(() => {}); // where it is not waited for
    return Promise.race([telling, this.#around.alone]);
  }

  async #process(job: Job, token?: string): Promise<RunOutcome> {
    const { onEvent, presence, turns, onUnloadable } = this.#around;
    const run = this.#parse(job, this.model.identity);
    await this.#leaveToHolder(run, job, token);
    await this.#awaitTurn(job, token);
    onEvent({ kind: 'began', run });
    presence.note({ model: modelNameOf(this.model), queue: this.queueName, secondsAChunk: this.secondsAChunk });
    let how: 'done' | 'given back' | 'failed' = 'failed';
    try {
      const startedAt = performance.now();
      const made = await this.#make(run, job, () => this.#hold(run, job, performance.now() - startedAt));
      await this.#awaitFollower(performance.now() - startedAt);
      how = 'done';
      return { version: progressVersion, made };
    } catch (error) {
      if (error instanceof GiveBack || error instanceof Unloadable) {
        how = 'given back';
        await this.#told(job.moveToWait(token));
        if (error instanceof Unloadable) {
          this.#isGone = true;
          onUnloadable(error.cause);
        }
        throw new WaitingError();
      }
      if (error instanceof ThroughlineError && error.code === 'engine-died') await this.model.engineDied();
      throw toldError(error);
    } finally {
      turns.done();
      presence.note({ making: null });
      onEvent({ kind: 'ended', run, how });
    }
  }

  /** What follows on a path is left for a moment to whoever has its state in memory. */
  async #leaveToHolder(run: Run, job: Job, token?: string): Promise<void> {
    const { parentKey } = run;
    const holder = parentKey === null ? null : await this.#told(this.#paths.holderOf(parentKey));
    if (typeof holder === 'string' && holder !== this.#around.id) {
      await this.#told(job.moveToWait(token));
      await wait(declineMs);
      throw new WaitingError();
    }
    const held = this.#held;
    this.#held = null;
    this.#inARow = held !== null && held === parentKey ? this.#inARow + 1 : 1;
    if (held !== null) await this.#told(this.#paths.release(held));
  }

  /** One engine makes the runs of all models: while another has its turn, a run is left to other workers. */
  async #awaitTurn(job: Job, token?: string): Promise<void> {
    const { turns, number, leaving } = this.#around;
    if (!this.#isGone && turns.begin(number)) return;
    await this.#told(job.moveToWait(token));
    await turns.changed(leaving);
    throw new WaitingError();
  }

  /** Before the last chunk of a run is told: others leave what follows to this worker. */
  async #hold({ chunks }: Run, { name }: Job, runMs: number): Promise<void> {
    const key = chunks.at(-1)?.key;
    if (name !== jobNames.awaited || key === undefined || this.#around.leaving.aborted) return;
    // Nobody who waits is kept waiting by one long path.
    if (this.#inARow >= mostInARow && (await this.#queue.getWaitingCount()) > 0) return;
    await this.#paths.hold(key, this.#around.id, this.#around.graceMs ?? graceAfter(runMs));
    this.#held = key;
  }

  async #awaitFollower(runMs: number): Promise<void> {
    const held = this.#held;
    if (held === null) return;
    const graceMs = this.#around.graceMs ?? graceAfter(runMs);
    const came = await this.#told(this.#paths.follows(held, graceMs, () => this.#around.leaving.aborted));
    if (came === true) return;
    this.#held = null;
    await this.#told(this.#paths.release(held));
  }

  #parse(job: Job, identity: MakerIdentity): Run {
    try {
      return parseJob(job.id, job.data, identity);
    } catch (error) {
      this.#note(error);
      // Trying again would not make it better.
      throw new UnrecoverableError(toldError(error).message);
    }
  }

  /** @param beforeLast is awaited before the last chunk of the run is told */
  async #make(run: Run, job: Job, beforeLast: () => Promise<void>): Promise<number> {
    const { pictures, onEvent } = this.#around;
    const ancestors = await this.#chunks.before(run, run.chunks[0]?.recipe.chunkIndex ?? 0);
    const engine = await this.model.engine().catch((cause) => {
      throw new Unloadable(cause);
    });
    await pictures.bring(picturesOfRun(ancestors, run.chunks, looksOf(engine.info)), (error) => this.#note(error));
    let made = 0;
    const told = async (key: string, source: 'made' | 'found'): Promise<void> => {
      const chunkIndex = run.chunks.find((chunk) => chunk.key === key)?.recipe.chunkIndex ?? 0;
      onEvent({ kind: 'chunk', key, chunkIndex, source });
      if (key === run.chunks.at(-1)?.key) await this.#told(beforeLast());
      await this.#told(job.updateProgress({ version: progressVersion, key, source }));
    };
    const own = new Set(run.chunks.map(({ key }) => key));
    const known = new Map<string, string>();
    /** The queue hears of a chunk while the next is looked for: it is a hint for whoever waits. */
    let telling: Promise<void> = Promise.resolve();
    await new EngineWorker(lent(engine)).makeRun(run, {
      ancestors: () => ancestors,
      digestOf: async (key) => {
        const before = known.get(key);
        if (before !== undefined) return before;
        if (own.has(key) && this.#around.leaving.aborted) throw new GiveBack();
        // A run that the queue has forgotten is somebody else's by now.
        const [digest] = await Promise.all([this.#chunks.bring(key), telling]);
        if (digest === null) return null;
        known.set(key, digest);
        if (own.has(key)) await told(key, 'found');
        return digest;
      },
      ...(this.#around.presence.isWatched ? this.#previews() : {}),
      onPhase: (key, phase) => {
        const chunkIndex = run.chunks.find((chunk) => chunk.key === key)?.recipe.chunkIndex ?? 0;
        this.#around.presence.note({ making: { chunkKey: key, chunkIndex, phase } });
      },
      onChunk: async ({ artifact }) => {
        const { key, latents } = artifact;
        // Made is what the farm's store holds. The next is begun only then, so that whoever dies loses one at most.
        await this.#chunks.put(artifact);
        known.set(key, latentsDigest(latents));
        made++;
        this.#noteTime(artifact.elapsedMs);
        telling = told(key, 'made');
        telling.catch(() => {}); // it is awaited before the next, and at the end
      },
    });
    await telling;
    return made;
  }

  /** Draws what is being made for whoever looks on; a picture that comes while another is drawn is left out. */
  #previews(): Pick<RunCall, 'onPreview'> {
    const { drawPreview } = this.model;
    if (!drawPreview) return {};
    let busy = false;
    return {
      onPreview: (chunkKey, step, frames, frameCount) => {
        if (busy) return;
        busy = true;
        drawPreview(frames, frameCount)
          .then((image) => this.#around.presence.show({ chunkKey, step, image }))
          .catch(() => {}) // it is only a picture
          .finally(() => {
            busy = false;
          });
      },
    };
  }

  #noteTime(elapsedMs: number): void {
    this.#times.push(elapsedMs);
    if (this.#times.length > keptTimes) this.#times.shift();
    const { presence } = this.#around;
    const { secondsAChunk, queueName } = this;
    presence.note({
      made: presence.facts.made + 1,
      secondsAChunk,
      models: presence.facts.models?.map((one) => (one.queue === queueName ? { ...one, secondsAChunk } : one)),
    });
  }

  #note(error: unknown): void {
    if (error instanceof ThroughlineError)
      this.#around.onEvent({ kind: 'note', text: `${error.message} ${error.hint}` });
  }
}

/** The worker leaves, and this run's rest goes back to the queue. */
class GiveBack extends CancelledError {
  constructor() {
    super('This run');
  }
}

/** The model cannot be loaded; the run goes back to the queue. */
class Unloadable extends Error {
  constructor(cause: unknown) {
    super('the model cannot be loaded', { cause });
  }
}

/** As the queue keeps it for whoever asked: one sentence or two, no stack. */
function toldError(error: unknown): Error {
  if (error instanceof ThroughlineError) return new Error([error.message, error.hint].filter(Boolean).join(' '));
  return error instanceof Error ? error : new Error(String(error));
}
