import { z } from 'zod';

/**
 * Where in a script a shot comes from, and what the script said of it then: so that a changed script can be brought in
 * again, and what the person changed meanwhile is told from what the script changed.
 */
export const scriptOriginSchema = z.strictObject({
  /** Name of the script's file. */
  file: z.string().max(300),
  /** Which story of the file, counted from 0. */
  story: z.int().min(0),
  /** Rises with the place in the story. What came in later has a number between those of its neighbours. */
  index: z.number(),
  /** A fingerprint of each part that the script said: see `fingerprint`. */
  parts: z.record(z.string().max(20), z.string().max(20)),
});
export type ScriptOrigin = z.infer<typeof scriptOriginSchema>;

/**
 * 53 bits of a text, in hexadecimal digits: enough to say whether it is still the same, and short enough to be kept
 * for every shot. Not for keys: who wants two texts of one fingerprint can make them.
 */
export function fingerprint(text: string): string {
  let low = 0xdeadbeef;
  let high = 0x41c6ce57;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    low = Math.imul(low ^ unit, 2_654_435_761);
    high = Math.imul(high ^ unit, 1_597_334_677);
  }
  low = Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909);
  high = Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909);
  return ((high & 0x1fffff) * 2 ** 32 + (low >>> 0)).toString(16);
}
