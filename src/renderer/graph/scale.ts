import { firstPixelFrame } from '../../shared/timing.ts';

/** Flow pixels that a chunk is wide: story time is to scale in chunks. */
export const chunkWidth = 96;
/** Flow pixels from one lane to the next, and of a shot in it. */
export const laneHeight = 172;
export const shotHeight = 124;
/** Flow pixels left free at both ends of a shot, where the line to the next one shows. */
export const shotInset = 5;
/** Where in a shot, from its top, the line through the story runs. */
export const lineOffset = 67;

/**
 * How a shot is shown at a zoom: with all that is known of it; with its number, a title that can be read and its pictures;
 * as a picture and a number; or as a block in its state's colour.
 */
export type CardLevel = 'whole' | 'title' | 'picture' | 'block';

export function cardLevel(zoom: number): CardLevel {
  if (zoom >= 0.8) return 'whole';
  if (zoom >= 0.5) return 'title';
  return zoom >= blockZoom ? 'picture' : 'block';
}

/** Below it a card is too small for a picture. */
const blockZoom = 0.16;

/** Below it a story is drawn as a whole: its shots are a few pixels wide, and there may be a thousand of them in sight. */
export const tinyZoom = 0.06;

/** In few steps, since each has all cards in sight styled again; the last holds for blocks, which have no texts. */
const enlargements = [1, 1.25, 1.6, 2, 2.6, 3.4, 4.4, 6];

/** How much larger than life texts on cards are written at a zoom, so that they can be read from afar. */
export function enlargement(zoom: number): number {
  const last = enlargements.at(-1) as number;
  return zoom < blockZoom ? last : (enlargements.find((step) => step >= 0.95 / zoom) ?? last);
}

/** How film time lies in the graph. The first chunk is shorter than the others but as wide as they are. */
export interface TimeScale {
  readonly fps: number;
  readonly chunkFrames: number;
}

/** Flow x of a pixel frame of a cut. */
export function xOfFrame(frame: number, { chunkFrames }: TimeScale): number {
  const first = firstPixelFrame(chunkFrames);
  const rest = firstPixelFrame(2 * chunkFrames) - first;
  return (frame < first ? frame / first : 1 + (frame - first) / rest) * chunkWidth;
}

/** Pixel frame, with its fraction, at a flow x of 0 or more. */
export function frameOfX(x: number, { chunkFrames }: TimeScale): number {
  const first = firstPixelFrame(chunkFrames);
  const rest = firstPixelFrame(2 * chunkFrames) - first;
  const chunks = Math.max(0, x) / chunkWidth;
  return chunks < 1 ? chunks * first : first + (chunks - 1) * rest;
}

/** Seconds between ticks so that they stand at least `minPixels` apart on the screen. */
export function tickStep(pixelsPerSec: number, minPixels: number): number {
  const steps = [0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600];
  return steps.find((step) => step * pixelsPerSec >= minPixels) ?? 7200;
}

/** A tick's label: `4 s`, `1.5 s`, `2:30`. */
export function tickLabel(timeSec: number): string {
  if (timeSec < 60) return `${Number(timeSec.toFixed(1))} s`;
  const seconds = Math.round(timeSec % 60);
  return `${Math.floor(timeSec / 60)}:${String(seconds).padStart(2, '0')}`;
}
