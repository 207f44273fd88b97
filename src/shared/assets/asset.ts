import { z } from 'zod';
import type { FootageFacts } from '../footage.ts';
import { assetIdSchema } from '../sound/sound-clip.ts';

/** What a file that belongs to a project is. */
export const assetKinds = ['sound', 'picture', 'footage'] as const;
export type AssetKind = (typeof assetKinds)[number];

/** What is known of a recording. */
export const soundFactsSchema = z.strictObject({
  /** Length, in samples at 48 kHz. */
  lengthSamples: z.int().min(1),
  /** As it is kept to be played: more are mixed down. */
  channels: z.union([z.literal(1), z.literal(2)]),
  /** As it came. */
  sourceChannels: z.int().min(1),
  sourceRate: z.int().min(1),
  /** As mediabunny names it: `aac`, `pcm-s16`. */
  codec: z.string().min(1).max(40),
});
export type SoundFacts = z.infer<typeof soundFactsSchema>;

/** A file that belongs to a project: immutable, named by its content. */
export interface Asset {
  /** SHA-256 of its bytes, 64 hex digits. */
  readonly id: string;
  readonly kind: AssetKind;
  /** As it was called where it came from. */
  readonly name: string;
  readonly mediaType: string;
  readonly sizeBytes: number;
  /** Null where it is none. */
  readonly sound: SoundFacts | null;
  /** Of footage only. */
  readonly footage?: FootageFacts;
}

/** What can be made again from an asset, and is kept with it. */
export const derivedKinds = ['sound-48k', 'sound-peaks'] as const;
export type DerivedKind = (typeof derivedKinds)[number];

export { assetIdSchema };

/** How large a picture may be that a project takes in, and how large it is kept. */
export const pictureLimits = {
  /** Of the file. */
  sizeBytes: 32 * 2 ** 20,
  /** Pixels on a side, and in all. */
  side: 16_384,
  pixels: 64e6,
  smallest: 8,
  /** The longer side of what is kept: more than any model looks at. */
  keptSide: 1280,
} as const;

/** How large a file may be that a project takes in. */
export const assetLimits = {
  sizeBytes: 2 * 1024 ** 3,
  /** Characters of its name. */
  name: 200,
  /** Of a recording. */
  soundSec: 3 * 3600,
  soundChannels: 8,
  lowestRate: 4000,
  highestRate: 192_000,
} as const;
