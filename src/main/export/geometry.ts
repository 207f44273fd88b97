import { ThroughlineError } from '../../shared/errors.ts';

/** A picture's size in pixels. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** Height in pixels below which a film is enlarged unless the caller says otherwise. */
export const defaultTargetHeight = 720;

/** Largest side in pixels that H.264 level 5.1 and common players take. */
const largestSide = 4096;

/**
 * The size a film is written at: enlarged so that it is `targetHeight` high, never reduced, aspect kept to
 * within a pixel, both sides even as 4:2:0 needs.
 *
 * @param source size of the frames that come in, in pixels, each side at least 2
 * @param targetHeight in pixels, at least 2
 * @throws ThroughlineError `bad-input` if a size is out of range
 */
export function filmSize(source: PictureSize, targetHeight: number): PictureSize {
  for (const [name, value] of Object.entries({ width: source.width, height: source.height, targetHeight })) {
    if (!Number.isInteger(value) || value < 2 || value > largestSide) {
      throw new ThroughlineError(
        'bad-input',
        `The film's ${name} is ${value}; it must be a whole number from 2 to ${largestSide} pixels.`,
        'Choose another height for the exported film.',
      );
    }
  }
  const scale = Math.max(1, targetHeight / source.height);
  const size = { width: roundToEven(source.width * scale), height: roundToEven(source.height * scale) };
  if (Math.max(size.width, size.height) > largestSide) {
    throw new ThroughlineError(
      'bad-input',
      `The film would be ${size.width} x ${size.height} pixels; H.264 files play up to ${largestSide} on a side.`,
      'Choose a smaller height for the exported film.',
    );
  }
  return size;
}

function roundToEven(pixels: number): number {
  return Math.max(2, Math.round(pixels / 2) * 2);
}
