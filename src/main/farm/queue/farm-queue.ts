import { Queue, QueueEvents } from 'bullmq';
import type { Redis } from 'ioredis';
import { CancelledError, ThroughlineError } from '../../../shared/errors.ts';
import { Lifeline } from '../../../shared/lifeline.ts';
import { cutText } from '../../../shared/text.ts';
import type { ChunkArtifact } from '../../persistence/index.ts';
import { picturesOfRun, type RunPictures } from '../run-pictures.ts';
import type { RunCall, RunWorker } from '../run-worker.ts';
import { deviceClassOf, type MakerIdentity, type Run } from '../runs.ts';
import type { Artifacts } from '../store/artifacts.ts';
import type { QueueAddress } from './address.ts';
import { connectToQueue } from './connection.ts';
import { GivenPictures, type PicturesHere } from './given-pictures.ts';
import { HeldPaths } from './held-paths.ts';
import { jobNames, jobOf, largestJobBytes, queueNameOf } from './job-data.ts';
import { countWorkers } from './presence.ts';

/** Hints of what a person can do, each a sentence. */
export interface FarmAdvice {
  /** The chunks here were made on another kind of device than the farm's. */
  readonly otherDevice: string;
  /** A chunk of the farm follows another result than the one here. */
  readonly otherResult: string;
  /** The queue is gone. */
  readonly gone: string;
}

const commandAdvice: FarmAdvice = {
  otherDevice: 'Choose another --cache, so that one kind of device makes all of the film.',
  otherResult: 'Render with an empty --cache to take all of it from the farm.',
  gone: 'What was finished is kept. The same command goes on once the queue is back; without --farm it goes on here.',
};

export interface FarmQueueOptions {
  readonly address: QueueAddress;
  readonly identity: MakerIdentity;
  readonly artifacts: Artifacts;
  /** A chunk that this machine has; null for one that it has not. */
  readonly artifactOf: (key: string) => ChunkArtifact | null | Promise<ChunkArtifact | null>;
  /** What recipes name. */
  readonly pictures: PicturesHere;
  /** All that `artifactOf` gives was made by this class of devices, whatever this machine is. */
  readonly isOwn?: boolean;
  /** What a person may do, where this is not told to somebody at a command line. */
  readonly advice?: FarmAdvice;
  /** What is worth a line: no workers, a chunk that was refused. */
  readonly onNote: (text: string) => void;
  /** A server that says nothing for so long is gone, in milliseconds. */
  readonly patienceMs?: number;
}

/** A network may be away for a minute, and a server takes its time to start again. */
const usualPatienceMs = 150_000;
/** Silence that is worth a line, in milliseconds. */
const silenceMs = 10_000;
/** Words of workers may be lost with a connection, so that the store is looked at so often all the same, in milliseconds. */
const lookEveryMs = 2000;
/** Where more runs than these wait, each is looked at less often, so that looking does not become the work. */
const looksAtOnce = 64;
const pingEveryMs = 1000;
const fewestAtOnce = 64;
const runsAWorker = 2;
/** So often work that is gone from the queue, and not in the store, is put there again. */
const mostLosses = 8;
/** A run whose worker failed is given to another so often. */
const attempts = 3;

/** What is heard of a run. `over`: it is no longer in the queue, made or not. */
type News = { readonly kind: 'chunk' | 'over' | 'silence' } | { readonly kind: 'failed'; readonly reason: string };

/** A farm as a worker: any number of runs at once, made by whoever takes them from the queue. */
export class FarmQueue implements RunWorker {
  readonly #advice: FarmAdvice;
  /** Workers heard of at the last look. */
  #workersSeen = 0;
  readonly #options: FarmQueueOptions;
  readonly #redis: Redis;
  readonly #queue: Queue;
  readonly #events: QueueEvents;
  readonly #paths: HeldPaths;
  readonly #pictures: GivenPictures;
  readonly #lifeline = new Lifeline();
  readonly #ping: NodeJS.Timeout;
  /** By run: wakes whoever waits for it. */
  readonly #wake = new Map<string, (news: News) => void>();
  /** Keys that the farm has for certain. */
  readonly #shared = new Set<string>();
  #heardAt = performance.now();
  #silenceIsTold = false;
  #closed: Promise<void> | null = null;

  private constructor(options: FarmQueueOptions, redis: Redis) {
    const { address, identity } = options;
    this.#options = options;
    this.#advice = options.advice ?? commandAdvice;
    this.#redis = redis;
    const name = queueNameOf(identity);
    const common = { connection: redis, prefix: address.prefix };
    this.#queue = new Queue(name, common);
    this.#paths = new HeldPaths(redis, address.prefix, name);
    this.#pictures = new GivenPictures(options.artifacts.pictures, options.pictures);
    this.#events = new QueueEvents(name, common);
    // What is out of reach is noticed by the ping.
    this.#queue.on('error', () => {});
    this.#events.on('error', () => {});
    const hear = (jobId: string, news: News): void => this.#wake.get(jobId)?.(news);
    this.#events.on('progress', ({ jobId }) => hear(jobId, { kind: 'chunk' }));
    this.#events.on('completed', ({ jobId }) => hear(jobId, { kind: 'over' }));
    this.#events.on('removed', ({ jobId }) => hear(jobId, { kind: 'over' }));
    this.#events.on('failed', ({ jobId, failedReason }) => hear(jobId, { kind: 'failed', reason: failedReason }));
    this.#ping = setInterval(() => this.#look(), pingEveryMs);
  }

  /** @throws ThroughlineError `farm` where the queue or the store cannot be used */
  static async open(options: FarmQueueOptions): Promise<FarmQueue> {
    const { redis, note } = await connectToQueue(options.address);
    const farm = new FarmQueue(options, redis);
    try {
      if (note) options.onNote(note);
      await farm.#lifeline.race(Promise.all([farm.#queue.waitUntilReady(), farm.#events.waitUntilReady()]));
      if ((await farm.workers()) === 0)
        options.onNote(
          `No worker of this farm has this model on ${options.identity.deviceClass} yet; the work waits until one is started.`,
        );
      return farm;
    } catch (error) {
      await farm.dispose();
      throw error;
    }
  }

  /** So many that no worker waits for this program: twice as many as there are. */
  get atOnce(): number {
    return Math.max(fewestAtOnce, runsAWorker * this.#workersSeen);
  }

  /** Workers that can make these runs, whether or not they have one in hand. */
  workers(): Promise<number> {
    return this.#lifeline.race(this.#queue.getWorkersCount());
  }

  async makeRun(run: Run, call: RunCall): Promise<void> {
    const { signal } = call;
    const waiting: Run['chunks'][number][] = [];
    for (const chunk of run.chunks) if ((await call.digestOf(chunk.key)) === null) waiting.push(chunk);
    const stop = new Lifeline();
    const stopped = (): void => {
      stop.die(new CancelledError('This run'));
      this.#wake.get(run.id)?.({ kind: 'over' });
    };
    signal?.addEventListener('abort', stopped, { once: true });
    try {
      if (signal?.aborted) throw new CancelledError('This run');
      await stop.race(this.#makeRun(run, waiting, call, () => signal?.aborted === true));
    } catch (error) {
      if (signal?.aborted) this.#withdraw(run.id);
      throw error;
    } finally {
      signal?.removeEventListener('abort', stopped);
      this.#wake.delete(run.id);
    }
  }

  /** Lets go of the server. What workers have in hand they finish. Idempotent. */
  dispose(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #makeRun(run: Run, waiting: Run['chunks'][number][], call: RunCall, isOver: () => boolean): Promise<void> {
    await this.#take(waiting, call, isOver);
    if (waiting.length === 0) return;
    const ancestors = call.ancestors();
    const before = ancestors.map(({ key }) => key);
    const pictures = picturesOfRun(ancestors, run.chunks, this.#options.pictures.looks);
    await this.#pictures.share(pictures);
    await this.#share(before);
    let losses = 0;
    let mended = false;
    let next = this.#next(run.id);
    await this.#lifeline.race(this.#give(run, call.isAwaited));
    while (!isOver()) {
      const news = await this.#lifeline.race(next);
      // Before the look: what is told during it is heard after it.
      next = this.#next(run.id);
      await this.#take(waiting, call, isOver);
      if (waiting.length === 0 || isOver()) return;
      if (news.kind === 'failed') {
        // What came before it, or a picture, may have gone from the store since, or be damaged there.
        if (mended || !(await this.#mend(before, pictures))) throw failed(news.reason);
        mended = true;
        await this.#lifeline.race(this.#give(run, call.isAwaited));
        continue;
      }
      if (news.kind === 'chunk') continue;
      if ((await this.#lifeline.race(this.#queue.getJobState(run.id))) !== 'unknown') continue;
      // It ended a moment ago, or the server forgot it.
      await this.#take(waiting, call, isOver);
      if (waiting.length === 0) return;
      if (++losses > mostLosses) throw lost(this.#options.artifacts.place);
      await this.#lifeline.race(this.#give(run, call.isAwaited));
    }
  }

  /** Hands over what is there, in order; `waiting` keeps the rest. */
  async #take(waiting: Run['chunks'][number][], call: RunCall, isOver: () => boolean): Promise<void> {
    for (let next = waiting[0]; next && !isOver(); next = waiting[0]) {
      const artifact = await this.#options.artifacts.find(next.key, ({ message }) => this.#options.onNote(message));
      if (!artifact) return;
      const { key, parentKey, parentLatentsDigest } = artifact;
      if (parentKey !== null && parentLatentsDigest !== (await call.digestOf(parentKey)))
        throw new ThroughlineError(
          'bad-artifact',
          `Chunk ${artifact.recipe.chunkIndex} of the farm was made after another result of the chunk before it than the one on this machine.`,
          this.#advice.otherResult,
        );
      await call.onChunk({ artifact, pictures: null });
      this.#shared.add(key);
      waiting.shift();
    }
  }

  /** Brings to the farm what only this machine has of a story. */
  async #share(keys: readonly string[]): Promise<void> {
    const { artifacts, identity, artifactOf, isOwn = false } = this.#options;
    for (const key of keys) {
      if (this.#shared.has(key)) continue;
      if (!(await artifacts.has(key))) {
        const artifact = await artifactOf(key);
        if (!artifact) throw new Error(`chunk ${key} is neither here nor on the farm`);
        const own = deviceClassOf(artifact.device, process.arch);
        if (!isOwn && own !== identity.deviceClass)
          throw new ThroughlineError(
            'farm',
            `Chunk ${artifact.recipe.chunkIndex} of this story was made here on ${own}, and the farm is asked for ${identity.deviceClass}.`,
            this.#advice.otherDevice,
          );
        await artifacts.write(artifact);
      }
      this.#shared.add(key);
    }
  }

  /** Brings to the farm again what is not there as it should be. @returns whether anything was brought */
  async #mend(keys: readonly string[], pictures: RunPictures): Promise<boolean> {
    const { artifacts, artifactOf, onNote } = this.#options;
    const refused = ({ message }: ThroughlineError): void => onNote(message);
    let brought = await this.#pictures.mend(pictures, refused);
    for (const key of keys) {
      if (await artifacts.find(key, refused)) continue;
      const artifact = await artifactOf(key);
      if (artifact && (await artifacts.write(artifact))) brought = true;
    }
    return brought;
  }

  async #give(run: Run, isAwaited = false): Promise<void> {
    const data = jobOf(run, this.#options.identity);
    if (JSON.stringify(data).length > largestJobBytes)
      throw new ThroughlineError(
        'bad-input',
        'A run is too large for the queue.',
        'Shorten prompts, or name fewer frames.',
      );
    const { parentKey } = run;
    const isHeld = parentKey !== null && (await this.#paths.holderOf(parentKey)) !== null;
    await this.#queue.add(isAwaited ? jobNames.awaited : jobNames.last, data, {
      jobId: run.id,
      // Whoever holds its path takes it next.
      ...(isHeld ? { lifo: true } : {}),
      attempts,
      backoff: { type: 'fixed', delay: 1000 },
      // Whether something is made says the store alone: a job that is over must not stand in the way of the next.
      removeOnComplete: true,
      removeOnFail: true,
    });
    if (isHeld) await this.#paths.noteGiven(parentKey);
  }

  /** Somebody else may want it too: it then puts it back. What a worker has in hand it finishes. */
  #withdraw(id: string): void {
    this.#queue.remove(id).catch(() => {});
  }

  /** What is next heard of a run; nothing for a while means to look all the same. */
  #next(id: string): Promise<News> {
    return new Promise((resolve) => {
      const lookMs = lookEveryMs * Math.max(1, this.#wake.size / looksAtOnce);
      const timer = setTimeout(() => resolve({ kind: 'silence' }), lookMs).unref();
      this.#wake.set(id, (news) => {
        clearTimeout(timer);
        resolve(news);
      });
    });
  }

  #look(): void {
    const { patienceMs = usualPatienceMs, address, onNote } = this.#options;
    const silentMs = performance.now() - this.#heardAt;
    if (silentMs > Math.min(silenceMs, patienceMs / 3) && !this.#silenceIsTold) {
      this.#silenceIsTold = true;
      onNote(`The farm's queue at ${address.place} does not answer. What was finished is kept, and it is waited for.`);
    }
    if (silentMs > patienceMs)
      this.#lifeline.die(
        new ThroughlineError(
          'farm',
          `The farm's queue at ${address.place} has not answered for ${Math.round(patienceMs / 1000)} seconds.`,
          this.#advice.gone,
        ),
      );
    if (this.#redis.status !== 'ready') return;
    countWorkers(this.#redis, address.prefix).then(
      (count) => {
        this.#workersSeen = count;
        this.#heardAt = performance.now();
        if (this.#silenceIsTold) onNote(`The farm's queue at ${address.place} answers again.`);
        this.#silenceIsTold = false;
      },
      () => {},
    );
  }

  async #close(): Promise<void> {
    clearInterval(this.#ping);
    this.#lifeline.die(new CancelledError('This work'));
    // A server that is away must not keep us.
    if (this.#redis.status === 'ready') await Promise.allSettled([this.#queue.close(), this.#events.close()]);
    else {
      this.#queue.disconnect().catch(() => {});
      this.#events.disconnect?.().catch(() => {});
    }
    this.#redis.disconnect();
  }
}

function failed(reason: string): ThroughlineError {
  return new ThroughlineError(
    'farm',
    `The farm could not make a chunk: ${cutText(reason, 400)}`,
    'What was finished is kept.',
  );
}

function lost(place: string): ThroughlineError {
  return new ThroughlineError(
    'farm',
    `A run left the queue ${mostLosses} times, and its chunks are not in ${place}.`,
    'Do all workers use the same store?',
  );
}
