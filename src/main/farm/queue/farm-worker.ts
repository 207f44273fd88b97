import { hostname, totalmem } from 'node:os';
import type { Redis } from 'ioredis';
import { nanoid } from 'nanoid';
import { ThroughlineError } from '../../../shared/errors.ts';
import type { QueueAddress } from './address.ts';
import { connectToQueue } from './connection.ts';
import { EngineTurns } from './engine-turns.ts';
import { queueNameOf } from './job-data.ts';
import { ModelWorker, modelNameOf, type WorkerEvent, type WorkerModel } from './model-worker.ts';
import { Presence } from './presence.ts';
import type { WorkerPictures } from './worker-pictures.ts';

export interface FarmWorkerOptions {
  readonly address: QueueAddress;
  /** By which a person knows it; its machine's and its process's without one. */
  readonly name?: string;
  /** At least one. Their runs are made one at a time. */
  readonly models: readonly WorkerModel[];
  /** Of the farm's store; engines are to ask them for what they look at. */
  readonly pictures: WorkerPictures;
  /** After how long without a sign of life a worker counts as dead, in milliseconds. */
  readonly leaseMs: number;
  /** How long it waits for what follows on its path, in milliseconds, instead of a small part of the run's time. */
  readonly graceMs?: number;
  /** After how long with one model it gives way where another is wanted, in milliseconds, instead of a minute. */
  readonly turnMs?: number;
  readonly onEvent: (event: WorkerEvent) => void;
}

/** Takes runs from the queues of its models, one at a time in all, and makes them. */
export class FarmWorker {
  readonly #options: FarmWorkerOptions;
  readonly #redis: Redis;
  readonly #presence: Presence;
  readonly #models: ModelWorker[];
  readonly #leaving = new AbortController();
  /** Once the worker leaves while the queue is away: nothing can be given back or told any more. */
  readonly #alone = Promise.withResolvers<void>();
  readonly #outOfModels = Promise.withResolvers<ThroughlineError>();
  /** Models that left their queues. */
  readonly #gone: Promise<void>[] = [];
  #isAway = false;
  #closed: Promise<void> | null = null;

  private constructor(options: FarmWorkerOptions, { redis, note }: Awaited<ReturnType<typeof connectToQueue>>) {
    this.#options = options;
    this.#redis = redis;
    const { address, leaseMs, graceMs, turnMs, pictures, onEvent, name = `${hostname()}-${process.pid}` } = options;
    const { prefix } = address;
    const id = nanoid();
    const [model] = options.models.map(factsOf);
    if (!model) throw new Error('a worker without a model');
    this.#presence = new Presence(redis, prefix, id, {
      ...{ version: 1, name, model: model.name, deviceClass: model.deviceClass, queue: model.queue },
      ...{ models: options.models.map(factsOf), leaseMs, memoryBytes: totalmem() },
      ...{ making: null, made: 0, secondsAChunk: null, left: false },
    });
    const turns = new EngineTurns(turnMs);
    const shared = { id, name, redis, prefix, presence: this.#presence, turns, pictures, leaseMs, graceMs, onEvent };
    this.#models = options.models.map((model, number): ModelWorker => {
      const worker: ModelWorker = new ModelWorker(model, {
        ...shared,
        number,
        leaving: this.#leaving.signal,
        alone: this.#alone.promise,
        onUnloadable: (cause) => {
          turns.remove(number);
          this.#leaveQueue(worker, cause);
        },
      });
      return worker;
    });
    this.#tellOfAbsence();
    if (note) onEvent({ kind: 'note', text: note });
  }

  /** @throws ThroughlineError `farm` where queue or store cannot be used */
  static async start(options: FarmWorkerOptions): Promise<FarmWorker> {
    const worker = new FarmWorker(options, await connectToQueue(options.address));
    await Promise.all(worker.#models.map((model) => model.ready()));
    return worker;
  }

  /** Ends, with why, once none of its models can be loaded any more. */
  get outOfModels(): Promise<ThroughlineError> {
    return this.#outOfModels.promise;
  }

  /**
   * Finishes the chunk in hand, gives the rest back to the queue, and takes nothing more. A queue that is away is not waited
   * for: it gives the rest to others by itself, after the lease. Idempotent.
   */
  leave(): Promise<void> {
    this.#leaving.abort();
    if (this.#isAway) this.#alone.resolve();
    this.#closed ??= this.#leave();
    return this.#closed;
  }

  async #leave(): Promise<void> {
    const orderly = async (): Promise<void> => {
      await Promise.all([...this.#models.map((model) => model.close()), ...this.#gone]);
      await this.#presence.leave();
    };
    const alone = async (): Promise<void> => {
      await this.#alone.promise;
      await Promise.all(this.#models.map(({ inHand }) => inHand));
      for (const model of this.#models) model.abandon();
    };
    try {
      await Promise.race([orderly(), alone()]);
    } finally {
      this.#redis.disconnect();
    }
  }

  /** Others make what waits for a model that cannot be loaded here. */
  #leaveQueue(worker: ModelWorker, cause: unknown): void {
    const name = modelNameOf(worker.model);
    const why = cause instanceof ThroughlineError ? `${cause.message} ${cause.hint}` : String(cause);
    this.#models.splice(this.#models.indexOf(worker), 1);
    const text = `${name} cannot be loaded any more, and its runs are left to other workers: ${why}`;
    this.#options.onEvent({ kind: 'note', text });
    this.#gone.push(worker.close().catch(() => {}));
    const models = this.#models.map(({ model, secondsAChunk }) => ({ ...factsOf(model), secondsAChunk }));
    this.#presence.note({ models });
    if (this.#models.length > 0) return;
    const hint = 'Start the worker again once the model can be loaded.';
    this.#outOfModels.resolve(
      new ThroughlineError('farm', `${name} cannot be loaded any more: ${why}`, hint, { cause }),
    );
  }

  #tellOfAbsence(): void {
    const { onEvent, address } = this.#options;
    this.#redis.on('close', () => {
      const told = this.#isAway;
      this.#isAway = true;
      if (this.#leaving.signal.aborted) this.#alone.resolve();
      else if (!told)
        onEvent({
          kind: 'note',
          text: `The queue at ${address.place} is away. It is waited for; a chunk in hand is finished.`,
        });
    });
    this.#redis.on('ready', () => {
      if (this.#isAway) onEvent({ kind: 'note', text: 'The queue is back.' });
      this.#isAway = false;
    });
  }
}

/** A model as a worker says it, before it has made anything. */
function factsOf(model: WorkerModel) {
  const { identity } = model;
  return {
    name: modelNameOf(model),
    queue: queueNameOf(identity),
    deviceClass: identity.deviceClass,
    secondsAChunk: null,
  };
}
