import { z } from 'zod';
import { footageLimits, footageSchema } from '../footage.ts';
import type { Story } from '../story.ts';
import { badStory, type ImportContext, parseWith } from './source.ts';

const { asset: _, chunks: __, ...told } = footageSchema.shape;
/** More frames than a chunk of any model has. */
const mostFrames = 256;
const tooMany = { message: `footage has up to ${footageLimits.chunks} chunks` };

/** Footage as a story file holds it: of each chunk a picture with its frames, one below the other. */
const footageFileSchema = z
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

type Json = Readonly<Record<string, unknown>>;

/**
 * The footage of a story file, and the story's JSON without it; null where there is none.
 * @throws ThroughlineError `bad-story` for what makes no sense, and for footage of another shot than the first
 */
export function footageFileOf(
  value: object,
  { options }: ImportContext,
): { readonly footage: FootageFile | null; readonly others: object } {
  const { shots } = value as Json;
  if (!Array.isArray(shots)) return { footage: null, others: value };
  let footage: FootageFile | null = null;
  const others = shots.map((shot: unknown, i) => {
    if (shot === null || typeof shot !== 'object' || !('footage' in shot)) return shot;
    const { footage: said, ...rest } = shot as Json;
    const path = `shots[${i}].footage`;
    if (i > 0)
      throw badStory(options, { path }, 'only the first shot of a story begins with footage.', 'Move it there.');
    footage = parseWith(footageFileSchema, said, options, { path });
    return rest;
  });
  return { footage, others: { ...value, shots: others } };
}

/** The story with its footage, as a project names it; without it, and with a note, where nobody looked for its files. */
export function withFootage(story: Story, file: FootageFile | null, { options, notes }: ImportContext): Story {
  const [first, ...others] = story.shots;
  if (!file || !first) return story;
  const { strips: _, ...footage } = file;
  if (options.footage)
    return { ...story, shots: [{ ...first, footage: { ...footage, asset: options.footage.asset } }, ...others] };
  const why = `the footage "${file.name}" is left out: its files were not looked for. Choose it again.`;
  notes.add('left-out', { path: 'shots[0].footage' }, why);
  return story;
}
