import { textWithin } from '../../shared/text.ts';

/** A chapter mark of a film. */
export interface Chapter {
  readonly title: string;
  /** Seconds from the film's start. */
  readonly startSec: number;
}

/** What the `chpl` box can hold. */
const mostChapters = 255;
const mostTitleBytes = 255;
const ticksPerSec = 10_000_000;

/**
 * The `chpl` box (Nero chapters; what VLC, mpv and ffmpeg read in MP4): version, flags, 4 reserved bytes, a count,
 * then for each chapter its start in units of 100 ns (64 bits) and its title in UTF-8 behind a length byte.
 * Chapters past the 255th are left out, titles are cut at a character within 255 bytes.
 */
export function chapterBox(chapters: readonly Chapter[]): Uint8Array {
  const encoder = new TextEncoder();
  const kept = chapters
    .slice(0, mostChapters)
    .map(({ title, startSec }) => ({ title: encoder.encode(textWithin(title, mostTitleBytes)), startSec }));
  const box = Buffer.alloc(17 + kept.reduce((sum, { title }) => sum + 9 + title.length, 0));
  box.writeUInt32BE(box.length, 0);
  box.write('chpl', 4, 'latin1');
  box[8] = 1; // version
  box[16] = kept.length;
  let at = 17;
  for (const { title, startSec } of kept) {
    box.writeBigUInt64BE(BigInt(Math.round(startSec * ticksPerSec)), at);
    box[at + 8] = title.length;
    box.set(title, at + 9);
    at += 9 + title.length;
  }
  return box;
}

/** The chapters in the payload of a `chpl` box (what follows its 8-byte header). */
export function parseChapters(payload: Uint8Array): Chapter[] {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.length);
  const chapters: Chapter[] = [];
  let at = 9;
  for (let left = bytes[8] ?? 0; left > 0; left--) {
    const length = bytes[at + 8] ?? 0;
    chapters.push({
      startSec: Number(bytes.readBigUInt64BE(at)) / ticksPerSec,
      title: bytes.toString('utf8', at + 9, at + 9 + length),
    });
    at += 9 + length;
  }
  return chapters;
}

/**
 * Puts a box at the end of `moov/udta`, taking its room from the `free` box behind `moov`, so that no sample moves.
 *
 * @param head the file's bytes from its start to at least 8 bytes into the `free` box; changed in place
 * @returns whether it could be done: `moov` must end in `udta` and be followed by a `free` box with room
 */
export function insertIntoUserData(head: Uint8Array, box: Uint8Array): boolean {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.length);
  const moov = childBoxes(bytes, 0, bytes.length).find(({ type }) => type === 'moov');
  if (!moov) return false;
  const udta = childBoxes(bytes, moov.start + 8, moov.end).at(-1);
  const moovEnd = moov.end;
  if (udta?.type !== 'udta' || bytes.toString('latin1', moovEnd + 4, moovEnd + 8) !== 'free') return false;
  const room = bytes.readUInt32BE(moovEnd);
  if (room < box.length + 8 || moovEnd + box.length + 8 > bytes.length) return false;
  bytes.writeUInt32BE(moov.end - moov.start + box.length, moov.start);
  bytes.writeUInt32BE(udta.end - udta.start + box.length, udta.start);
  bytes.set(box, moovEnd);
  bytes.writeUInt32BE(room - box.length, moovEnd + box.length);
  bytes.write('free', moovEnd + box.length + 4, 'latin1');
  return true;
}

/** The boxes between two offsets, by their 32-bit sizes; stops at the first that does not end in reach. */
export function childBoxes(bytes: Buffer, from: number, to: number): { type: string; start: number; end: number }[] {
  const boxes = [];
  for (let at = from; at + 8 <= to; ) {
    const end = at + bytes.readUInt32BE(at);
    if (end < at + 8 || end > to) break;
    boxes.push({ type: bytes.toString('latin1', at + 4, at + 8), start: at, end });
    at = end;
  }
  return boxes;
}
