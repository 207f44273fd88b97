import type { MemoryHost } from '../host.ts';
import {
  type MemoryLayout,
  type MemoryModule,
  type MemoryWork,
  type RememberedChunk,
  smallerBanks,
} from '../module.ts';
import { meanKeyScores } from './mean-key-score.ts';
import { ReleasedPolicy } from './released-policy.ts';

/** MemFlow's published code, and with it LongLive's and Self-Forcing's, decision for decision. */
export function releasedMemory({ chunkFrames }: MemoryLayout): MemoryModule {
  return Object.assign(new ReleasedPolicy(chunkFrames), {
    mode: 'released',
    commits: { dit: 'generator', prompt: 'chunk' },
    partialRecache: true,
    attendedFrames: ({ bankFrames, windowFrames }) => bankFrames + windowFrames,
    footprint: ({ sinkFrames, windowFrames, bankFrames }) => {
      const frames = sinkFrames + windowFrames + bankFrames;
      return { attended: frames, kept: frames };
    },
    smaller: smallerBanks,
    objection: () => null,
    open,
  } satisfies Partial<MemoryModule>);
}

function open(host: MemoryHost): MemoryWork {
  return {
    score: async (prompt, candidates) => ({
      scores: await meanKeyScores(host, prompt, candidates),
      account: async (chunk) => ({ pull: [], spatial: [], evicted: lostFromBank(chunk) }),
    }),
  };
}

/** What the bank lost, it lost when the chunk was planned, not at its commit. */
function lostFromBank({ before, plan }: RememberedChunk): number[] {
  const now = new Set(plan.bank.flat().map(({ frame }) => frame));
  return [...new Set(before.bank.flat().map(({ frame }) => frame))]
    .filter((frame) => !now.has(frame))
    .sort((a, b) => a - b);
}
