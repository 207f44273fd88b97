import { z } from 'zod';

/** Height of a picture in pixels. */
export const heightOption = z.int().min(16).max(2160);

/** What a moving picture for a page or a message may hold: more is a film. */
export const mostMotionFrames = 3000;
