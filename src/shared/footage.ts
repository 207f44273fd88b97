import { z } from 'zod';
import { ThroughlineError } from './errors.ts';

/** SHA-256, 64 hex digits. */
const digestSchema = z.string().regex(/^[0-9a-f]{64}$/);

/** How large footage may be that a project takes in, and how much of it is kept. */
export const footageLimits = {
  /** Of the file, or of all frames together. */
  sizeBytes: 2 ** 30,
  /** Frames that a person picks as pictures. */
  pictures: 2000,
  /** Chunks that are kept: what comes after them is not looked at. */
  chunks: 32,
  /** Chunks that are given to begin with, and characters of its name. */
  givenAtFirst: 2,
  name: 200,
} as const;

/**
 * Footage that a comparison begins with, or a film: of a shot with none before it, and of others it does nothing. The film may
 * begin with it for good, or only in *Compare memories*.
 */
export const footageSchema = z.strictObject({
  /** The clip, a file of the project. */
  asset: digestSchema,
  /** As its file was called. */
  name: z.string().min(1),
  /** What each chunk shows that the clip fills, as recipes name it: by its pixels. */
  chunks: z.array(digestSchema).min(1),
  /** So many chunks show it. */
  given: z.int().min(1),
  /** The story itself begins with it. Left off: only its films in a comparison. */
  begins: z.literal(true).exactOptional(),
});
export type Footage = z.infer<typeof footageSchema>;

/** What is known of a clip that a project keeps: a picture for each chunk, whose frames lie one below the other. */
export const footageFactsSchema = z.strictObject({
  /** Of each frame, in pixels: the size of the model's films. */
  width: z.int().min(1),
  height: z.int().min(1),
  /** Of each chunk the bytes of its PNG, in the order in which they lie in the file; the last may have fewer frames. */
  strips: z.array(z.strictObject({ bytes: z.int().min(1), frames: z.int().min(1) })).min(1),
  /** See {@link footageSchema}. */
  chunks: footageSchema.shape.chunks,
});
export type FootageFacts = z.infer<typeof footageFactsSchema>;

/** Names of what a film's first chunks show; none where it does not begin with footage. */
export function givenChunks(footage: Footage | undefined): readonly string[] {
  return footage?.begins ? footage.chunks.slice(0, footage.given) : [];
}

/** How many chunks can be given to a film of so many: one at least is left to be made. Less than 1: none can. */
export function mostGiven({ chunks }: Pick<Footage, 'chunks'>, filmChunks: number): number {
  return Math.min(chunks.length, filmChunks - 1);
}

/** Where in a clip's file the picture of a chunk lies; null where the clip is over. */
export function stripAt(
  { strips }: FootageFacts,
  chunk: number,
): { readonly start: number; readonly end: number; readonly frames: number } | null {
  const strip = strips[chunk];
  if (!strip) return null;
  const start = strips.slice(0, chunk).reduce((sum, { bytes }) => sum + bytes, 0);
  return { start, end: start + strip.bytes, frames: strip.frames };
}

/** @throws ThroughlineError `bad-input` where a model has nothing to look at footage with. @returns what it has */
export function requireEncoder({ encoder }: { readonly encoder?: string | null | undefined }): string {
  if (encoder) return encoder;
  throw new ThroughlineError(
    'bad-input',
    'This model has no encoder, so it cannot look at footage.',
    'Choose another model.',
  );
}
