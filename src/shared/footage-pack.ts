import { z } from 'zod';

/**
 * PNG frames on their way to the studio, as one body: a magic, the length of a list, the list as JSON, then the files one after
 * the other in its order.
 */
export const packMagic = 'TLFRAMES';

/** Bytes of magic and length. */
export const packPrefixBytes = packMagic.length + 4;

/** Longest list, in bytes. */
export const mostPackListBytes = 2 ** 20;

const packListSchema = z
  .array(z.strictObject({ name: z.string(), bytes: z.int().min(0) }))
  .min(1)
  .readonly();
export type PackList = z.infer<typeof packListSchema>;

/** What stands before the files. */
export function packHead(list: PackList): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(JSON.stringify(list));
  const head = new Uint8Array(packPrefixBytes + text.length);
  head.set(new TextEncoder().encode(packMagic));
  new DataView(head.buffer).setUint32(packMagic.length, text.length, true);
  head.set(text, packPrefixBytes);
  return head;
}

/** Bytes of the list that follows this beginning of a file; null where it is none of PNG frames. */
export function packListBytes(prefix: Uint8Array): number | null {
  if (prefix.length < packPrefixBytes) return null;
  if (new TextDecoder('latin1').decode(prefix.subarray(0, packMagic.length)) !== packMagic) return null;
  return new DataView(prefix.buffer, prefix.byteOffset).getUint32(packMagic.length, true);
}

/** Null where it makes no sense. */
export function readPackList(text: Uint8Array): PackList | null {
  try {
    return packListSchema.parse(JSON.parse(new TextDecoder().decode(text)));
  } catch {
    return null;
  }
}

/** Frames in the order of the numbers in their names. */
export function inFrameOrder<Named extends { readonly name: string }>(files: readonly Named[]): Named[] {
  const { compare } = new Intl.Collator('en', { numeric: true });
  return [...files].sort((a, b) => compare(a.name, b.name));
}
