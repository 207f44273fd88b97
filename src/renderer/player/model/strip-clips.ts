import {
  type ChunkAvailability,
  type CutLine,
  chunkAtPixelFrame,
  chunkSpan,
  type LineShot,
} from '../../memory/line/line.ts';

/** Shots narrower than this many pixels are drawn together: nobody can tell them apart. */
const narrowestClip = 8;

/** A piece of the strip: one shot, or several in a row that are too narrow to be told apart. */
export interface StripClip {
  readonly shots: readonly [LineShot, ...LineShot[]];
  /** First pixel frame, and how many. */
  readonly first: number;
  readonly count: number;
}

/** The strip's pieces, in order; however long the film, no more than fit side by side. @param scale pixels a frame */
export function stripClips(shots: readonly LineShot[], scale: number): StripClip[] {
  const clips: StripClip[] = [];
  for (const shot of shots) {
    const last = clips.at(-1);
    const narrow = shot.count * scale < narrowestClip;
    if (last && narrow && last.count * scale < narrowestClip) {
      clips[clips.length - 1] = { ...last, shots: [...last.shots, shot], count: last.count + shot.count };
    } else {
      clips.push({ shots: [shot], first: shot.first, count: shot.count });
    }
  }
  return clips;
}

/** Whether two pieces look the same: made of the same chunks at the same place. */
export function sameClip(a: StripClip, b: StripClip): boolean {
  if (a === b) return true;
  if (a.first !== b.first || a.count !== b.count || a.shots.length !== b.shots.length) return false;
  return a.shots.every(({ chunks }, i) => {
    const others = b.shots[i]?.chunks;
    return chunks.length === others?.length && chunks.every((chunk, j) => chunk === others[j]);
  });
}

/** Keys of the chunks whose pictures stand in a piece, evenly spread; null where there is none. */
export function picturesOf(line: CutLine, { first, count }: StripClip, pictures: number): (string | null)[] {
  return Array.from({ length: pictures }, (_, i) => {
    const at = first + ((i + 0.5) / pictures) * count;
    return chunkAtPixelFrame(line, Math.floor(at))?.key ?? null;
  });
}

/** Chunks in a row that are not as their recipe says, all in the same way. In pixel frames. */
export interface StripMark {
  readonly kind: Exclude<ChunkAvailability, 'fresh'>;
  readonly first: number;
  readonly count: number;
}

export function marksOf(line: CutLine, { shots }: StripClip): StripMark[] {
  const marks: { kind: StripMark['kind']; first: number; count: number }[] = [];
  let before: ChunkAvailability = 'fresh';
  for (const { chunkIndex, availability: kind } of shots.flatMap(({ chunks }) => chunks)) {
    const { first, count } = chunkSpan(line, chunkIndex);
    if (count === 0) continue;
    const last = marks.at(-1);
    if (kind !== 'fresh') {
      if (last && before === kind) last.count += count;
      else marks.push({ kind, first, count });
    }
    before = kind;
  }
  return marks;
}
