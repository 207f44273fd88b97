import { isPicture, type Picture } from '../../../shared/pictures.ts';
import { firstPixelFrame, pixelFramesOfChunk, timeCode } from '../../../shared/timing.ts';
import type { ShotFrames } from '../../../shared/trim.ts';

/**
 * What of a chunk can be shown: its own result, an older one, or nothing yet. `coming` is being made, `queued` will be, and
 * `missing` nobody has asked for.
 */
export type ChunkAvailability = 'fresh' | 'stale' | 'held' | 'coming' | 'queued' | 'missing';

/** Whether there is nothing yet of a chunk, and it comes by itself. */
export const isAwaited = (availability: ChunkAvailability): boolean =>
  availability === 'coming' || availability === 'queued';

/** One chunk of a cut, with the shot it belongs to. */
export interface LineChunk {
  /** Chunks since the root: its place in the line. */
  readonly chunkIndex: number;
  readonly shotId: string;
  /** Counted from 0 along the cut. */
  readonly shotIndex: number;
  /** For labels: cut where it is long. */
  readonly shotName: string;
  /** The name, or where it has none the prompt, whole. */
  readonly fullName: string;
  readonly prompt: string;
  readonly indexInShot: number;
  readonly chunksInShot: number;
  /** Key of the result whose pictures and record are shown; null where there is none. */
  readonly key: string | null;
  readonly availability: ChunkAvailability;
  /** Set where its shot is trimmed: what is shown of the shot, and of this chunk's own frames. */
  readonly trimmed?: { readonly shot: ShotFrames; readonly own: ShotFrames };
  /** Set where no shot of the cut shows it any more: it is what a result was made after. */
  readonly former?: true;
}

/** A cut as a row of chunks from the root to its leaf, and the two numbers that turn chunks into time. */
export interface CutLine {
  readonly chunks: readonly LineChunk[];
  /** Latent frames of a chunk. */
  readonly chunkFrames: number;
  /** Pixel frames a second. */
  readonly fps: number;
  /** Pictures in memory at its end, in the order of their numbers (`pictureFrame`); absent: none. */
  readonly pictures?: readonly Picture[];
}

/** A latent frame, or a picture in memory, as a person knows it. */
export interface FrameLabel {
  /** Latent frame, counted from the root. */
  readonly frame: number;
  readonly chunkIndex: number;
  /** Null where the cut no longer reaches that far. */
  readonly chunk: LineChunk | null;
  readonly timeSec: number;
  /** `2 city 0:01.9` without the time: the shot's number and its first telling words. */
  readonly shot: string;
  readonly timeCode: string;
  /** Address of its picture; null where none was made. */
  readonly picture: string | null;
}

/** Letters a shot's short name may have. */
const shortNameLength = 18;
/** Words that say nothing of a shot at its beginning. */
const articles = new Set(['a', 'an', 'the', 'at', 'in', 'on', 'again', 'back']);

/** A name short enough for a label under a thumbnail: leading articles go, and what does not fit. */
export function shortName(name: string, length = shortNameLength): string {
  const words = name.trim().split(/\s+/);
  while (words.length > 1 && articles.has((words[0] as string).toLowerCase().replace(/\W/g, ''))) words.shift();
  let short = words.join(' ');
  if (short.length > length) {
    const space = short.lastIndexOf(' ', length);
    short = `${short.slice(0, space > length / 2 ? space : length)}…`;
  }
  return short.charAt(0).toUpperCase() + short.slice(1);
}

/** The chunk that a latent frame belongs to. */
export function chunkOfFrame(frame: number, chunkFrames: number): number {
  return Math.floor(frame / chunkFrames);
}

/** Names a latent frame of a cut, or a picture in memory. */
export function labelFrame(line: CutLine, frame: number): FrameLabel {
  if (isPicture(frame)) return labelPicture(line.pictures?.[-1 - frame] ?? null, frame);
  const chunkIndex = chunkOfFrame(frame, line.chunkFrames);
  const chunk = line.chunks[chunkIndex] ?? null;
  const timeSec = filmTimeSec(line, frame, chunkIndex);
  return {
    frame,
    chunkIndex,
    chunk,
    timeSec,
    shot: chunk ? shotLabel(chunk) : `frame ${frame}`,
    timeCode: timeCode(timeSec),
    picture: chunk?.key ? frameUrl(chunk.key, frame - chunkIndex * line.chunkFrames) : null,
  };
}

/** A picture stands nowhere in the film. */
function labelPicture(known: Picture | null, frame: number): FrameLabel {
  const shot = known ? known.name : `picture ${-frame}`;
  const picture = known && pictureUrl(known.asset);
  return { frame, chunkIndex: -1, chunk: null, timeSec: 0, shot, timeCode: '', picture };
}

/** Where a latent frame stands in the film; one that is trimmed off, at the nearest frame of its chunk that is not. */
function filmTimeSec(line: CutLine, frame: number, chunkIndex: number): number {
  const trimmed = line.chunks[chunkIndex]?.trimmed;
  const { first, count } = chunkSpan(line, chunkIndex);
  const made = firstPixelFrame(frame) - firstPixelFrame(chunkIndex * line.chunkFrames);
  return (first + Math.min(count, Math.max(0, made - (trimmed?.own.head ?? 0)))) / line.fps;
}

function shotLabel({ former, shotIndex, shotName }: LineChunk): string {
  if (former) return `once ${shotName ? shortName(shotName) : 'a deleted chunk'}`;
  return `${shotIndex + 1} ${shortName(shotName)}`;
}

/** `Shot 2 City`, or `Once city` of a frame that the cut no longer shows: how a frame is called at the head of something. */
export function titleFrame({ frame, chunk, shot }: FrameLabel): string {
  if (isPicture(frame)) return `Picture ${shot}`;
  return chunk?.former ? `O${shot.slice(1)}` : `Shot ${shot}`;
}

/** `shot 2 "City…", 0:01.9`: a frame's name in running text and for screen readers. */
export function describeFrame(label: FrameLabel): string {
  if (isPicture(label.frame)) return `the picture ${label.shot}`;
  if (label.chunk?.former) return `${label.shot}, ${label.timeCode}`;
  return label.chunk ? `shot ${label.shot}, ${label.timeCode}` : `frame ${label.frame}, ${label.timeCode}`;
}

/** A picture that a project keeps. */
export function pictureUrl(asset: string): string {
  return `/media/picture/${asset}.png`;
}

/** Picture of one latent frame of a chunk. */
export function frameUrl(chunkKey: string, indexInChunk: number): string {
  return `/media/frame/${chunkKey}/${indexInChunk}.webp`;
}

/** A row of chunks, as far as places in the film follow from it. */
type Timed = Pick<CutLine, 'chunkFrames' | 'chunks'>;

const startsOfChunks = new WeakMap<readonly LineChunk[], Float64Array>();

/** First pixel frame of each chunk in the film, trims taken off, and the film's end. Computed once for a row. */
function startsOf({ chunks, chunkFrames }: Timed): Float64Array {
  let starts = startsOfChunks.get(chunks);
  if (!starts) {
    starts = new Float64Array(chunks.length + 1);
    for (const [i, { trimmed }] of chunks.entries()) {
      starts[i + 1] = (starts[i] as number) + (trimmed?.own.shown ?? pixelFramesOfChunk(i, chunkFrames));
    }
    startsOfChunks.set(chunks, starts);
  }
  return starts;
}

/** Where a chunk lies in the film, in pixel frames: first, and how many are shown. */
export function chunkSpan(line: Timed, chunkIndex: number): { first: number; count: number } {
  const { chunks, chunkFrames } = line;
  const starts = startsOf(line);
  const first = starts[chunkIndex];
  const end = starts[chunkIndex + 1];
  if (first !== undefined && end !== undefined) return { first, count: end - first };
  // Beyond the cut nothing is trimmed.
  const beyond = firstPixelFrame(chunkIndex * chunkFrames) - firstPixelFrame(chunks.length * chunkFrames);
  return { first: (starts[chunks.length] as number) + beyond, count: pixelFramesOfChunk(chunkIndex, chunkFrames) };
}

/** Where a pixel frame of the film stands in its chunk's pictures, and how many of those there are. */
export function placeInChunk(line: Timed, chunk: LineChunk, pixelFrame: number): { index: number; of: number } {
  const { first } = chunkSpan(line, chunk.chunkIndex);
  return {
    index: pixelFrame - first + (chunk.trimmed?.own.head ?? 0),
    of: pixelFramesOfChunk(chunk.chunkIndex, line.chunkFrames),
  };
}

/** Pixel frames of the whole cut. */
export function lineFrameCount(line: Timed): number {
  return startsOf(line)[line.chunks.length] as number;
}

/** The chunk that shows a pixel frame; the last one beyond the end. Null for an empty cut. */
export function chunkAtPixelFrame(line: Timed, pixelFrame: number): LineChunk | null {
  const starts = startsOf(line);
  const frame = Math.min(Math.max(0, pixelFrame), lineFrameCount(line) - 1);
  // The last chunk that begins there or before: of those that show nothing, none.
  let low = 0;
  let high = line.chunks.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] as number) <= frame) low = middle;
    else high = middle - 1;
  }
  return line.chunks[low] ?? null;
}

/** A run of chunks of one shot. */
export interface LineShot {
  readonly shotId: string;
  readonly shotIndex: number;
  readonly name: string;
  readonly prompt: string;
  readonly chunks: readonly LineChunk[];
  /** First pixel frame, and how many. */
  readonly first: number;
  readonly count: number;
  /** What is shown of its frames, and what is trimmed off at either end. */
  readonly part: ShotFrames;
}

const shotsOfLine = new WeakMap<CutLine, readonly LineShot[]>();

/** The shots of a cut, in order, with their true lengths. Computed once for a line. */
export function lineShots(line: CutLine): readonly LineShot[] {
  let shots = shotsOfLine.get(line);
  if (!shots) {
    shots = groupShots(line);
    shotsOfLine.set(line, shots);
  }
  return shots;
}

function groupShots(line: CutLine): LineShot[] {
  const shots: { shotId: string; chunks: LineChunk[] }[] = [];
  for (const chunk of line.chunks) {
    const last = shots.at(-1);
    if (last?.shotId === chunk.shotId) last.chunks.push(chunk);
    else shots.push({ shotId: chunk.shotId, chunks: [chunk] });
  }
  return shots.map(({ shotId, chunks }) => {
    const head = chunks[0] as LineChunk;
    const first = chunkSpan(line, head.chunkIndex).first;
    const end = chunkSpan(line, head.chunkIndex + chunks.length).first;
    return {
      shotId,
      shotIndex: head.shotIndex,
      name: head.shotName,
      prompt: head.prompt,
      chunks,
      first,
      count: end - first,
      part: head.trimmed?.shot ?? { head: 0, shown: end - first, tail: 0 },
    };
  });
}
