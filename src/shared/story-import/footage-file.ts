import { z } from 'zod';
import { footageLimits, footageSchema } from '../footage.ts';

const { asset: _, chunks: __, ...told } = footageSchema.shape;
/** More frames than a chunk of any model has. */
const mostFrames = 256;
const tooMany = { message: `footage has up to ${footageLimits.chunks} chunks` };

/** Footage as a story file holds it: of each chunk a picture with its frames, one below the other. */
export const footageFileSchema = z
  .strictObject({
    ...told,
    name: z.string().min(1).max(footageLimits.name),
    /** See `footageSchema`; the pictures must show what these say. */
    chunks: footageSchema.shape.chunks.max(footageLimits.chunks, tooMany),
    strips: z
      .array(
        z.strictObject({
          frames: z.int().min(1).max(mostFrames),
          /** A PNG beside the story, or a `data:` address that holds it. */
          file: z.string().min(1),
        }),
      )
      .min(1)
      .max(footageLimits.chunks, tooMany),
  })
  .refine(({ chunks, strips }) => strips.length === chunks.length || strips.length === chunks.length + 1, {
    path: ['strips'],
    message: 'there must be one for each of the chunks, and one more at most, where the clip ends within a chunk',
  });
export type FootageFile = z.infer<typeof footageFileSchema>;
