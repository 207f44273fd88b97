import { z } from 'zod';

/** Fields that a panel can show, in the order they stand. */
export const panelFields = ['scene', 'prompt', 'action', 'dialogue', 'camera', 'notes', 'time'] as const;
export type PanelField = (typeof panelFields)[number];

export const panelCounts = [1, 2, 3, 4, 6, 8, 9, 12] as const;

/** How boards are laid out. A profile that is kept is one of these. */
export const boardsOptions = z.strictObject({
  paper: z.enum(['a4', 'letter']).default('a4'),
  orientation: z.enum(['portrait', 'landscape']).default('landscape'),
  /** Panels on a page. */
  panels: z.literal(panelCounts).default(6),
  /** One picture of each shot (its middle), or two (its first and its last frame). */
  pictures: z.enum(['middle', 'ends']).default('middle'),
  fields: z
    .array(z.enum(panelFields))
    .max(panelFields.length)
    .default(['scene', 'action', 'dialogue', 'camera', 'notes', 'time']),
  /** Printed in the header; empty for none. */
  date: z.string().max(40).default(''),
  /** A picture in the header as a data URL (PNG or JPEG); empty for none. */
  logo: z
    .string()
    .max(3_000_000)
    .regex(/^(data:image\/(png|jpeg);base64,[A-Za-z0-9+/=]+)?$/)
    .default(''),
});
export type BoardsOptions = z.infer<typeof boardsOptions>;
