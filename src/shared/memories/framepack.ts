import { z } from 'zod';
import { adapterDigestSchema, frameMemoryShape } from './frame-memory.ts';
import type { MemoryKind } from './memory-kind.ts';

/** The recent past at rates that fall with distance: a context of the same length however long the story is. */
export const framepack = {
  schema: z.strictObject({
    mode: z.literal('framepack'),
    ...frameMemoryShape,
    policy: z.literal('framepack'),
    adapter: adapterDigestSchema,
  }),
  choices: [
    {
      id: 'framepack',
      name: 'FramePack',
      short: 'the last 19 frames, the older of them merged; needs an adapter (FramePack)',
      says: 'The model sees the story’s first frame and the last one whole, the two before that as one, and the sixteen before those in fours.',
      policy: 'framepack',
      recalls: true,
    },
  ],
  settings: [],
  needs: { positions: null, weights: null, adapters: [{ file: 'framepack.safetensors', of: 'generator' }] },
  record: {
    scores: 'none',
    note: null,
    noWords: 'This memory goes by how far back a frame is, whatever the prompt says.',
  },
  notDirected: 'FramePack goes by how far back a frame is: frames can be neither pinned nor banned.',
  noPictures: 'FramePack looks back on the film’s own frames alone.',
  // It heeds none of them: recipes hold the least, so that changing them changes no key.
  settle: (settings) => ({ ...settings, bankFrames: 0, activatedFrames: 1, capacity: 1 }),
} as const satisfies MemoryKind<'framepack'>;
