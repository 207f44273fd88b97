import { z } from 'zod';
import { activatedWithinBank, capacitySetting } from './bank-memory.ts';
import { frameMemoryShape } from './frame-memory.ts';
import type { MemoryKind } from './memory-kind.ts';

/** A second model compresses every chunk to one frame. */
export const mag = {
  schema: z.strictObject({ mode: z.literal('mag'), ...frameMemoryShape }),
  choices: [
    {
      id: 'mag',
      name: 'MAG',
      short: 'the beginning and every chunk, each as one frame (MAG)',
      says: 'The model sees the beginning of the story and every chunk since, each compressed to one frame by a second model.',
      policy: 'nam',
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
  needs: { absolutePositions: true, weights: ['memory_dit.safetensors'], adapters: [] },
  record: {
    scores: 'none',
    note: null,
    noWords: 'This model looks at every chunk it remembers, whatever the prompt says.',
  },
  notDirected: 'MAG remembers every chunk: frames can be neither pinned nor banned.',
  noPictures: 'MAG remembers chunks of the film alone: it cannot remember pictures.',
  // Of what it does not heed, recipes hold what they held before there were modules.
  settle: activatedWithinBank,
} as const satisfies MemoryKind<'mag'>;
