import type { MemoryRecord } from '../../../shared/memory-record.ts';
import { pictureFrame } from '../../../shared/pictures.ts';
import type { ChunkRecipe } from '../../../shared/render.ts';
import type { FrameRef, MemoryState } from '../memory/memory-state.ts';
import type { AttendedShares, Scored } from '../memory/module.ts';
import type { CommitPlan, ContextPlan, FramePack } from '../memory/policy.ts';
import { geometryOf } from '../model/config.ts';
import type { AttentionContext } from './attention-context.ts';
import type { ModelGraphs } from './model-graphs.ts';
import type { PreparedPrompt } from './prompt.ts';

/** Digits kept of scores and pulls: enough for any view, small enough for every chunk. */
const keptDigits = 5;

/** Adds up which pool frames each head activated over the denoising steps. */
export class ActivationCounter {
  readonly #context: AttentionContext;
  readonly #counts: number[][][];
  readonly #steps: number;

  constructor(context: AttentionContext, heads: number, steps: number) {
    this.#context = context;
    this.#steps = steps;
    const initial = context.kind === 'sparse' ? 0 : steps;
    this.#counts = (context.pool ?? []).map((pool) => Array.from({ length: heads }, () => pool.map(() => initial)));
  }

  /** @param activated per layer, rows of the pool [heads, frames]; empty where all of the pool is attended */
  add(activated: readonly Float32Array[]): void {
    for (const [layer, picks] of activated.entries()) {
      const counts = this.#counts[layer] as number[][];
      const frames = (counts[0] as number[]).length;
      for (const row of picks) {
        const head = counts[Math.floor(row / frames)] as number[];
        head[row % frames] = (head[row % frames] as number) + 1;
      }
    }
  }

  result(): MemoryRecord['activation'] {
    const { pool } = this.#context;
    return pool && { steps: this.#steps, pool: pool.map((frames) => [...frames]), counts: this.#counts };
  }
}

/** Keeps what of each layer's attention went to which frame of the context. */
export class AttentionNote {
  readonly #frames: readonly number[] | null;
  #attended: readonly Float32Array[] = [];

  /** @param context whose layers have the same frames, where a memory tells them */
  constructor({ frames }: Pick<AttentionContext, 'frames'>) {
    this.#frames = frames?.[0] ?? null;
  }

  /** @param attended [layers][frames, the chunk's own last], as a pass tells it; none where it does not */
  take(attended: readonly Float32Array[]): void {
    if (attended.length > 0) this.#attended = attended;
  }

  /** Null where no pass told anything. */
  result(): AttendedShares | null {
    const frames = this.#frames;
    if (!frames || this.#attended.length === 0) return null;
    const shares = this.#attended.map((values) => {
      const whole = values.reduce((sum, value) => sum + value, 0);
      return frames.map((_, i) => (values[i] as number) / whole);
    });
    return { frames, shares };
  }
}

type Lap = 'retrieve' | 'recache' | 'commit';

/** Milliseconds of each phase of a chunk. */
export class Stopwatch {
  readonly laps: Record<Lap, number> = { retrieve: 0, recache: 0, commit: 0 };
  readonly steps: number[] = [];
  #last = performance.now();

  lap(name: Lap): void {
    this.laps[name] = this.#sinceLast();
  }

  step(): void {
    this.steps.push(this.#sinceLast());
  }

  #sinceLast(): number {
    const now = performance.now();
    const elapsed = now - this.#last;
    this.#last = now;
    return round(elapsed, 1);
  }
}

export interface RecordSource {
  readonly graphs: ModelGraphs;
  readonly before: MemoryState;
  readonly commit: CommitPlan;
  readonly contextPlan: ContextPlan;
  readonly candidates: readonly (readonly FrameRef[])[];
  readonly retrieval: Scored;
  readonly prompt: PreparedPrompt;
  readonly recipe: ChunkRecipe;
  readonly recached: boolean;
  readonly activation: MemoryRecord['activation'];
  readonly attended: AttendedShares | null;
  readonly watch: Stopwatch;
}

export async function buildRecord(source: RecordSource): Promise<MemoryRecord> {
  const { graphs, before, commit, contextPlan, prompt, recipe, retrieval } = source;
  const frames = (refs: readonly FrameRef[]): number[] => refs.map(({ frame }) => frame);
  const { evicted } = commit;
  const account = await retrieval.account({
    ...{ before, after: commit.state, plan: contextPlan, settings: recipe.memory, evicted },
    attended: source.attended,
  });
  const { candidates, scores } = sharedCandidates(source);
  return {
    version: 2,
    chunkIndex: recipe.chunkIndex,
    firstFrame: before.frames,
    frames: graphs.config.sampler.chunkFrames,
    prompt: recipe.prompt,
    words: prompt.words.map(({ text, known }) => ({ text, known })),
    transition: recipe.transition,
    settings: recipe.memory,
    recached: source.recached,
    sink: frames(contextPlan.sink),
    window: frames(contextPlan.window),
    bankBefore: graphs.memory.state.recalled(before).map(frames),
    bank: contextPlan.bank.map(frames),
    pictures: (recipe.pictures ?? []).map(({ asset, name }, i) => ({ frame: pictureFrame(i), asset, name })),
    candidates,
    scores: scores.map((row) => row.map((value) => round(value, keptDigits))),
    ...(contextPlan.packs ? { packs: packsTold(contextPlan.packs, graphs) } : {}),
    prototype: commit.prototype,
    evicted: account.evicted,
    ...(account.told ? { told: account.told } : {}),
    ...(account.keptBytes === undefined ? {} : { keptBytes: account.keptBytes }),
    activation: source.activation,
    pull: account.pull.map((row) => row.map((value) => round(value, keptDigits))),
    spatial: account.spatial.map((map) => ({ ...map, peak: round(map.peak, keptDigits + 2) })),
    timings: {
      retrieveMs: source.watch.laps.retrieve,
      recacheMs: source.watch.laps.recache,
      denoiseMs: source.watch.steps,
      commitMs: source.watch.laps.commit,
      decodeMs: 0,
    },
  };
}

function packsTold(packs: readonly FramePack[], { config }: ModelGraphs): MemoryRecord['packs'] {
  const { rows, columns } = geometryOf(config);
  return packs.map(({ rate, side, frames }) => ({
    rate,
    ...(side === rate ? {} : { side }),
    frames: [...new Set(frames)],
    tokens: Math.ceil(rows / side) * Math.ceil(columns / side),
  }));
}

/** One list of candidates for all layers; where layers differ (`released`), a frame a layer did not hold scores 0 there. */
function sharedCandidates({ candidates, retrieval }: RecordSource): { candidates: number[]; scores: number[][] } {
  const all = [...new Set(candidates.flatMap((refs) => refs.map(({ frame }) => frame)))].sort((a, b) => a - b);
  const scores = candidates.map((refs, layer) => {
    const places = new Map(refs.map(({ frame }, i) => [frame, i]));
    return all.map((frame) => retrieval.scores[layer]?.[places.get(frame) ?? -1] ?? 0);
  });
  return { candidates: all, scores };
}

function round(value: number, digits: number): number {
  const scale = 10 ** digits;
  return Math.round(value * scale) / scale;
}
