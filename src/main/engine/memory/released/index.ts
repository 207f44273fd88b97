import type { MemoryLayout, MemoryModule } from '../module.ts';
import { ReleasedPolicy } from './released-policy.ts';

/** MemFlow's published code, and with it LongLive's and Self-Forcing's, decision for decision. */
export function releasedMemory({ chunkFrames }: MemoryLayout): MemoryModule {
  return Object.assign(new ReleasedPolicy(chunkFrames), {
    mode: 'released',
    scoring: 'mean-key',
    commits: { dit: 'generator', prompt: 'chunk' },
    partialRecache: true,
    record: { attributions: false, evicted: 'compared' },
    objection: () => null,
  } as const);
}
