import type { MemorySettings } from '../../../../shared/memory-settings.ts';
import type { MemoryFeed, MemoryGraph, MemoryHost } from '../host.ts';
import { type MemoryLayout, type MemoryModule, type MemoryWork, nothingScored } from '../module.ts';
import { EmaSinkPolicy, type EmaSinkState, emaSinkStates, fusionsAfter, type SlotFusion } from './ema-sink-policy.ts';
import { buildFuseGraph } from './graphs.ts';
import { sinkSources } from './sources.ts';

/** Reward Forcing (arXiv 2512.04678): a sink that is a moving average of the first frames and of all that left the window. */
export function emaSinkMemory({ layers, chunkFrames }: MemoryLayout): MemoryModule<EmaSinkState> {
  return Object.assign(new EmaSinkPolicy(layers), {
    mode: 'ema-sink',
    state: emaSinkStates,
    commits: { dit: 'generator', prompt: 'chunk' },
    partialRecache: false,
    activates: false,
    attendedFrames: ({ windowFrames }) => windowFrames,
    // While it is fused, the old sink and the new one are there, each with its remainders.
    footprint: ({ sinkFrames, windowFrames }) => ({
      attended: sinkFrames + windowFrames,
      kept: 4 * sinkFrames + windowFrames,
    }),
    smaller: () => [],
    objection: (settings) => objection(settings, chunkFrames),
    open,
  } satisfies Partial<MemoryModule<EmaSinkState>>);
}

/** Frames come and go by chunks: only then as many leave the window as the sink has slots. */
function objection(settings: MemorySettings, chunkFrames: number): string | null {
  const { policy, sinkFrames, windowFrames, pins, bans } = settings;
  if (policy !== 'ema-sink')
    return `This model remembers by its EMA sink alone, and the policy "${policy}" asks for something else.`;
  if (pins.length + bans.length > 0)
    return 'The EMA sink blends in every frame alike: frames can be neither pinned nor banned.';
  if (sinkFrames !== chunkFrames)
    return `The EMA sink has as many frames as a chunk, ${chunkFrames}, and the settings ask for ${sinkFrames}.`;
  return windowFrames % chunkFrames === 0
    ? null
    : `With the EMA sink the window holds whole chunks of ${chunkFrames} frames, and the settings ask for ${windowFrames} frames.`;
}

const fuse = (remainder: boolean): MemoryGraph => ({
  name: remainder ? 'sink-fuse' : 'sink-fuse-first',
  weights: 'none',
  build: buildFuseGraph.bind(null, remainder),
});

function open(host: MemoryHost): MemoryWork<EmaSinkState> {
  const { chunkFrames } = host.config.sampler;
  return {
    score: async (prompt, candidates) => ({
      ...(await nothingScored.score(prompt, candidates)),
      account: async ({ before, after, settings, evicted }) => ({
        ...{ pull: [], spatial: [], evicted: [...evicted] },
        ...(before.chunks > 0 ? { told: sinkSources(alphaOf(settings), before.fused, chunkFrames) } : {}),
        ...(host.storedFrameBytes === null || after.remainder.length === 0
          ? {}
          : { keptBytes: after.remainder.length * host.storedFrameBytes }),
      }),
    }),
    afterCommit: async (state, { settings, pass }) => {
      const { fusions, state: next } = fusionsAfter(state, pass);
      for (const fusion of fusions) await fuseSlot(host, fusion, alphaOf(settings));
      return next;
    },
  };
}

function alphaOf({ sinkAlpha }: MemorySettings): number {
  if (sinkAlpha === undefined) throw new Error('recipes of this memory say how much of the sink stays');
  return sinkAlpha;
}

/** S <- alpha S + (1 - alpha) K, of keys before RoPE and of values, layer by layer. */
async function fuseSlot(host: MemoryHost, { sink, remainder, frame, made }: SlotFusion, alpha: number): Promise<void> {
  const number = (value: number): MemoryFeed => ({ kind: 'floats', values: Float32Array.of(value), dims: [1] });
  const share = { stays: number(alpha), comes: number(1 - alpha) };
  const page = (name: string, ref: SlotFusion['sink'], layer: number): Record<string, MemoryFeed> => ({
    [`${name}_k`]: { kind: 'key', ref, layer },
    [`${name}_v`]: { kind: 'value', ref, layer },
  });
  await host.makePages(
    fuse(remainder !== null),
    (layer) => ({
      ...share,
      ...page('sink', sink, layer),
      ...page('frame', frame, layer),
      ...(remainder ? page('lost', remainder, layer) : {}),
    }),
    made,
  );
}
