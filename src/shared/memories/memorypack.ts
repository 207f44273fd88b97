import { z } from 'zod';
import { adapterDigestSchema, frameMemoryShape } from './frame-memory.ts';
import type { MemoryKind } from './memory-kind.ts';

/** Frames that are told one by one at most. */
export const toldFrames = 48;

const share = z.number().min(0).max(1);

/** FramePack, and a long memory of fixed size that every chunk is squeezed into. */
export const memorypack = {
  schema: z.strictObject({
    mode: z.literal('memorypack'),
    ...frameMemoryShape,
    policy: z.literal('memorypack'),
    adapter: adapterDigestSchema,
  }),
  choices: [
    {
      id: 'memorypack',
      name: 'MemoryPack',
      short: 'as FramePack, and a long memory whose size never changes; needs an adapter (MemoryPack)',
      says: 'The model sees the last nineteen frames, the older of them merged, and a long memory of fixed size that every chunk is squeezed into.',
      policy: 'memorypack',
      recalls: true,
    },
  ],
  settings: [],
  needs: { positions: null, weights: null, adapters: [{ file: 'memorypack.safetensors', of: 'generator' }] },
  record: {
    scores: 'none',
    note: null,
    noWords: 'This memory chooses no frames: what its long memory holds is told word by word and frame by frame above.',
    /** The long memory once the chunk is in it: where it comes from. The shares of all sources sum to 1. */
    told: z.strictObject({
      of: z.literal('memorypack'),
      tokens: z.int().min(1),
      /** Of the new memory, how much came from the old one; the rest is of the chunk itself. */
      kept: share,
      /** Of the story's first prompt. */
      words: z.array(z.strictObject({ text: z.string(), share })),
      /** The film's first frame where it was given; null where not. */
      picture: share.nullable(),
      frames: z.array(z.strictObject({ frame: z.int().min(0), share })).max(toldFrames),
      /** What is too little to be told one by one, and what is no word. */
      rest: share,
    }),
  },
  notDirected: 'MemoryPack chooses no frames: none can be pinned or banned.',
  noPictures: 'MemoryPack knows the film’s first frame, where it is given, and its own frames alone.',
  // It heeds none of them: recipes hold the least, so that changing them changes no key.
  settle: (settings) => ({ ...settings, bankFrames: 0, activatedFrames: 1, capacity: 1 }),
} as const satisfies MemoryKind<'memorypack'>;

export type LongMemoryTold = z.infer<typeof memorypack.record.told>;
