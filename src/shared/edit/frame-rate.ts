/** Frame rates that editing programs work in. A model's own rate (8 or 16 frames a second) is seldom one of them. */
export const editRates = [24, 25, 30] as const;

/** Where a frame of the film at another rate comes from: one source frame, or a mix of two neighbours. */
export interface FrameSource {
  /** Index of the source frame. */
  readonly index: number;
  /** Share of the frame after it, from 0 (none) to below 1. */
  readonly next: number;
}

/** How frames are made where a film runs at another rate than its model. */
export type RateConversion = 'repeat' | 'blend';

/**
 * A frame boundary of the model's time at another rate: `round(frame * toFps / fromFps)`. Neighbouring shots share their
 * boundary, so no frame falls between them.
 */
export function boundaryAt(frame: number, fromFps: number, toFps: number): number {
  return Math.round((frame * toFps) / fromFps);
}

/**
 * The source of each frame of a film at `toFps`.
 *
 * `repeat` shows the source frame that is on the screen at the middle of the output frame. `blend` mixes the two source
 * frames whose middles lie around it, weighted by distance, as a cross-dissolve between neighbours would.
 *
 * @param frames source frames, at least 1
 * @returns as many entries as the film has frames at `toFps`
 */
export function conform(frames: number, fromFps: number, toFps: number, how: RateConversion): FrameSource[] {
  const count = Math.max(1, boundaryAt(frames, fromFps, toFps));
  const last = frames - 1;
  return Array.from({ length: count }, (_, i): FrameSource => {
    // The middle of the output frame, counted in source frames.
    const middle = ((i + 0.5) * fromFps) / toFps;
    if (how === 'repeat' || fromFps === toFps) return { index: Math.min(last, Math.floor(middle)), next: 0 };
    const at = Math.min(last, Math.max(0, middle - 0.5));
    const index = Math.floor(at);
    const next = at - index;
    return { index, next: index === last ? 0 : round6(next) };
  });
}

/** What happens to the frames, in a sentence for the person who exports. */
export function conversionSentence(fromFps: number, toFps: number, how: RateConversion): string {
  if (fromFps === toFps) return `Every frame is shown once, at the model's own ${fromFps} frames a second.`;
  const factor = toFps / fromFps;
  if (how === 'blend') {
    return `Frames between the model's ${fromFps} a second are mixed from their neighbours to give ${toFps}.`;
  }
  return Number.isInteger(factor)
    ? `Every frame is shown ${factor} times: the model makes ${fromFps} frames a second, the film has ${toFps}.`
    : `Frames are shown ${Math.floor(factor)} or ${Math.ceil(factor)} times: the model makes ${fromFps} a second, the film has ${toFps}.`;
}

function round6(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
