import { basename } from 'node:path';
import type { ExportState, ProjectState, QueueState, StudioEvent } from '../../shared/api/types.ts';
import type { Studio } from '../studio/studio.ts';

/** What the desktop host shows outside the page, kept up to date from the studio's events. */
export class StudioWatch {
  readonly #end = new AbortController();
  readonly #exports = new Map<string, ExportState>();
  #project: ProjectState | null = null;
  #queue: QueueState = { paused: false, jobs: [] };

  /** @param onChange called after each change */
  constructor(studio: Pick<Studio, 'events'>, onChange: () => void) {
    void this.#follow(studio.events(this.#end.signal), onChange);
  }

  get project(): ProjectState | null {
    return this.#project;
  }

  /** Whether something is being generated or exported now. */
  get isBusy(): boolean {
    return this.#running !== undefined || this.#exporting !== undefined;
  }

  /** 0 to 1 of what is being made; null while nothing is. */
  get progress(): number | null {
    const job = this.#running;
    if (job) return job.chunksTotal === 0 ? 0 : job.chunksDone / job.chunksTotal;
    return this.#exporting?.fraction ?? null;
  }

  /** The window's title. */
  get title(): string {
    if (!this.#project) return 'Throughline';
    const { document, file } = this.#project;
    return `${document.title.trim() || basename(file, '.throughline')} - Throughline`;
  }

  /** Idempotent. */
  dispose(): void {
    this.#end.abort();
  }

  get #running() {
    return this.#queue.jobs.find(({ state }) => state === 'running');
  }

  get #exporting() {
    return [...this.#exports.values()].find(({ state }) => state === 'running');
  }

  async #follow(events: AsyncIterable<StudioEvent>, onChange: () => void): Promise<void> {
    for await (const event of events) {
      if (this.#end.signal.aborted) return;
      if (event.type === 'project') this.#project = event.project;
      else if (event.type === 'queue') this.#queue = event.queue;
      else if (event.type === 'export') this.#exports.set(event.export.id, event.export);
      else if (event.type !== 'settings') continue;
      onChange();
    }
  }
}
