import type { MemorySettings } from '../../../../shared/memory-settings.ts';
import type { MemoryHost } from '../host.ts';
import { type MemoryLayout, type MemoryModule, type MemoryWork, nothingScored } from '../module.ts';
import { FramepackPolicy, type PackedState, packedStates } from './framepack-policy.ts';
import { attendedFrames, packedContext } from './packed-context.ts';

/** FramePack (model reference F): the recent past at rates that fall with distance, made anew for every chunk. */
export function framepackMemory(layout: MemoryLayout): MemoryModule<PackedState> {
  return Object.assign(new FramepackPolicy(layout), {
    mode: 'framepack',
    state: packedStates,
    commits: null,
    partialRecache: false,
    activates: false,
    attendedFrames: () => attendedFrames(layout),
    footprint: () => ({ attended: attendedFrames(layout), kept: 0 }),
    smaller: () => [],
    objection: ({ pins, bans }: MemorySettings) =>
      pins.length + bans.length > 0
        ? 'FramePack remembers by distance alone: frames can be neither pinned nor banned.'
        : null,
    open,
  } satisfies Partial<MemoryModule<PackedState>>);
}

function open(host: MemoryHost): MemoryWork<PackedState> {
  return { ...nothingScored, makeContext: (source) => packedContext(host, source) };
}
