import { z } from 'zod';
import { activatedWithinBank, capacitySetting } from './bank-memory.ts';
import { adapterDigestSchema, frameMemoryShape } from './frame-memory.ts';
import type { MemoryKind } from './memory-kind.ts';

/** A second model compresses every chunk to one frame. */
export const mag = {
  schema: z.strictObject({
    mode: z.literal('mag'),
    ...frameMemoryShape,
    /** Where another memory's model has it by adapters; not of a model that was trained with it. */
    adapter: adapterDigestSchema.optional(),
  }),
  choices: [
    {
      id: 'mag',
      name: 'MAG',
      short: 'the beginning and every chunk, each as one frame (MAG)',
      says: 'The model sees the beginning of the story and every chunk since, each compressed to one frame by a second model.',
      policy: 'mag',
      held: 'nam',
      recalls: true,
    },
  ],
  settings: [
    {
      ...capacitySetting,
      label: 'Capacity: chunks remembered',
      says: 'How many chunks stay in memory. Beyond that, the oldest is forgotten.',
      of: ['mag'],
    },
  ],
  needs: {
    positions: 'absolute',
    weights: ['memory_dit.safetensors'],
    adapters: [
      { file: 'mag.safetensors', of: 'generator' },
      { file: 'mag-memory.safetensors', of: 'memory' },
    ],
  },
  record: {
    scores: 'none',
    note: null,
    noWords: 'This model looks at every chunk it remembers, whatever the prompt says.',
    /** What the chunk attended to in its last denoising step: shares of self-attention, mean of all heads and of some of its tokens. */
    told: z.strictObject({
      of: z.literal('mag'),
      /** The sink's and those that stand for a chunk each, rising. */
      frames: z.array(z.int().min(0)),
      /** [layers][frames]; what is missing to 1 went to the chunk itself. */
      shares: z.array(z.array(z.number().min(0).max(1))),
    }),
  },
  notDirected: 'MAG remembers every chunk: frames can be neither pinned nor banned.',
  noPictures: 'MAG remembers chunks of the film alone: it cannot remember pictures.',
  // Of what it does not heed, recipes of its own models hold what they held before there were modules; those by adapters the least.
  settle: (settings) =>
    settings.adapter === undefined ? activatedWithinBank(settings) : { ...settings, bankFrames: 0, activatedFrames: 1 },
} as const satisfies MemoryKind<'mag'>;

export type MagTold = z.infer<typeof mag.record.told>;
