import { z } from 'zod';

/** Samples a second that everything about sound is counted at, whatever rate a recording came with. */
export const soundRate = 48_000;

/** SHA-256 of an asset's bytes, 64 hex digits. */
export const assetIdSchema = z.string().regex(/^[0-9a-f]{64}$/);

export const soundIdSchema = z.string().regex(/^[\w-]{6,40}$/);

/**
 * A stretch of a recording that is heard under a film. It hangs on a shot and goes where that goes (decision 0096).
 * Every time is counted in samples at {@link soundRate}.
 *
 * Says what a clip is, not how large it may be, as `projectShotSchema` does.
 */
export const soundClipSchema = z.strictObject({
  id: soundIdSchema,
  /** The recording, in the project's assets. */
  asset: assetIdSchema,
  name: z.string(),
  /** Which row it is shown in, counted from 0. It changes nothing of what is heard. */
  row: z.int().min(0),
  /** From the shot's first frame to where it begins to be heard. May be longer than the shot. */
  offsetSamples: z.int().min(0),
  /** How much of the recording comes before what is heard. */
  inSamples: z.int().min(0),
  /** How much is heard. */
  lengthSamples: z.int().min(1),
  /** Decibels; 0 as recorded. */
  gainDb: z.number(),
  /** It rises from silence for so long, and falls to silence; the factor changes evenly. */
  fadeInSamples: z.int().min(0),
  fadeOutSamples: z.int().min(0),
  muted: z.boolean(),
});
export type SoundClip = z.infer<typeof soundClipSchema>;

/** The factor that a gain in decibels multiplies samples by. */
export function gainFactor(gainDb: number): number {
  return 10 ** (gainDb / 20);
}

/** Samples as seconds. */
export function samplesToSec(samples: number): number {
  return samples / soundRate;
}

/** Seconds as the nearest sample. */
export function secToSamples(sec: number): number {
  return Math.round(sec * soundRate);
}
