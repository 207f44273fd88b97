import type { MemoryHost } from '../host.ts';
import { type FrameState, frameStates } from '../memory-state.ts';
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
export function releasedMemory({ chunkFrames }: MemoryLayout): MemoryModule<FrameState> {
  return Object.assign(new ReleasedPolicy(chunkFrames), {
    mode: 'released',
    state: frameStates,
    commits: { dit: 'generator', prompt: 'chunk' },
    partialRecache: true,
    activates: true,
    attendedFrames: ({ bankFrames, windowFrames }) => bankFrames + windowFrames,
    footprint: ({ sinkFrames, windowFrames, bankFrames }) => {
      const frames = sinkFrames + windowFrames + bankFrames;
      return { attended: frames, kept: frames };
    },
    smaller: smallerBanks,
    objection: () => null,
    open,
  } satisfies Partial<MemoryModule<FrameState>>);
}

function open(host: MemoryHost): MemoryWork<FrameState> {
  return {
    score: async (prompt, candidates) => ({
      scores: await meanKeyScores(host, prompt, candidates),
      account: async (chunk) => ({ pull: [], spatial: [], evicted: lostFromBank(chunk) }),
    }),
  };
}

/** What the bank lost, it lost when the chunk was planned, not at its commit. */
function lostFromBank({ before, plan }: RememberedChunk<FrameState>): number[] {
  const now = new Set(plan.bank.flat().map(({ frame }) => frame));
  return [...new Set(before.bank.flat().map(({ frame }) => frame))]
    .filter((frame) => !now.has(frame))
    .sort((a, b) => a - b);
}
