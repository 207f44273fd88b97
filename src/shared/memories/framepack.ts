import { z } from 'zod';
import { frameMemoryShape } from './frame-memory.ts';
import type { MemoryKind } from './memory-kind.ts';

/** The recent past at rates that fall with distance: a context of the same length however long the story is. */
export const framepack = {
  schema: z.strictObject({
    mode: z.literal('framepack'),
    ...frameMemoryShape,
    policy: z.literal('framepack'),
    /** SHA-256 of the adapter's file. It stands here and not in the model's digest, so that only chunks made with it depend on it. */
    adapter: z.string().regex(/^[0-9a-f]{64}$/),
  }),
  choices: [
    {
      id: 'framepack',
      name: 'FramePack',
      short: 'the last 19 frames, the further back the coarser; needs an adapter (FramePack)',
      says: 'The model sees the story’s first frame and the last one whole, the two before that as one, and the sixteen before those in fours.',
      policy: 'framepack',
      recalls: true,
    },
  ],
  settings: [],
  needs: { absolutePositions: false, weights: [], adapter: 'framepack.safetensors' },
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
