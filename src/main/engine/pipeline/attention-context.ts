import type { FrameRef } from '../memory/memory-state.ts';
import type { ContextPlan } from '../memory/policy.ts';
import { geometryOf } from '../model/config.ts';
import type { DeviceTensor } from '../runtime/device-tensor.ts';
import { type Feed, hostFloats, hostInts } from '../runtime/graph.ts';
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
  /** Per layer, the frames that `activated.L` counts; null where the policy selects nothing. */
  readonly pool: readonly (readonly number[])[] | null;
  /** Frames activated of each layer's pool. */
  readonly activatedCount: number;
  readonly #owned: readonly DeviceTensor[];

  private constructor(
    kind: 'dense' | 'sparse',
    feeds: Record<string, Feed>,
    owned: readonly DeviceTensor[],
    pool: readonly (readonly number[])[] | null,
    activatedCount: number,
  ) {
    this.kind = kind;
    this.feeds = feeds;
    this.#owned = owned;
    this.pool = pool;
    this.activatedCount = activatedCount;
  }

  /**
   * Gathers, ropes and joins the planned pages, layer by layer.
   * @param firstFrame of the chunk that will attend to them: relative places count back from it
   */
  static async assemble(
    graphs: ModelGraphs,
    pages: PageStore,
    plan: ContextPlan,
    firstFrame: number,
  ): Promise<AttentionContext> {
    const { dit } = graphs.config;
    const place = placer(graphs, firstFrame);
    const sink = plan.sink.map((ref) => place('sink', ref));
    const window = plan.window.map((ref) => place('window', ref));
    const banks = plan.bank.map((refs) => refs.map((ref) => place('bank', ref)));
    const pools = plan.activation?.pool === 'sink+bank' ? banks.map((bank) => [...sink, ...bank]) : banks;
    const poolSize = pools[0]?.length ?? 0;
    const sparse = plan.activation !== null && poolSize > plan.activation.count;
    const always = plan.activation?.pool === 'sink+bank' ? window : [...sink, ...window];

    const feeds: Record<string, Feed> = {};
    const owned: DeviceTensor[] = [];
    const own = (tensor: DeviceTensor): DeviceTensor => {
      owned.push(tensor);
      return tensor;
    };
    try {
      for (let layer = 0; layer < dit.layers; layer++) {
        const pool = pools[layer] as PlacedFrame[];
        const context = await join(graphs, pages, layer, sparse ? always : [...pool, ...always]);
        feeds[`ctx_k.${layer}`] = context ? own(context.k) : emptyContext(graphs);
        feeds[`ctx_v.${layer}`] = context ? own(context.v) : emptyContext(graphs);
        context?.mean.dispose();
        if (!sparse) continue;
        const joined = await join(graphs, pages, layer, pool);
        if (!joined) continue;
        feeds[`pool_k.${layer}`] = own(joined.k);
        feeds[`pool_v.${layer}`] = own(joined.v);
        feeds[`pool_mean.${layer}`] = own(joined.mean);
      }
    } catch (error) {
      for (const tensor of owned) tensor.dispose();
      throw error;
    }
    if (sparse && plan.activation) {
      feeds.head_offset = hostFloats(
        Float32Array.from({ length: dit.heads }, (_, h) => h * poolSize),
        [dit.heads, 1],
      );
      feeds.pool_index = hostFloats(
        Float32Array.from({ length: dit.heads * poolSize }, (_, i) => i % poolSize),
        [dit.heads, poolSize],
      );
      feeds.activated_count = hostInts([plan.activation.count]);
    }
    const poolFrames = plan.activation ? pools.map((pool) => pool.map(({ ref }) => ref.frame)) : null;
    return new AttentionContext(
      sparse ? 'sparse' : 'dense',
      feeds,
      owned,
      poolFrames,
      Math.min(poolSize, plan.activation?.count ?? poolSize),
    );
  }

  dispose(): void {
    for (const tensor of this.#owned) tensor.dispose();
  }
}

/** Time indices of a pass's own frames, for RoPE. */
export function ownTimes(graphs: ModelGraphs, firstFrame: number, count: number, chunkFirstFrame: number): number[] {
  const { positions } = graphs.config.memory;
  const start = positions.kind === 'absolute' ? firstFrame : positions.current - (chunkFirstFrame - firstFrame);
  return Array.from({ length: count }, (_, i) => start + i);
}

function placer(
  graphs: ModelGraphs,
  firstFrame: number,
): (kind: 'sink' | 'bank' | 'window', ref: FrameRef) => PlacedFrame {
  const { positions } = graphs.config.memory;
  if (positions.kind === 'absolute') return (_kind, ref) => ({ ref, time: null });
  const time = {
    sink: (f: number) => positions.sink + f,
    bank: () => positions.bank,
    window: (f: number) => positions.current - (firstFrame - f),
  };
  return (kind, ref) => ({ ref, time: time[kind](ref.frame) });
}

async function join(
  graphs: ModelGraphs,
  pages: PageStore,
  layer: number,
  frames: readonly PlacedFrame[],
): Promise<{ k: DeviceTensor; v: DeviceTensor; mean: DeviceTensor } | null> {
  if (frames.length === 0) return null;
  const roped = frames[0]?.time !== null;
  const graph = await graphs.assemble(frames.length, roped);
  const feeds: Record<string, Feed> = {};
  frames.forEach(({ ref }, i) => {
    const page: Page = pages.get(ref, layer);
    feeds[`k.${i}`] = page.k;
    feeds[`v.${i}`] = page.v;
  });
  if (roped)
    Object.assign(
      feeds,
      ropeFeeds(
        graphs,
        frames.map(({ time }) => time as number),
      ),
    );
  return graph.run(feeds, ['k', 'v', 'mean']);
}

/** `cos` and `sin` for whole frames at the given times. */
export function ropeFeeds(graphs: ModelGraphs, times: readonly number[]): { cos: Feed; sin: Feed } {
  const geometry = geometryOf(graphs.config);
  const table = graphs.rope.of(times);
  const dims = [times.length * geometry.tokens, geometry.headDim / 2];
  return { cos: hostFloats(table.cos, dims), sin: hostFloats(table.sin, dims) };
}

function emptyContext(graphs: ModelGraphs): Feed {
  return hostFloats(new Float32Array(0), [1, graphs.config.dit.heads, 0, geometryOf(graphs.config).headDim]);
}
