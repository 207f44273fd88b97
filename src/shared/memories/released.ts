import { z } from 'zod';
import { activatedFramesSetting, activatedWithinBank, bankChoices, bankFramesSetting } from './bank-memory.ts';
import { frameMemoryShape } from './frame-memory.ts';
import type { MemoryKind } from './memory-kind.ts';

/** MemFlow's published code, decision for decision. */
export const released = {
  schema: z.strictObject({ mode: z.literal('released'), ...frameMemoryShape }),
  choices: bankChoices,
  settings: [bankFramesSetting, activatedFramesSetting],
  needs: { positions: 'absolute', weights: [], adapters: [] },
  record: {
    scores: 'product',
    note: { name: 'released', says: 'Memory as in the published code: one score for a whole prompt and frame.' },
    noWords:
      'This model compares whole prompts with whole frames (the published method), so single words have no pull of their own.',
  },
  notDirected: null,
  noPictures: 'The published memory keeps frames of the film alone: it cannot remember pictures.',
  // The published bank keeps nothing but what it attends to.
  settle: (settings) => activatedWithinBank({ ...settings, capacity: Math.max(1, settings.bankFrames) }),
} as const satisfies MemoryKind<'released'>;
