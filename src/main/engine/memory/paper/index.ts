import { isPicture } from '../../../../shared/pictures.ts';
import type { ModelConfig } from '../../model/config.ts';
import type { MemoryHost, RunLimits } from '../host.ts';
import { type FrameRef, type FrameState, frameStates, sameRef } from '../memory-state.ts';
import {
  type MemoryCounts,
  type MemoryFootprint,
  type MemoryLayout,
  type MemoryModule,
  type MemoryRun,
  type MemoryWork,
  smallerBanks,
} from '../module.ts';
import { CandidateMasses, mostAtOnce } from './candidate-masses.ts';
import { PaperPolicy } from './paper-policy.ts';
import { bestMaps, jointRetrieval, mapsPerBankFrame, wordPull } from './retrieval.ts';
import { runBytes, runSize } from './run-size.ts';

/** `window`, `sink`, `nam` and `nam+sma` as the papers describe them, made precise in docs/model-format.md. */
export function paperMemory({ layers }: MemoryLayout): MemoryModule<FrameState> {
  return Object.assign(new PaperPolicy(layers), {
    mode: 'paper',
    state: frameStates,
    commits: { dit: 'generator', prompt: 'chunk' },
    partialRecache: false,
    activates: true,
    attendedFrames: ({ bankFrames, windowFrames }) => bankFrames + windowFrames,
    footprint,
    runs,
    smaller: smallerBanks,
    objection: () => null,
    withPictures,
    open,
  } satisfies Partial<MemoryModule<FrameState>>);
}

/** `window` keeps no sink, and only the policies that recall have frames to recall from. */
function footprint({ policy, sinkFrames, windowFrames, bankFrames, capacity }: MemoryCounts): MemoryFootprint {
  if (policy === 'window') return { attended: windowFrames, kept: windowFrames };
  const always = sinkFrames + windowFrames;
  if (policy === 'sink' || bankFrames === 0) return { attended: always, kept: always };
  return { attended: always + bankFrames, kept: always + capacity };
}

/** Candidates are measured before the chunk is begun, where its prompt is new many at once; maps for its record are made at its end. */
function runs(config: ModelConfig, limits: RunLimits): MemoryRun[] {
  const { policy, bankFrames } = config.memory;
  if (policy === 'window' || policy === 'sink' || bankFrames === 0) return [];
  const of = (frames: number): number => runBytes(config, runSize(config, limits, frames));
  return [
    { when: 'before context', bytes: of(mostAtOnce) },
    { when: 'beside context', bytes: of(bankFrames * mapsPerBankFrame) },
  ];
}

/** Pictures stand before the film's frames. */
function withPictures(state: FrameState, pictures: readonly FrameRef[]): FrameState {
  const known = state.prototypes.filter(({ frame }) => isPicture(frame));
  const prototypes = [
    ...pictures.map((ref) => known.find((other) => sameRef(other, ref)) ?? { ...ref, lastUsed: state.chunks }),
    ...state.prototypes.filter(({ frame }) => !isPicture(frame)),
  ];
  return { ...state, prototypes };
}

function open(host: MemoryHost): MemoryWork<FrameState> {
  const masses = new CandidateMasses(host);
  return {
    score: async (prompt, candidates) => {
      const refs = candidates[0] ?? []; // the same for every layer
      const retrieval = await jointRetrieval(host, masses, prompt, refs);
      return {
        scores: retrieval.scores,
        account: async ({ settings, evicted }) => ({
          pull: wordPull(host.config, retrieval, prompt, refs.length),
          spatial: await bestMaps(host, prompt, retrieval, refs, settings.bankFrames),
          evicted: [...evicted],
        }),
      };
    },
  };
}
