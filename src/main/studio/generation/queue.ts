import { nanoid } from 'nanoid';
import type { Job, MakingNow, QueueState as ShownQueue } from '../../../shared/api/types.ts';
import { ThroughlineError } from '../../../shared/errors.ts';
import { memoryChoice } from '../../../shared/memories/index.ts';
import type { PolicyName } from '../../../shared/memory-settings.ts';
import type { ShotId } from '../../../shared/project/document.ts';
import { findShot, shotTitle } from '../../../shared/project/tree.ts';
import type { ChunkPhase, ModelInfo } from '../../../shared/render.ts';
import type { StoryModel } from '../../../shared/story-model.ts';
import type { EventHub } from '../event-hub.ts';
import { requireStoryModel } from '../models/story-model.ts';
import type { OpenProject } from '../project/open-project.ts';
import { isCancelled, shownError } from '../shown-error.ts';
import type { EngineKeeper } from './engine-keeper.ts';
import { JobSaver } from './job-saver.ts';
import { makeWanted } from './make-wanted.ts';
import { missingChunks, type WantedChunk, wholeShots } from './missing-chunks.ts';
import {
  type AttemptFailure,
  isFinished,
  liveAttempt,
  type QueuedJob,
  type QueueEvent,
  type QueueState,
  queueOf,
  reduceQueue,
} from './queue-state.ts';
import { roundOf, roundOfAll } from './round.ts';
import { RoundWatch } from './round-watch.ts';
import { parseJobs, storedJobs } from './stored-jobs.ts';
import { TimeLeft } from './time-left.ts';
import type { Workplace, Workplaces } from './workplace.ts';

/** So long, in milliseconds, a step may take to end before the engine is killed. */
const patienceMs = 5000;

/**
 * The work of one project: what is missing of some shots, a round at a time. What is missing is asked again before every
 * round, which is one chunk on this machine, and ends when an edit changes what is missing; so an edit made meanwhile counts.
 * On a farm a round is all that is missing of all jobs, so that those behind the first need not wait for its last chunk. A job
 * moves on only after its chunk is committed, so a kill at any moment costs the chunk at hand and nothing else. What becomes
 * of jobs stands in queue-state.ts; here they are worked on.
 */
export class Queue {
  readonly #project: OpenProject;
  readonly #keeper: EngineKeeper;
  readonly #hub: EventHub;
  readonly #workplaces: Workplaces;
  readonly #named: (model: ModelInfo) => Promise<StoryModel>;
  readonly #times = new TimeLeft();
  #state: QueueState;
  /** Ends the attempt under way. */
  #controller: AbortController | null = null;
  /** Ends the round under way, where it is of more than one chunk. */
  #round: AbortController | null = null;
  readonly #idleWaiters: (() => void)[] = [];
  readonly #saver: JobSaver;

  /** @param named how a story names a model: the first chunk says which one it is made with */
  constructor(
    project: OpenProject,
    keeper: EngineKeeper,
    hub: EventHub,
    workplaces: Workplaces,
    named: (model: ModelInfo) => Promise<StoryModel>,
  ) {
    this.#named = named;
    this.#workplaces = workplaces;
    this.#project = project;
    this.#keeper = keeper;
    this.#hub = hub;
    this.#saver = new JobSaver(() => project.saveJobs(storedJobs(this.#state.jobs)), hub);
    this.#state = queueOf(parseJobs(project.leftJobs.jobs), project.leftJobs.paused);
  }

  /** Begins to work on what was left. */
  async start(): Promise<void> {
    const usage = await this.#project.store.usage().catch(() => null); // times are only help
    this.#times.seed(usage?.recentElapsedMs ?? []);
    if (this.#state.paused) {
      this.#hub.notice(
        'info',
        'Generation was interrupted. Everything that was finished is kept.',
        'Resume the queue to go on.',
      );
    }
    this.#dispatch({ type: 'released' });
  }

  get state(): ShownQueue {
    return { paused: this.#state.paused, jobs: this.#state.jobs.map((job) => this.#shown(job)) };
  }

  /** Seconds that `chunks` more chunks would take; null before any has been made. */
  secondsFor(chunks: number): number | null {
    return this.#times.secondsFor(chunks);
  }

  /** Chunks take another time from now on. */
  forgetTimes(): void {
    this.#times.forget();
  }

  /**
   * Queues what is missing of these shots and of everything before them.
   * @param policy as if every shot remembered in this way
   * @returns null where nothing is missing
   * @throws ThroughlineError if a shot cannot be generated, the model cannot be loaded, or the project was left meanwhile
   */
  async generate(shotIds: readonly ShotId[], policy?: PolicyName): Promise<string | null> {
    const project = this.#project;
    project.requireWritable();
    const model = await this.#keeper.ready();
    requireStoryModel(project, model);
    await project.prepare(model, policy);
    const { document } = project;
    const missing = missingChunks(project, model, shotIds, 'report', policy);
    const chunksTotal = missing.length;
    await project.made.listTakes(wholeShots(document, project.plan(model, policy), shotIds, project.chunks));
    if (chunksTotal === 0) return null;
    const same = this.#state.jobs.find(
      (job) => !isFinished(job) && job.policy === policy && sameIds(job.shotIds, shotIds),
    );
    if (same) return same.id;
    if (this.#state.closed) {
      throw new ThroughlineError(
        'other-project',
        `"${document.title}" was closed before generating could begin.`,
        'Open it again to generate there.',
      );
    }
    const [only] = shotIds;
    const shots = shotIds.length === 1 ? shotTitle(findShot(document, only as ShotId)) : `${shotIds.length} shots`;
    const job: QueuedJob = {
      id: nanoid(),
      title: policy === undefined ? shots : `${memoryChoice({ ...model.memory, policy }).name}: ${shots}`,
      shotIds: [...shotIds],
      ...(policy === undefined ? {} : { policy }),
      ...{ state: 'waiting', chunksDone: 0, chunksTotal, error: null },
      queuedAt: new Date().toISOString(),
    };
    await this.#asked({ type: 'added', job });
    return job.id;
  }

  /** Stops after the chunk at hand. */
  async pause(): Promise<void> {
    await this.#asked({ type: 'paused' });
    await this.#project.setQueuePaused(true);
  }

  async resume(): Promise<void> {
    await this.#asked({ type: 'resumed' });
    await this.#project.setQueuePaused(false);
  }

  /** Stops a job, within one denoising step where it is being worked on. */
  async cancel(jobId: string): Promise<void> {
    this.#find(jobId);
    await this.#asked({ type: 'cancelled', jobId });
  }

  async retry(jobId: string): Promise<void> {
    this.#find(jobId);
    await this.#asked({ type: 'retried', jobId });
  }

  /** Takes a finished job off the list, or a waiting one out of the queue. */
  async dismiss(jobId: string): Promise<void> {
    this.#find(jobId);
    await this.#asked({ type: 'dismissed', jobId });
  }

  /** Jobs named come first, in that order. */
  async reorder(jobIds: readonly string[]): Promise<void> {
    await this.#asked({ type: 'reordered', jobIds });
  }

  /**
   * Drops the chunk at hand and stands still while `work` is done, then goes on: other settings, another file. Several
   * at a time are well; what a person asks meanwhile holds afterwards.
   */
  async interrupt<T>(work: () => Promise<T>): Promise<T> {
    this.#dispatch({ type: 'held' });
    try {
      await this.#idle();
      return await work();
    } finally {
      this.#dispatch({ type: 'released' });
    }
  }

  /** Nothing is begun any more: the project is left. The jobs go on when it is opened again. Idempotent. */
  end(): void {
    this.#dispatch({ type: 'closed' });
  }

  /** Whether no job is left to be written, at this very moment. */
  get isSaved(): boolean {
    return this.#saver.isDone;
  }

  /** Waits until the jobs are written, as far as they can be. */
  saved(): Promise<void> {
    return this.#saver.settled();
  }

  /** Waits until nothing of an attempt goes on any more. An engine that does not end its step is killed. */
  async #idle(): Promise<void> {
    if (!this.#state.attempt) return;
    const patience = setTimeout(() => void this.#keeper.kill(), patienceMs);
    while (this.#state.attempt) await new Promise<void>((resolve) => this.#idleWaiters.push(resolve));
    clearTimeout(patience);
  }

  /** What a person asks for: done once it is written. */
  async #asked(event: QueueEvent): Promise<void> {
    this.#dispatch(event);
    await this.saved();
  }

  #dispatch(event: QueueEvent): void {
    const before = this.#state;
    const after = reduceQueue(before, event);
    if (after === before) return;
    this.#state = after;
    if (after.attempt?.stopping) this.#controller?.abort();
    if (after.paused) this.#round?.abort();
    if (after.attempt && after.attempt.id !== before.attempt?.id) void this.#work(after.attempt.id);
    if (!after.attempt) for (const wake of this.#idleWaiters.splice(0)) wake();
    this.#publish();
    if (after.jobs !== before.jobs) this.#saver.changed();
  }

  /** Works on the job of an attempt until that is over, or is to end. */
  async #work(attempt: number): Promise<void> {
    const controller = new AbortController();
    this.#controller = controller;
    let place: Workplace | null = null;
    await Promise.resolve(); // so that whoever began it has finished what it does
    try {
      while (true) {
        const model = await this.#keeper.ready(controller.signal);
        if (!this.#goesOn(attempt)) return;
        await this.#project.setModel(model);
        requireStoryModel(this.#project, model);
        const policy = this.#goesOn(attempt)?.policy;
        await this.#project.prepare(model, policy);
        const job = this.#goesOn(attempt);
        if (!job) return;
        const missing = missingChunks(this.#project, model, job.shotIds, 'report', policy);
        this.#dispatch({ type: 'planned', attempt, missing: missing.length });
        if (missing.length === 0 || !this.#goesOn(attempt)) return;
        place ??= await this.#workplaces.open(model, this.#project, controller.signal);
        if (!this.#goesOn(attempt)) return;
        await this.#make(attempt, missing, place, model, controller.signal);
        if (!this.#goesOn(attempt)) return;
      }
    } catch (error) {
      this.#failed(attempt, error);
    } finally {
      await place?.dispose();
      if (this.#controller === controller) this.#controller = null;
      this.#dispatch({ type: 'attempt-ended', attempt });
    }
  }

  /** The job of an attempt; null once that is to end. */
  #goesOn(attempt: number): QueuedJob | null {
    const live = liveAttempt(this.#state);
    return (live?.id === attempt && this.#state.jobs.find(({ id }) => id === live.jobId)) || null;
  }

  /** Has made what the place takes at a time of what is missing; less, once that is no longer what is wanted. */
  async #make(
    attempt: number,
    missing: readonly WantedChunk[],
    place: Workplace,
    model: ModelInfo,
    signal: AbortSignal,
  ): Promise<void> {
    const job = this.#goesOn(attempt) as QueuedJob;
    const isBig = place.ahead > 1;
    const jobs = (): readonly QueuedJob[] => {
      const now = this.#goesOn(attempt);
      return now ? [now, ...this.#behind()] : [];
    };
    const watch = isBig ? new RoundWatch(this.#project, model, jobs) : null;
    const { wanted, jobsOf } = isBig
      ? await roundOfAll(this.#project, model, jobs())
      : roundOf(job, missing.slice(0, place.ahead));
    const left = new Map(wanted.map((one) => [one.chunk.key, one]));
    const isOwn = (key: string): boolean => left.has(key) && jobsOf.get(key)?.includes(job.id) === true;
    const round = new AbortController();
    const told = (phases: Iterable<readonly [string, ChunkPhase]>): void =>
      this.#dispatch({
        ...{ type: 'making', attempt },
        making: makingOf(
          [...phases].filter(([key]) => isOwn(key)),
          left,
        ),
      });
    const onPreview = (key: string, step: number, image: string): void => {
      if (left.has(key)) this.#hub.publish({ type: 'preview', chunkKey: key, step, image });
    };
    const unlisten = place.follow?.({ onMaking: told, onPreview });
    const unwatch = watch?.begin(round, left);
    if (isBig) this.#round = round;
    if (isBig && this.#state.paused) round.abort(); // it was paused before there was a round to end
    this.#times.begin();
    try {
      await makeWanted({
        ...{ wanted, place, project: this.#project, model, engines: this.#keeper },
        signal: AbortSignal.any([signal, round.signal]),
        onPhase: ({ chunk }, phase) => told([[chunk.key, phase]]),
        onPreview,
        onMade: ({ chunk: { key } }) => {
          left.delete(key);
          this.#times.end();
          if (left.size > 0) this.#times.begin();
          this.#dispatch({ type: 'chunk-done', attempt, chunkKey: key, jobIds: jobsOf.get(key) ?? [] });
          // The others have a round of their own now. What is in hand is found by it.
          if (left.size > 0 && ![...left.keys()].some(isOwn)) round.abort();
          if (this.#project.document.model === null)
            void this.#named(model).then((named) => this.#project.nameModel(named));
        },
      });
    } catch (error) {
      // Only the round was to end: what is missing is asked again.
      if (!(round.signal.aborted && !signal.aborted && isCancelled(error))) throw error;
    } finally {
      unwatch?.();
      unlisten?.();
      if (this.#round === round) this.#round = null;
      left.clear();
    }
  }

  /** Jobs that wait their turn. */
  #behind(): QueuedJob[] {
    return this.#state.jobs.filter(({ state }) => state === 'waiting');
  }

  #failed(attempt: number, error: unknown): void {
    if (!this.#goesOn(attempt)) return; // it was ended on purpose, or is beyond help
    this.#dispatch({ type: 'attempt-failed', attempt, failure: this.#failureOf(error) });
  }

  #failureOf(error: unknown): AttemptFailure {
    if (isCancelled(error)) return { kind: 'cancelled' };
    const died = error instanceof ThroughlineError && error.code === 'engine-died';
    if (!died || !this.#keeper.mayRestart) return { kind: 'failed', error: shownError(error) };
    this.#hub.notice('warning', `${error.message} It is started again.`, 'Everything that was finished is kept.');
    return { kind: 'again' };
  }

  #find(id: string): QueuedJob {
    const job = this.#state.jobs.find((candidate) => candidate.id === id);
    if (!job) throw new ThroughlineError('bad-input', 'This job is no longer in the queue.', '');
    return job;
  }

  #shown(job: QueuedJob): Job {
    const live = liveAttempt(this.#state);
    const [now = null, ...besides] = live?.jobId === job.id ? live.making : [];
    const left = isFinished(job) ? null : this.#times.secondsLeft(job.chunksTotal - job.chunksDone, now !== null);
    return { ...job, now, ...(besides.length > 0 ? { besides } : {}), secondsLeft: left };
  }

  #publish(): void {
    this.#hub.publish({ type: 'queue', queue: this.state });
  }
}

function makingOf(
  phases: Iterable<readonly [string, ChunkPhase]>,
  wanted: ReadonlyMap<string, WantedChunk>,
): MakingNow[] {
  return [...phases].flatMap(([chunkKey, phase]): MakingNow[] => {
    const one = wanted.get(chunkKey);
    return one ? [{ shotId: one.shotId, chunkKey, indexInShot: one.chunk.indexInShot, phase }] : [];
  });
}

function sameIds(a: readonly ShotId[], b: readonly ShotId[]): boolean {
  if (a.length !== b.length) return false;
  const ids = new Set(b);
  return a.every((id) => ids.has(id));
}
