import type { MemorySettings } from '../../../../shared/memory-settings.ts';
import { type FrameState, frameStates } from '../memory-state.ts';
import {
  type MemoryCounts,
  type MemoryLayout,
  type MemoryModule,
  nothingScored,
  type SmallerMemory,
} from '../module.ts';
import { MagPolicy } from './mag-policy.ts';

/** MAG (model reference E): a second DiT compresses every chunk to one frame, and the generator reads all of them. */
export function magMemory(layout: MemoryLayout): MemoryModule<FrameState> {
  return Object.assign(new MagPolicy(layout), {
    mode: 'mag',
    state: frameStates,
    commits: { dit: 'memory', prompt: 'empty' },
    partialRecache: false,
    activates: false,
    attendedFrames: ({ capacity }) => capacity,
    footprint: ({ sinkFrames, capacity }) => ({ attended: sinkFrames + capacity, kept: sinkFrames + capacity }),
    smaller,
    objection: ({ policy, pins, bans }: MemorySettings) => {
      if (policy !== 'nam') return `MAG remembers every chunk, and the policy "${policy}" asks for something else.`;
      return pins.length + bans.length > 0
        ? 'MAG remembers every chunk: frames can be neither pinned nor banned.'
        : null;
    },
    open: () => nothingScored,
  } satisfies Partial<MemoryModule<FrameState>>);
}

function* smaller(settings: MemoryCounts): Iterable<SmallerMemory> {
  for (let capacity = Math.floor(settings.capacity / 2); capacity >= 4; capacity = Math.floor(capacity / 2))
    yield { what: `a memory of ${capacity} frames`, change: { capacity } };
}
