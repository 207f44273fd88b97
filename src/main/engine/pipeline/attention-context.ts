import type { FrameRef } from '../memory/memory-state.ts';
import type { ContextPlan } from '../memory/policy.ts';
import { geometryOf, type ModelConfig } from '../model/config.ts';
import type { DeviceTensor } from '../runtime/device-tensor.ts';
import { type Feed, hostFloats, hostInts } from '../runtime/graph.ts';
import type { ContextTensors } from './memory-host.ts';
import type { ModelGraphs } from './model-graphs.ts';
import type { Page, PageStore } from './page-store.ts';

/** A frame in the context, and its time index for RoPE; null where the stored keys are roped already. */
interface PlacedFrame {
  readonly ref: FrameRef;
  readonly time: number | null;
}

/** The context of one chunk, ready to be fed to the DiT graph; the same for its denoising steps and its commit. */
export class AttentionContext {
  readonly kind: 'dense' | 'sparse';
  readonly feeds: Readonly<Record<string, Feed>>;
  /** Per layer, the frames that may be activated; null where the policy selects nothing. */
  readonly pool: readonly (readonly number[])[] | null;
  /** Per layer, the frames whose keys lie in it, in their order; null where they are not all whole frames, or heads choose among them. */
  readonly frames: readonly (readonly number[])[] | null;
  /** Whole frames in it; 0 where a module made it. What attends to it stands in the slots after them. */
  readonly length: number;
  readonly #owned: readonly DeviceTensor[];

  private constructor(
    kind: 'dense' | 'sparse',
    feeds: Record<string, Feed>,
    owned: readonly DeviceTensor[],
    pool: readonly (readonly number[])[] | null,
    frames: readonly (readonly number[])[] | null,
    length: number,
  ) {
    this.kind = kind;
    this.feeds = feeds;
    this.#owned = owned;
    this.pool = pool;
    this.frames = frames;
    this.length = length;
  }

  /**
   * Gathers, ropes and joins the planned pages, all layers in one run.
   * @param firstFrame of the chunk that will attend to them: relative places count back from it
   */
  static async assemble(
    graphs: ModelGraphs,
    pages: PageStore,
    plan: ContextPlan,
    firstFrame: number,
  ): Promise<AttentionContext> {
    const { dit } = graphs.config;
    const place = placer(graphs, plan, firstFrame);
    const sink = plan.sink.map((ref, i) => place('sink', ref, i));
    const window = plan.window.map((ref, i) => place('window', ref, i));
    const banks = plan.bank.map((refs) => refs.map((ref, i) => place('bank', ref, i)));
    const pools = plan.activation?.pool === 'sink+bank' ? banks.map((bank) => [...sink, ...bank]) : banks;
    const poolSize = pools[0]?.length ?? 0;
    const sparse = plan.activation !== null && poolSize > plan.activation.count;
    const always = plan.activation?.pool === 'sink+bank' ? window : [...sink, ...window];
    // Layers may remember different frames, but as many, at the same places in time.
    const context = sparse ? pools.map(() => always) : pools.map((pool) => [...pool, ...always]);
    const owned = await join(graphs, pages, context, sparse ? pools : context.map(() => []));
    const feeds: Record<string, Feed> = { ...owned };
    if (context[0]?.length === 0) Object.assign(feeds, emptyContexts(graphs));
    if (sparse && plan.activation) {
      feeds.pool_rows = hostFloats(
        Float32Array.from({ length: dit.heads * poolSize }, (_, i) => i),
        [dit.heads, poolSize],
      );
      feeds.activated_count = hostInts([plan.activation.count]);
    }
    const poolFrames = plan.activation ? pools.map((pool) => pool.map(({ ref }) => ref.frame)) : null;
    const frames = sparse ? null : context.map((placed) => placed.map(({ ref }) => ref.frame));
    const length = (banks[0]?.length ?? 0) + sink.length + window.length;
    return new AttentionContext(sparse ? 'sparse' : 'dense', feeds, Object.values(owned), poolFrames, frames, length);
  }

  /** What a module made itself, in parts; without frames, where it had none to look back on. They are owned from here on. */
  static made(graphs: ModelGraphs, parts: readonly ContextTensors[]): AttentionContext {
    const feeds: Record<string, Feed> = Object.assign(emptyContexts(graphs), ...parts.map((part) => part.feeds));
    return new AttentionContext(
      'dense',
      feeds,
      parts.flatMap((part) => Object.values(part.feeds)),
      null,
      null,
      0,
    );
  }

  dispose(): void {
    for (const tensor of this.#owned) tensor.dispose();
  }
}

/**
 * Time indices of a pass's own frames, for RoPE.
 * @param context that they attend to; null where it holds no frames
 */
export function ownTimes(
  graphs: ModelGraphs,
  firstFrame: number,
  count: number,
  chunkFirstFrame: number,
  context: Pick<AttentionContext, 'length'> | null,
): number[] {
  const start = firstTime(graphs.config.memory.positions, firstFrame, chunkFirstFrame, context?.length ?? 0);
  return Array.from({ length: count }, (_, i) => start + i);
}

function firstTime(
  positions: ModelConfig['memory']['positions'],
  firstFrame: number,
  chunkFirstFrame: number,
  slots: number,
): number {
  switch (positions.kind) {
    case 'absolute':
      return firstFrame;
    case 'relative':
      return positions.current - (chunkFirstFrame - firstFrame);
    case 'slots':
      return slots;
  }
}

/** @returns places a frame, the i-th of its kind in the plan */
function placer(
  graphs: ModelGraphs,
  plan: Pick<ContextPlan, 'sink' | 'bank'>,
  firstFrame: number,
): (kind: 'sink' | 'bank' | 'window', ref: FrameRef, i: number) => PlacedFrame {
  const { positions } = graphs.config.memory;
  if (positions.kind === 'absolute') return (_kind, ref) => ({ ref, time: null });
  if (positions.kind === 'slots') {
    const bank = plan.sink.length;
    const first = { sink: 0, bank, window: bank + (plan.bank[0]?.length ?? 0) };
    return (kind, ref, i) => ({ ref, time: first[kind] + i });
  }
  const time = {
    sink: (f: number) => positions.sink + f,
    bank: () => positions.bank,
    window: (f: number) => positions.current - (firstFrame - f),
  };
  return (kind, ref) => ({ ref, time: time[kind](ref.frame) });
}

/**
 * @param context,pool per layer, as many frames in each; either may be empty
 * @returns the feeds of the DiT graph, owned by the caller
 */
async function join(
  graphs: ModelGraphs,
  pages: PageStore,
  context: readonly (readonly PlacedFrame[])[],
  pool: readonly (readonly PlacedFrame[])[],
): Promise<Record<string, DeviceTensor>> {
  const [first = [], firstOfPool = []] = [context[0], pool[0]];
  if (first.length + firstOfPool.length === 0) return {};
  const asked = (frames: readonly PlacedFrame[], layer: number) => frames.map(({ ref }) => ({ ...ref, layer }));
  await pages.bring([...context.flatMap(asked), ...pool.flatMap(asked)]);
  const graph = await graphs.assemble({ context: first.length, pool: firstOfPool.length });
  const feeds: Record<string, Feed> = { ...placeFeeds(graphs, '', first), ...placeFeeds(graphs, 'pool_', firstOfPool) };
  for (const [layer, frames] of context.entries()) {
    for (const [i, { ref }] of [...frames, ...(pool[layer] ?? [])].entries()) {
      const page: Page = pages.get(ref, layer);
      feeds[`k.${layer}.${i}`] = page.k;
      feeds[`v.${layer}.${i}`] = page.v;
    }
  }
  return graph.run(feeds, graph.outputNames);
}

function placeFeeds(graphs: ModelGraphs, prefix: string, frames: readonly PlacedFrame[]): Record<string, Feed> {
  const times = frames.flatMap(({ time }) => (time === null ? [] : [time]));
  if (times.length === 0) return {};
  const { cos, sin } = ropeFeeds(graphs, times);
  return { [`${prefix}cos`]: cos, [`${prefix}sin`]: sin };
}

/** `cos` and `sin` for whole frames at the given times. */
export function ropeFeeds(graphs: ModelGraphs, times: readonly number[]): { cos: Feed; sin: Feed } {
  const geometry = geometryOf(graphs.config);
  const table = graphs.rope.of(times);
  const dims = [times.length * geometry.tokens, geometry.headDim / 2];
  return { cos: hostFloats(table.cos, dims), sin: hostFloats(table.sin, dims) };
}

function emptyContexts(graphs: ModelGraphs): Record<string, Feed> {
  const { heads, layers } = graphs.config.dit;
  const empty = (): Feed => hostFloats(new Float32Array(0), [1, heads, 0, geometryOf(graphs.config).headDim]);
  return Object.fromEntries(
    Array.from({ length: layers }, (_, layer) => [
      [`ctx_k.${layer}`, empty()],
      [`ctx_v.${layer}`, empty()],
    ]).flat(),
  );
}
