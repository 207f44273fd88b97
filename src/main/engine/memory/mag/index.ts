import type { MagTold } from '../../../../shared/memories/mag.ts';
import type { MemorySettings } from '../../../../shared/memory-settings.ts';
import { type FrameState, frameStates } from '../memory-state.ts';
import type { AttendedShares, MemoryCounts, MemoryLayout, MemoryModule, Scored, SmallerMemory } from '../module.ts';
import { MagPolicy } from './mag-policy.ts';

/** MAG (model reference E): a second DiT compresses every chunk to one frame, and the generator reads all of them. */
export function magMemory(layout: MemoryLayout): MemoryModule<FrameState> {
  return Object.assign(new MagPolicy(layout), {
    mode: 'mag',
    state: frameStates,
    commits: { dit: 'memory', prompt: 'empty' },
    partialRecache: false,
    activates: false,
    tellsAttention: true,
    attendedFrames: ({ capacity }) => capacity,
    footprint: ({ sinkFrames, capacity }) => ({ attended: sinkFrames + capacity, kept: sinkFrames + capacity }),
    smaller,
    objection: ({ policy, pins, bans }: MemorySettings) => {
      if (policy !== 'nam') return `MAG remembers every chunk, and the policy "${policy}" asks for something else.`;
      return pins.length + bans.length > 0
        ? 'MAG remembers every chunk: frames can be neither pinned nor banned.'
        : null;
    },
    open: () => ({ score: async (_prompt, candidates) => scored(candidates) }),
  } satisfies Partial<MemoryModule<FrameState>>);
}

function* smaller(settings: MemoryCounts): Iterable<SmallerMemory> {
  for (let capacity = Math.floor(settings.capacity / 2); capacity >= 4; capacity = Math.floor(capacity / 2))
    yield { what: `a memory of ${capacity} frames`, change: { capacity } };
}

/** Nothing is scored; what was attended is told. */
function scored(candidates: readonly unknown[]): Scored<FrameState> {
  return {
    scores: candidates.map(() => []),
    account: async ({ evicted, attended }) => ({
      ...{ pull: [], spatial: [], evicted: [...evicted] },
      ...(attended ? { told: told(attended) } : {}),
    }),
  };
}

/** Digits of a share: enough to tell one entry in forty from another. */
const digits = 4;

function told({ frames, shares }: AttendedShares): MagTold {
  const order = frames.map((_, i) => i).sort((a, b) => (frames[a] as number) - (frames[b] as number));
  const round = (value: number): number => Number(Math.min(1, Math.max(0, value)).toPrecision(digits));
  return {
    of: 'mag',
    frames: order.map((i) => frames[i] as number),
    shares: shares.map((row) => order.map((i) => round(row[i] as number))),
  };
}
