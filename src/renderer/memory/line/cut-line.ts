import type { Picture } from '../../../shared/pictures.ts';
import type { ProjectShot } from '../../../shared/project/document.ts';
import type { ChunkStatus, ShotStatus } from '../../../shared/project/status.ts';
import { shotTitle } from '../../../shared/project/tree.ts';
import { pixelFramesOfChunk, shotPixelFrames } from '../../../shared/timing.ts';
import { isTrimmed, type ShotFrames, shownPart } from '../../../shared/trim.ts';
import type { ChunkAvailability, CutLine, LineChunk } from './line.ts';

/** Length and rate of chunks where no model has said its own yet: those of the built-in one. */
const builtIn = { chunkFrames: 3, fps: 8 };

/** The part of a model that turns chunks into time. */
export interface FilmScale {
  readonly chunkFrames: number;
  readonly video: { readonly fps: number };
}

/**
 * A cut as a row of chunks, each with what there is to show of it.
 * @param before a line of the same cut from a moment ago: what says the same is the same object, so that it is not drawn
 *   again; the line itself where nothing changed
 */
export function cutLine(
  shots: readonly ProjectShot[],
  statuses: ReadonlyMap<string, ShotStatus>,
  model: FilmScale | null,
  before: CutLine | null = null,
  pictures: readonly Picture[] = [],
): CutLine {
  const chunkFrames = model?.chunkFrames ?? builtIn.chunkFrames;
  const fps = model?.video.fps ?? builtIn.fps;
  const chunks: LineChunk[] = [];
  for (const [shotIndex, shot] of shots.entries()) {
    const status = statuses.get(shot.id);
    const shotName = shotTitle(shot);
    const trimmed = trimsOf(shot, chunks.length, chunkFrames);
    for (let indexInShot = 0; indexInShot < shot.chunks; indexInShot++) {
      const chunk = status?.chunks[indexInShot];
      const made: LineChunk = {
        chunkIndex: chunks.length,
        shotId: shot.id,
        shotIndex,
        shotName,
        fullName: shot.name.trim() || shot.prompt.trim(),
        prompt: shot.prompt,
        indexInShot,
        chunksInShot: shot.chunks,
        key: chunk?.shown ?? null,
        availability: availabilityOf(chunk, status),
        ...(trimmed ? { trimmed: trimmed[indexInShot] as NonNullable<LineChunk['trimmed']> } : {}),
      };
      const known = before?.chunks[chunks.length];
      chunks.push(known && sameChunk(known, made) ? known : made);
    }
  }
  const same =
    before !== null &&
    before.chunkFrames === chunkFrames &&
    before.fps === fps &&
    JSON.stringify(before.pictures ?? []) === JSON.stringify(pictures) &&
    sameItems(before.chunks, chunks);
  return same ? before : { chunks, chunkFrames, fps, ...(pictures.length > 0 ? { pictures } : {}) };
}

function sameChunk(a: LineChunk, b: LineChunk): boolean {
  return (
    a.chunkIndex === b.chunkIndex &&
    a.shotId === b.shotId &&
    a.shotIndex === b.shotIndex &&
    a.shotName === b.shotName &&
    a.fullName === b.fullName &&
    a.prompt === b.prompt &&
    a.indexInShot === b.indexInShot &&
    a.chunksInShot === b.chunksInShot &&
    a.key === b.key &&
    a.availability === b.availability &&
    sameTrim(a.trimmed, b.trimmed)
  );
}

/** What is shown of a trimmed shot and of each of its chunks; null where all of it is. */
function trimsOf(
  { trim, chunks }: ProjectShot,
  firstChunk: number,
  chunkFrames: number,
): NonNullable<LineChunk['trimmed']>[] | null {
  if (!isTrimmed(trim)) return null;
  const shot = shownPart(trim, shotPixelFrames(firstChunk, chunks, chunkFrames));
  let at = 0;
  return Array.from({ length: chunks }, (_, i) => {
    const frames = pixelFramesOfChunk(firstChunk + i, chunkFrames);
    const within = (frame: number): number => Math.min(frames, Math.max(0, frame - at));
    const head = within(shot.head);
    const end = within(shot.head + shot.shown);
    at += frames;
    return { shot, own: { head, shown: end - head, tail: frames - end } };
  });
}

function sameTrim(a: LineChunk['trimmed'], b: LineChunk['trimmed']): boolean {
  if (!a || !b) return a === b;
  const same = (one: ShotFrames, other: ShotFrames): boolean =>
    one.head === other.head && one.shown === other.shown && one.tail === other.tail;
  return same(a.shot, b.shot) && same(a.own, b.own);
}

/** Whether two lists hold the very same objects. */
export function sameItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i]);
}

function availabilityOf(chunk: ChunkStatus | undefined, status: ShotStatus | undefined): ChunkAvailability {
  if (chunk?.shown && chunk.state !== 'missing' && chunk.state !== 'generating') return chunk.state;
  const atWork = status?.job?.state === 'running' || status?.job?.state === 'waiting';
  if (chunk?.state === 'generating') return 'coming';
  return atWork ? 'queued' : 'missing';
}
