import { z } from 'zod';
import type { FrameSize } from './frame-size.ts';
import { limits } from './project/limits.ts';

/** A file of a project, by the SHA-256 of its bytes, 64 hex digits. */
const assetSchema = z.string().regex(/^[0-9a-f]{64}$/);

/** A picture that a person put into memory: *this is what Mia looks like*. */
export const pictureSchema = z.strictObject({
  asset: assetSchema,
  /** As the person calls it. Not part of the recipe's key. */
  name: z.string().min(1).max(limits.pinName),
  /** What is seen on it, in the model's words; the model looks at it under this prompt. Left off: under none. */
  says: z.string().max(limits.prompt).optional(),
  /** Left off: it always sits in the bank. `false`: it is recalled where it suits the prompt. */
  pinned: z.literal(false).optional(),
});
export type Picture = z.infer<typeof pictureSchema>;

/**
 * Whether the film goes on from the picture: its first chunk is made as if the picture had stood still before it. Left off: as films
 * were made that began with a picture earlier, which jump after it.
 */
const leadsSchema = z.literal(true).exactOptional();

/** The picture that a film begins with. */
export const firstFrameSchema = z.strictObject({ asset: assetSchema, leads: leadsSchema });
export type FirstFrame = z.infer<typeof firstFrameSchema>;

/** What looks at pictures, by the SHA-256 of its weights: another one would see something else. */
const encoderSchema = z.string().regex(/^[0-9a-f]{64}$/);

/** A picture as a recipe holds it. */
export const recipePictureSchema = z.strictObject({
  asset: assetSchema,
  encoder: encoderSchema,
  name: pictureSchema.shape.name,
  says: z.string().max(limits.prompt),
  pinned: z.boolean(),
});
export type RecipePicture = z.infer<typeof recipePictureSchema>;

export const recipeFirstFrameSchema = z.strictObject({
  asset: assetSchema,
  encoder: encoderSchema,
  leads: leadsSchema,
});
export type RecipeFirstFrame = z.infer<typeof recipeFirstFrameSchema>;

/** Footage that a chunk shows instead of being generated: its frames, one below the other, as one picture. */
export const recipeFootageSchema = z.strictObject({ asset: assetSchema, encoder: encoderSchema });
export type RecipeFootage = z.infer<typeof recipeFootageSchema>;

/**
 * Pictures as they add up along a story, in the order of their numbers. One that is named again keeps its place and is as it is
 * said last.
 */
export function picturesAlong(
  project: { readonly pictures?: readonly Picture[] | undefined },
  path: readonly { readonly memory?: { readonly pictures?: readonly Picture[] | undefined } | undefined }[],
): readonly Picture[] {
  const named = [project, ...path.map(({ memory }) => memory)].flatMap((memory) => memory?.pictures ?? []);
  return [...new Map(named.map((picture) => [picture.asset, picture])).values()];
}

/**
 * The frame number under which memory holds a recipe's picture: -1, -2 and so on, in the order in which a story names them.
 * Pictures only come along a story, so that a number stands for the same picture in all of it.
 */
export function pictureFrame(index: number): number {
  return -1 - index;
}

/** Pixels each way that stand behind one of a latent: every model that can be loaded has this stride. */
const latentStride = 8;

/** The size that a model's encoder looks at: a decoder may draw larger. */
export function lookedAtSize({ latent }: { readonly latent: FrameSize }): FrameSize {
  return { width: latent.width * latentStride, height: latent.height * latentStride };
}

/** Whether a frame of memory is a picture, and no frame of the film. */
export function isPicture(frame: number): boolean {
  return frame < 0;
}
