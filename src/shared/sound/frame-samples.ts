import { soundRate } from './sound-clip.ts';

/** A frame rate as a fraction: `frames` in `seconds`. */
export interface RationalRate {
  readonly frames: number;
  readonly seconds: number;
}

/** How far a written rate such as 23.976 may be from the one that is meant. */
const tolerance = 5e-4;
/** Rates with decimals are taken as so many frames in a thousand seconds at the finest. */
const finest = 1000;

/**
 * A frame rate as the fraction that is meant by it: whole rates, and those of NTSC, written 23.976, 29.97 or 59.94, which
 * are 24, 30 and 60 times 1000 / 1001.
 * @param fps frames a second, above 0
 */
export function rationalRate(fps: number): RationalRate {
  if (Number.isInteger(fps)) return { frames: fps, seconds: 1 };
  const whole = Math.round((fps * 1001) / 1000);
  if (Math.abs((whole * 1000) / 1001 - fps) < tolerance && whole > 0) return { frames: whole * 1000, seconds: 1001 };
  return { frames: Math.round(fps * finest), seconds: finest };
}

/** Frames a second as {@link rationalRate} means them: 23.976 is 24,000 in 1001 seconds. */
export function exactRate(fps: number): number {
  const { frames, seconds } = rationalRate(fps);
  return frames / seconds;
}

/**
 * The sample that a frame begins with: the nearest to its exact time. Computed from the frame number each time, in whole
 * numbers, so that nothing adds up however long a film is.
 * @param frame counted from the film's beginning; may be negative, for what lies before it
 */
export function sampleOfFrame(frame: number, fps: number): number {
  const { frames, seconds } = rationalRate(fps);
  // At most 2^53: 1,200,000 frames by 48,000 by 1001 are 6e13.
  return Math.round((frame * soundRate * seconds) / frames);
}

/** The frame that is on the screen at a sample. */
export function frameOfSample(sample: number, fps: number): number {
  const { frames, seconds } = rationalRate(fps);
  const frame = Math.floor((sample * frames) / (soundRate * seconds));
  // A frame begins with its nearest sample, which may come half a sample early.
  return sampleOfFrame(frame + 1, fps) <= sample ? frame + 1 : frame;
}
