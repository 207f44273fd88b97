import { z } from 'zod';
import {
  activatedFramesSetting,
  activatedWithinBank,
  bankChoices,
  bankFramesSetting,
  capacitySetting,
} from './bank-memory.ts';
import { frameMemoryShape } from './frame-memory.ts';
import type { MemoryKind } from './memory-kind.ts';

/** The papers' memories made precise. */
export const paper = {
  schema: z.strictObject({ mode: z.literal('paper'), ...frameMemoryShape }),
  choices: bankChoices,
  settings: [bankFramesSetting, activatedFramesSetting, capacitySetting],
  needs: { positions: null, weights: [], adapters: [] },
  record: { scores: 'share', note: null, noWords: null },
  notDirected: null,
  noPictures: null,
  settle: activatedWithinBank,
} as const satisfies MemoryKind<'paper'>;
