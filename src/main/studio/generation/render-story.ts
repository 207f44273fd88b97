import { throwIfCancelled } from '../../../shared/errors.ts';
import type { MemoryRecord } from '../../../shared/memory-record.ts';
import { type PlannedChunk, planShots, type RenderOverrides } from '../../../shared/recipes.ts';
import type { ChunkPhase } from '../../../shared/render.ts';
import type { Report, ReportChunk } from '../../../shared/report.ts';
import type { Story } from '../../../shared/story.ts';
import { chunksInRun, type MadeChunk, pathAsTree } from '../../farm/index.ts';
import type { ChunkStore, StoredChunk } from '../../persistence/index.ts';
import { Breath } from './breath.ts';
import type { ChunkEngine } from './chunk-engine.ts';
import { type Maker, makerHere, makeTree } from './make-tree.ts';

/** How long a worker should have a run in hand, in seconds. */
const secondsARun = 30;
/** Chunks whose times say how long the next will take. */
const measuredChunks = 12;

/** What happens during a render, for whoever shows it. */
export type RenderEvent =
  | { readonly kind: 'planned'; readonly chunks: readonly PlannedChunk[]; readonly stored: number }
  | { readonly kind: 'phase'; readonly chunk: PlannedChunk; readonly phase: ChunkPhase }
  | {
      readonly kind: 'finished';
      readonly chunk: PlannedChunk;
      readonly source: ReportChunk['source'];
      readonly wallMs: number;
    };

/** A finished chunk on its way into the film. */
export interface FilmChunk {
  readonly plan: PlannedChunk;
  /** RGB, [frameCount, height, width, 3], 0..255. Valid until the promise that took it settles. */
  readonly frames: Uint8Array;
  readonly frameCount: number;
}

export interface RenderStoryOptions {
  readonly story: Story;
  /** Plans, and decodes what is stored. */
  readonly engine: ChunkEngine;
  /** Who makes chunks: `engine` unless said otherwise. */
  readonly maker?: Maker;
  /** Where finished chunks are found and put; stays the caller's. */
  readonly store: ChunkStore;
  readonly overrides?: RenderOverrides;
  /** Takes the chunks of the film in order, one at a time. */
  readonly onChunk: (chunk: FilmChunk) => Promise<void>;
  readonly onEvent?: (event: RenderEvent) => void;
  readonly signal?: AbortSignal;
}

/**
 * Renders a story from its first chunk to its last. Chunks in the store are decoded, the others made and put there
 * before anything else happens to them: a run that is stopped anywhere loses at most the chunk at hand.
 *
 * Throws CancelledError once `signal` is aborted, `bad-story`/`bad-input` before any work if the story cannot be
 * planned, and whatever the engine, the store or `onChunk` throw.
 */
export async function renderStory(options: RenderStoryOptions): Promise<Report> {
  const breath = new Breath(options.signal, 'The render');
  const plan: PlannedChunk[] = [];
  for (const shot of planShots(options.story, options.engine.info, options.overrides)) {
    plan.push(...shot);
    await breath.take();
  }
  return new StoryRun(options, plan).render(breath);
}

class StoryRun {
  readonly #options: RenderStoryOptions;
  readonly #plan: readonly PlannedChunk[];
  /** Index in the plan of each key. */
  readonly #places: ReadonlyMap<string, number>;
  /** Of the plan's chunks, whether each is in the store as it was written. */
  readonly #present: boolean[] = [];
  readonly #chunks: ReportChunk[] = [];
  readonly #startedAt = new Date();
  readonly #started = performance.now();

  constructor(options: RenderStoryOptions, plan: readonly PlannedChunk[]) {
    this.#options = options;
    this.#plan = plan;
    this.#places = new Map(plan.map(({ key }, index) => [key, index]));
  }

  async render(breath: Breath): Promise<Report> {
    const { store } = this.#options;
    const present = this.#present;
    for (const { key } of this.#plan) {
      // What was altered on the disk is made again.
      present.push(store.isWhole(key));
      await breath.take();
    }
    store.touch(this.#plan.map((chunk) => chunk.key));
    this.#emit({ kind: 'planned', chunks: this.#plan, stored: present.filter(Boolean).length });
    let index = 0;
    while (index < this.#plan.length) {
      this.#checkCancelled();
      if (present[index]) {
        let end = index;
        while (present[end]) end++;
        await this.#decodeStored(index, end);
        index = end;
      } else {
        let end = index;
        while (end < this.#plan.length && !present[end]) end++;
        await this.#make(index, end);
        index = end;
      }
    }
    return this.#report();
  }

  /** Brings chunks [first, end) of the plan, all of them stored, into the film. */
  async #decodeStored(first: number, end: number, source: ReportChunk['source'] = 'stored'): Promise<void> {
    const { engine, store, signal } = this.#options;
    // The decoder is causal: it starts at the root, whatever the first chunk wanted is.
    const latents = this.#plan.slice(0, end).map((chunk) => store.latents(chunk.key));
    let started = performance.now();
    await engine.decode(
      latents,
      async (index, frames, frameCount) => {
        const plan = this.#plan[index];
        if (index < first || !plan) return;
        const { record, device, elapsedMs } = this.#stored(plan);
        const wallMs = source === 'made' ? elapsedMs : performance.now() - started;
        await this.#deliver(plan, frames, frameCount, { source, wallMs, device }, record);
        started = performance.now();
      },
      signal,
    );
  }

  /** Has chunks [first, end) of the plan made, none of them stored, and brings them into the film. */
  async #make(first: number, end: number): Promise<void> {
    const { engine, store, maker = makerHere(engine), signal } = this.#options;
    /** Up to here the film has its pictures. */
    let shown = first;
    const onMade = async ({ artifact, pictures }: MadeChunk): Promise<void> => {
      const { key, elapsedMs, device, record } = artifact;
      const index = this.#places.get(key) as number;
      this.#present[index] = true;
      // What comes without pictures is decoded once the whole stretch is there.
      if (!pictures || shown !== index) return;
      shown++;
      const how = { source: 'made', wallMs: elapsedMs, device } as const;
      await this.#deliver(this.#plan[index] as PlannedChunk, pictures.frames, pictures.frameCount, how, record);
    };
    await makeTree({
      tree: pathAsTree(this.#plan.slice(0, end)),
      // One that was altered on the disk is in the store, and not there.
      isThere: (key) => this.#present[this.#places.get(key) ?? -1] === true,
      ...{ store, maker, onMade },
      chunksAtMost: chunksInRun(this.#secondsAChunk(first), secondsARun),
      onPhase: (key, phase) => {
        const chunk = this.#plan[this.#places.get(key) ?? -1];
        if (chunk) this.#emit({ kind: 'phase', chunk, phase });
      },
      ...(signal ? { signal } : {}),
    });
    if (shown < end) await this.#decodeStored(shown, end, 'made');
  }

  /** What the last chunks before `index` took; null where none of them is stored. */
  #secondsAChunk(index: number): number | null {
    const times = this.#plan
      .slice(Math.max(0, index - measuredChunks), index)
      .map((chunk) => this.#stored(chunk).elapsedMs / 1000)
      .sort((a, b) => a - b);
    return times[times.length >> 1] ?? null;
  }

  async #deliver(
    plan: PlannedChunk,
    frames: Uint8Array,
    frameCount: number,
    how: Pick<ReportChunk, 'source' | 'wallMs' | 'device'>,
    memory: MemoryRecord,
  ): Promise<void> {
    this.#checkCancelled();
    await this.#options.onChunk({ plan, frames, frameCount });
    this.#chunks.push({
      key: plan.key,
      shotIndex: plan.shotIndex,
      ...how,
      seed: plan.recipe.seed,
      transition: plan.recipe.transition,
      ...this.#toldIn(plan),
      ...(plan.beginning?.reason ? { transitionReason: plan.beginning.reason } : {}),
      sampler: { kind: plan.recipe.sampler.kind, steps: [...plan.recipe.sampler.steps] },
      pixelFrames: frameCount,
      memory,
    });
    this.#emit({ kind: 'finished', chunk: plan, source: how.source, wallMs: how.wallMs });
  }

  #toldIn({ indexInShot, shotIndex, recipe: { prompt } }: PlannedChunk): Pick<ReportChunk, 'told'> {
    return indexInShot === 0 && prompt !== this.#options.story.shots[shotIndex]?.prompt ? { told: prompt } : {};
  }

  #stored(plan: PlannedChunk): StoredChunk {
    const chunk = this.#options.store.get(plan.key);
    if (!chunk) throw new Error(`chunk ${plan.recipe.chunkIndex} left the store during the render`);
    return chunk;
  }

  #report(): Report {
    const { name, digest, numericsVersion, device, kvStorage, video, tokenGrid, chunkFrames, layers, heads } =
      this.#options.engine.info;
    const made = this.#chunks.filter((chunk) => chunk.source === 'made');
    const frames = (chunks: readonly ReportChunk[]) => chunks.reduce((sum, chunk) => sum + chunk.pixelFrames, 0);
    const makingMs = made.reduce((sum, chunk) => sum + chunk.wallMs, 0);
    return {
      format: 'throughline-report',
      version: 1,
      startedAt: this.#startedAt.toISOString(),
      story: this.#options.story,
      model: { name, digest, numericsVersion, device, kvStorage, video, tokenGrid, chunkFrames, layers, heads },
      chunks: this.#chunks,
      totals: {
        made: made.length,
        stored: this.#chunks.length - made.length,
        pixelFrames: frames(this.#chunks),
        filmSec: frames(this.#chunks) / video.fps,
        wallMs: performance.now() - this.#started,
        makingMs,
        realTimeFactor: makingMs > 0 ? (frames(made) / video.fps / makingMs) * 1000 : null,
      },
    };
  }

  #emit(event: RenderEvent): void {
    this.#options.onEvent?.(event);
  }

  #checkCancelled(): void {
    throwIfCancelled(this.#options.signal, 'The render');
  }
}
