import { z } from 'zod';

/**
 * Frames of a shot that are made but not shown, at its beginning and at its end, in the model's own frames. Not part of
 * the recipe: results and keys stay, and what continues the shot continues from all of it.
 */
export const trimSchema = z.strictObject({ head: z.int().min(0), tail: z.int().min(0) });
export type Trim = z.infer<typeof trimSchema>;

export const noTrim: Trim = { head: 0, tail: 0 };

/** Frames of a shot at the model's rate: those shown, and those around them that exist but are not. */
export interface ShotFrames {
  readonly head: number;
  readonly shown: number;
  readonly tail: number;
}

/** Whether anything is trimmed off. */
export function isTrimmed(trim: Trim | undefined): trim is Trim {
  return trim !== undefined && (trim.head > 0 || trim.tail > 0);
}

/**
 * What is shown of a shot: one frame at least. A shot that has become shorter than what was trimmed off it (it moved to
 * the story's beginning, where it has fewer frames) shows its first frame that is not trimmed off, or its last.
 * @param frames of the whole shot, at least 1
 */
export function shownPart(trim: Trim | undefined, frames: number): ShotFrames {
  const { head, tail } = trim ?? noTrim;
  const first = Math.min(head, frames - 1);
  const last = Math.min(tail, frames - 1 - first);
  return { head: first, shown: frames - first - last, tail: last };
}
