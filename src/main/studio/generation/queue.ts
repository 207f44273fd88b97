import { nanoid } from 'nanoid';
import { z } from 'zod';
import type { Job, JobState, QueueState, ShownError } from '../../../shared/api/types.ts';
import { ThroughlineError } from '../../../shared/errors.ts';
import { type ShotId, shotIdSchema } from '../../../shared/project/document.ts';
import { findShot, shotTitle } from '../../../shared/project/tree.ts';
import type { EventHub } from '../event-hub.ts';
import type { OpenProject } from '../project/open-project.ts';
import { isCancelled, shownError } from '../shown-error.ts';
import type { EngineKeeper } from './engine-keeper.ts';
import { makeChunk } from './make-chunk.ts';
import { missingChunks, type WantedChunk } from './missing-chunks.ts';
import { TimeLeft } from './time-left.ts';

/** Finished jobs that stay in the list. */
const mostFinished = 20;
/** How long a closing queue waits for a step to end before the engine is killed, in milliseconds. */
const closingTimeMs = 5000;

const storedJobSchema = z.object({
  title: z.string(),
  shotIds: z.array(shotIdSchema),
  state: z.enum(['waiting', 'running', 'paused', 'failed', 'done', 'cancelled']),
  chunksDone: z.int().min(0),
  chunksTotal: z.int().min(0),
  error: z.custom<ShownError>().nullable(),
});

interface QueuedJob extends z.infer<typeof storedJobSchema> {
  readonly id: string;
  now: Job['now'];
}

const finished: ReadonlySet<JobState> = new Set<JobState>(['done', 'failed', 'cancelled']);

/**
 * The work of one project: what is missing of some shots, one chunk at a time. What is missing is asked again before
 * every chunk, so an edit made meanwhile counts. A job moves on only after its chunk is committed, so a kill at any
 * moment costs the chunk at hand and nothing else.
 */
export class Queue {
  readonly #project: OpenProject;
  readonly #keeper: EngineKeeper;
  readonly #hub: EventHub;
  readonly #times = new TimeLeft();
  #jobs: QueuedJob[];
  #paused: boolean;
  #closed = false;
  /** Whether the last attempt to write the queue failed. */
  #unsaved = false;
  #loop: Promise<void> | null = null;
  #chunk: AbortController | null = null;

  constructor(project: OpenProject, keeper: EngineKeeper, hub: EventHub) {
    this.#project = project;
    this.#keeper = keeper;
    this.#hub = hub;
    this.#jobs = project.leftJobs.jobs.flatMap(({ id, data }) => {
      const stored = storedJobSchema.safeParse(JSON.parse(data));
      if (!stored.success) return [];
      const state = stored.data.state === 'running' || stored.data.state === 'paused' ? 'waiting' : stored.data.state;
      return [{ id, now: null, ...stored.data, state }];
    });
    this.#paused = project.leftJobs.paused && this.#jobs.some(({ state }) => state === 'waiting');
  }

  /** Begins to work on what was left. */
  async start(): Promise<void> {
    this.#times.seed((await this.#project.store.usage()).recentElapsedMs);
    if (this.#paused) {
      this.#hub.notice(
        'info',
        'Generation was interrupted. Everything that was finished is kept.',
        'Resume the queue to go on.',
      );
    }
    this.#pump();
  }

  get state(): QueueState {
    return { paused: this.#paused, jobs: this.#jobs.map((job) => this.#shown(job)) };
  }

  /** Seconds that `chunks` more chunks would take; null before any has been made. */
  secondsFor(chunks: number): number | null {
    return this.#times.secondsFor(chunks);
  }

  /**
   * Queues what is missing of these shots and of everything before them.
   * @returns null where nothing is missing
   * @throws ThroughlineError if a shot cannot be generated, or the model cannot be loaded
   */
  async generate(shotIds: readonly ShotId[]): Promise<string | null> {
    const model = await this.#keeper.ready();
    await this.#project.prepare(model);
    const { document } = this.#project;
    const chunksTotal = missingChunks(this.#project, model, shotIds, 'report').length;
    if (chunksTotal === 0) return null;
    const same = this.#jobs.find((job) => !finished.has(job.state) && sameIds(job.shotIds, shotIds));
    if (same) return same.id;
    const names = shotIds.map((id) => shotTitle(findShot(document, id)));
    const job: QueuedJob = {
      id: nanoid(),
      title: names.length === 1 ? (names[0] as string) : `${names.length} shots`,
      shotIds: [...shotIds],
      state: 'waiting',
      chunksDone: 0,
      chunksTotal,
      error: null,
      now: null,
    };
    this.#jobs.push(job);
    await this.#changed();
    this.#pump();
    return job.id;
  }

  /** Stops after the chunk at hand. */
  async pause(): Promise<void> {
    this.#paused = true;
    await this.#changed();
    await this.#project.setQueuePaused(true);
  }

  async resume(): Promise<void> {
    this.#paused = false;
    for (const job of this.#jobs) if (job.state === 'paused') job.state = 'waiting';
    await this.#changed();
    await this.#project.setQueuePaused(false);
    this.#pump();
  }

  /** Stops a job, within one denoising step where it is being worked on. */
  async cancel(id: string): Promise<void> {
    const job = this.#find(id);
    if (finished.has(job.state)) return;
    const running = job.state === 'running';
    job.state = 'cancelled';
    if (running) this.#chunk?.abort();
    await this.#changed();
  }

  async retry(id: string): Promise<void> {
    const job = this.#find(id);
    if (!finished.has(job.state)) return;
    Object.assign(job, { state: 'waiting', error: null, chunksDone: 0 });
    await this.#changed();
    this.#pump();
  }

  /** Takes a finished job off the list, or a waiting one out of the queue. */
  async dismiss(id: string): Promise<void> {
    const job = this.#find(id);
    if (job.state === 'running') await this.cancel(id);
    this.#jobs = this.#jobs.filter((other) => other !== job);
    await this.#changed();
  }

  /** Jobs named come first, in that order. */
  async reorder(ids: readonly string[]): Promise<void> {
    const named = ids.flatMap((id) => this.#jobs.find((job) => job.id === id) ?? []);
    this.#jobs = [...new Set([...named, ...this.#jobs])];
    await this.#changed();
  }

  /** Drops the chunk at hand, to begin it again once `change` is done: other settings, another model. */
  async interrupt(change: () => Promise<void>): Promise<void> {
    const wasPaused = this.#paused;
    this.#paused = true;
    this.#chunk?.abort();
    await this.#loop;
    try {
      await change();
    } finally {
      this.#paused = wasPaused;
      for (const job of this.#jobs) if (job.state === 'paused') job.state = 'waiting';
      await this.#changed();
      this.#pump();
    }
  }

  /** Stops within a denoising step; the job goes on when the project is opened again. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#chunk?.abort();
    // A step that does not end must not keep a window open.
    const patience = setTimeout(() => void this.#keeper.kill(), closingTimeMs);
    await this.#loop;
    clearTimeout(patience);
  }

  #pump(): void {
    this.#loop ??= this.#work();
  }

  async #work(): Promise<void> {
    await Promise.resolve(); // so that #loop is set before it is cleared
    try {
      while (!this.#paused && !this.#closed) {
        const job = this.#jobs.find(({ state }) => state === 'waiting');
        if (!job) return;
        job.state = 'running';
        await this.#run(job);
        job.now = null;
        this.#forgetOld();
        await this.#changed();
      }
    } finally {
      this.#loop = null;
    }
  }

  /** Works on a job until it is done, or must stop. */
  async #run(job: QueuedJob): Promise<void> {
    try {
      while (job.state === 'running') {
        const model = await this.#keeper.ready();
        await this.#project.setModel(model);
        await this.#project.prepare(model);
        const [next, ...rest] = missingChunks(this.#project, model, job.shotIds, 'report');
        if (!next) {
          job.state = 'done';
          return;
        }
        if (this.#paused || this.#closed) {
          job.state = this.#closed ? 'waiting' : 'paused';
          return;
        }
        job.chunksTotal = job.chunksDone + 1 + rest.length;
        await this.#changed();
        await this.#make(job, next);
        job.chunksDone++;
      }
    } catch (error) {
      this.#stopped(job, error);
    }
  }

  async #make(job: QueuedJob, wanted: WantedChunk): Promise<void> {
    const controller = new AbortController();
    this.#chunk = controller;
    if (job.state !== 'running' || this.#closed) controller.abort();
    this.#times.begin();
    try {
      await makeChunk({
        wanted,
        project: this.#project,
        keeper: this.#keeper,
        signal: controller.signal,
        onPhase: (phase) => {
          const { shotId, chunk } = wanted;
          job.now = { shotId, chunkKey: chunk.key, indexInShot: chunk.indexInShot, phase };
          this.#publish();
        },
        onPreview: (step, image) => {
          const late = this.#chunk !== controller;
          if (!late) this.#hub.publish({ type: 'preview', chunkKey: wanted.chunk.key, step, image });
        },
      });
      this.#times.end();
    } finally {
      this.#chunk = null;
      job.now = null;
    }
  }

  #stopped(job: QueuedJob, error: unknown): void {
    if (job.state === 'cancelled') return;
    if (isCancelled(error)) {
      job.state = this.#closed ? 'waiting' : this.#paused ? 'paused' : 'cancelled';
    } else if (error instanceof ThroughlineError && error.code === 'engine-died' && this.#keeper.mayRestart) {
      job.state = 'waiting';
      this.#hub.notice('warning', `${error.message} It is started again.`, 'Everything that was finished is kept.');
    } else {
      job.state = 'failed';
      job.error = shownError(error);
    }
  }

  #find(id: string): QueuedJob {
    const job = this.#jobs.find((candidate) => candidate.id === id);
    if (!job) throw new ThroughlineError('bad-input', 'This job is no longer in the queue.', '');
    return job;
  }

  #forgetOld(): void {
    const old = this.#jobs.filter(({ state }) => finished.has(state)).slice(0, -mostFinished);
    this.#jobs = this.#jobs.filter((job) => !old.includes(job));
  }

  #shown({ id, title, shotIds, state, chunksDone, chunksTotal, now, error }: QueuedJob): Job {
    const left = finished.has(state) ? null : this.#times.secondsLeft(chunksTotal - chunksDone, now !== null);
    return { id, title, shotIds, state, chunksDone, chunksTotal, now, secondsLeft: left, error };
  }

  /** Says what the queue is now, and writes it: what cannot be written is only gone after a restart. */
  async #changed(): Promise<void> {
    this.#publish();
    try {
      await this.#project.store.saveJobs(
        this.#jobs.map(({ id, now: _, ...data }) => ({ id, data: JSON.stringify(data) })),
      );
      this.#unsaved = false;
    } catch (error) {
      const { message, hint } = shownError(error);
      if (!this.#unsaved) this.#hub.notice('warning', `The queue was not saved: ${message}`, hint);
      this.#unsaved = true;
    }
  }

  #publish(): void {
    this.#hub.publish({ type: 'queue', queue: this.state });
  }
}

function sameIds(a: readonly ShotId[], b: readonly ShotId[]): boolean {
  return a.length === b.length && a.every((id) => b.includes(id));
}
