import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRouterClient, type RouterClient } from '@orpc/server';
import { onTestFinished, vi } from 'vitest';
import { EngineClient, type EngineOptions } from '../../src/main/engine/client.ts';
import type { ChunkRequest } from '../../src/main/studio/generation/chunk-engine.ts';
import type { StudioEngine } from '../../src/main/studio/generation/engine-run.ts';
import { createRouter } from '../../src/main/studio/router.ts';
import { Studio, type StudioOptions } from '../../src/main/studio/studio.ts';
import type { ChunkSummary, Job, ProjectState, QueueState, StudioEvent } from '../../src/shared/api/types.ts';
import type { ProjectShot, Take } from '../../src/shared/project/document.ts';
import { type NamingApi, namingApi } from '../naming-api.ts';
import { newShot } from './studio-options.ts';

export { newShot, studioOptions, tinyModel } from './studio-options.ts';

// Seconds of work; a machine that does other things as well may take minutes.
vi.setConfig({ testTimeout: 150_000 });

export type StudioApi = NamingApi<RouterClient<ReturnType<typeof createRouter>>>;

export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-studio-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A studio, its API without a wire, and what its events said so far. */
export class TestWindow {
  readonly studio: Studio;
  readonly api: StudioApi;
  readonly chunks = new Map<string, ChunkSummary>();
  readonly events: StudioEvent[] = [];
  project: ProjectState | null = null;
  takes: readonly Take[] = [];
  queue: QueueState = { paused: false, jobs: [] };
  readonly #waiting = new Set<() => void>();
  readonly #end = new AbortController();

  constructor(options: StudioOptions) {
    this.studio = new Studio(options);
    // Not from the events, which come later than answers: a test acts at once on what it was told.
    this.api = namingApi(
      createRouterClient(createRouter(this.studio)),
      () => this.studio.projects.current?.project.state ?? null,
    );
    void this.#follow();
    onTestFinished(() => this.close());
  }

  async close(): Promise<void> {
    this.#end.abort();
    await this.studio.dispose();
  }

  /** Resolves once `condition` holds; it is asked after every event. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }

  job(id: string | null): Job | undefined {
    return this.queue.jobs.find((job) => job.id === id);
  }

  /** Generates shots and waits until that is over. */
  async generate(...shotIds: string[]): Promise<Job | undefined> {
    const { jobId } = await this.api.queue.generate({ shotIds });
    await this.until(() => ['done', 'failed', 'cancelled'].includes(this.job(jobId)?.state ?? (jobId ? '' : 'done')));
    return this.job(jobId);
  }

  async add(parent: string | null, prompt: string, chunks: number, more: Partial<ProjectShot> = {}): Promise<string> {
    const shot = newShot(prompt, chunks, more);
    await this.api.document.apply({ commands: [{ type: 'add-shot', parent, shot }], gesture: null });
    return shot.id;
  }

  async #follow(): Promise<void> {
    for await (const event of this.studio.events(this.#end.signal)) {
      this.events.push(event);
      if (event.type === 'project') {
        if (event.project?.id !== this.project?.id) this.chunks.clear();
        this.project = event.project;
      }
      if (event.type === 'chunks') {
        for (const key of event.removed) this.chunks.delete(key);
        for (const chunk of event.added) this.chunks.set(chunk.key, chunk);
      }
      if (event.type === 'takes') this.takes = event.takes;
      if (event.type === 'queue') this.queue = event.queue;
      for (const wake of this.#waiting) wake();
      this.#waiting.clear();
    }
  }
}

/** Engines on the tiny model, whose requests are counted. */
export class CountedEngines {
  readonly requests: ChunkRequest[] = [];
  readonly running: EngineClient[] = [];

  readonly start = async (options: EngineOptions): Promise<StudioEngine> => {
    const engine = await EngineClient.start({ ...options, threads: 1 });
    this.running.push(engine);
    const { requests } = this;
    return {
      info: engine.info,
      renderChunk: (request, run) => {
        requests.push(request);
        return engine.renderChunk(request, run);
      },
      decode: (...call) => engine.decode(...call),
      usage: () => engine.usage(),
      dispose: () => engine.dispose(),
    };
  };

  /** Places in their stories of the chunks asked for since the last call. */
  take(): number[] {
    return this.requests.splice(0).map(({ recipe }) => recipe.chunkIndex);
  }
}
