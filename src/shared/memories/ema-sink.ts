import { z } from 'zod';
import { frameMemoryShape, sinkAlphaSchema } from './frame-memory.ts';
import type { MemoryKind } from './memory-kind.ts';

/** Chunks that are told one by one at most, besides the first. */
export const toldSources = 24;

const share = z.number().min(0).max(1);

/** The beginning as a moving average: every frame that leaves the window is fused into the sink. */
export const emaSink = {
  schema: z.strictObject({
    mode: z.literal('ema-sink'),
    ...frameMemoryShape,
    policy: z.literal('ema-sink'),
    sinkAlpha: sinkAlphaSchema,
  }),
  choices: [
    {
      id: 'ema-sink',
      name: 'EMA sink',
      short: 'a beginning that moves along with the story, and the frames just before (Reward Forcing)',
      says: 'The model sees the frames just before and the beginning of the story, into which every frame is blended as it leaves them.',
      policy: 'ema-sink',
      recalls: true,
    },
  ],
  settings: [],
  needs: { positions: 'slots', weights: [], adapters: [] },
  record: {
    scores: 'none',
    note: null,
    noWords: 'This memory blends in every frame alike, whatever the prompt says.',
    /** What the sink was made of for this chunk. The shares of all sources and the rest sum to 1. */
    told: z.strictObject({
      of: z.literal('ema-sink'),
      /** So much of the sink stays each time that frames are fused into it. */
      alpha: share,
      /** The first chunk and those fused last, in the story's order, each by its first frame. */
      sources: z.array(z.strictObject({ frame: z.int().min(0), share })).max(toldSources + 1),
      /** Of chunks that are not told one by one. */
      rest: share,
    }),
  },
  notDirected: 'The EMA sink blends in every frame alike: frames can be neither pinned nor banned.',
  noPictures: 'The EMA sink keeps frames of the film alone: it cannot remember pictures.',
  // It heeds none of them: recipes hold the least, so that changing them changes no key.
  settle: (settings) => ({ ...settings, bankFrames: 0, activatedFrames: 1, capacity: 1 }),
} as const satisfies MemoryKind<'ema-sink'>;

export type EmaSinkTold = z.infer<typeof emaSink.record.told>;
