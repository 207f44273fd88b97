import { z } from 'zod';
import { editRates } from '../../../shared/edit/frame-rate.ts';
import { aspectNames } from '../pictures/stage.ts';

/** What can be drawn into the picture, in the order it stands. */
export const burnInFields = ['scene', 'shot', 'timecode', 'dialogue'] as const;
export type BurnInField = (typeof burnInFields)[number];

/** How a film looks. */
export const filmOptions = z.strictObject({
  height: z.int().min(16).max(4320).default(720),
  /** How frames are made where the plan's rate is not the model's. */
  frames: z.enum(['repeat', 'blend']).default('repeat'),
  aspect: z.enum(aspectNames).default('film'),
  fit: z.enum(['letterbox', 'crop']).default('letterbox'),
  burnIn: z.array(z.enum(burnInFields)).max(burnInFields.length).default([]),
});
export type FilmOptions = z.infer<typeof filmOptions>;

/** Frame rates a film can be written at: `own` is the model's. */
export const filmRates = ['own', ...editRates] as const;
