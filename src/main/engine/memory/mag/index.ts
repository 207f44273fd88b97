import type { MemorySettings } from '../../../../shared/memory-settings.ts';
import { type MemoryLayout, type MemoryModule, nothingScored } from '../module.ts';
import { MagPolicy } from './mag-policy.ts';

/** MAG (model reference E): a second DiT compresses every chunk to one frame, and the generator reads all of them. */
export function magMemory({ layers }: MemoryLayout): MemoryModule {
  return Object.assign(new MagPolicy(layers), {
    mode: 'mag',
    commits: { dit: 'memory', prompt: 'empty' },
    partialRecache: false,
    attendedFrames: ({ capacity }) => capacity,
    objection: ({ policy, pins, bans }: MemorySettings) => {
      if (policy !== 'nam') return `MAG remembers every chunk, and the policy "${policy}" asks for something else.`;
      return pins.length + bans.length > 0
        ? 'MAG remembers every chunk: frames can be neither pinned nor banned.'
        : null;
    },
    open: () => nothingScored,
  } satisfies Partial<MemoryModule>);
}
