import { z } from 'zod';
import { create } from 'zustand';
import { persist } from 'zustand/middleware';
import { masks } from './guides/areas.ts';

const looksSchema = z.object({
  thirds: z.boolean(),
  safeAreas: z.boolean(),
  centre: z.boolean(),
  /** A shape that the rest of the picture is darkened for. */
  mask: z.enum(masks.map(({ name }) => name)).nullable(),
  /** While presenting: timecode and fields below the picture. */
  presentWords: z.boolean(),
});

/** What lies over and below the picture. Kept in this browser: it is the person's, not the film's. */
export type Looks = z.infer<typeof looksSchema>;

export const useLooks = create<Looks>()(
  persist((): Looks => ({ thirds: false, safeAreas: false, centre: false, mask: null, presentWords: true }), {
    name: 'throughline-player',
    version: 1,
    merge: (kept, fresh) => looksSchema.safeParse(kept).data ?? fresh,
  }),
);
