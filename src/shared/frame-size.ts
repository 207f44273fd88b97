/** Width and height of frames, in pixels. */
export interface FrameSize {
  readonly width: number;
  readonly height: number;
}

/** What sizes a model may be loaded for besides its own. */
export interface FrameSizes {
  /** What it is loaded for unless another size is asked for. */
  readonly own: FrameSize;
  readonly most: FrameSize;
}

/** A token stands for so many pixels each way. */
export const frameSideStep = 16;
/** Two tokens: with fewer there is nothing to be seen. */
export const leastFrameSide = 32;
/**
 * A chunk's twelve frames are stored one below the other in one WebP, whose sides have 14 bits. Films are written up to the
 * width of level 5.2 of H.264.
 */
export const mostFrameSize: FrameSize = { width: 4096, height: 1360 };

/** `832x480`; null for what is no two numbers. */
export function parseFrameSize(text: string): FrameSize | null {
  const [, width, height] = /^\s*(\d{1,5})\s*[x×]\s*(\d{1,5})\s*$/i.exec(text) ?? [];
  return width === undefined ? null : { width: Number(width), height: Number(height) };
}

export function frameSizeText({ width, height }: FrameSize): string {
  return `${width}x${height}`;
}

export function isSameSize(a: FrameSize, b: FrameSize): boolean {
  return a.width === b.width && a.height === b.height;
}

/** Which sizes there are, in a sentence. */
export function frameSizeRule(most: FrameSize = mostFrameSize): string {
  return `A frame size is two multiples of ${frameSideStep} such as 832x480, from ${leastFrameSide}x${leastFrameSide} to ${frameSizeText(most)}.`;
}

/** Whether frames of a size can be made, by a model that permits sizes up to `most`. */
export function isFrameSize({ width, height }: FrameSize, most: FrameSize = mostFrameSize): boolean {
  const fits = (side: number, longest: number): boolean =>
    Number.isInteger(side) && side % frameSideStep === 0 && side >= leastFrameSide && side <= longest;
  return fits(width, most.width) && fits(height, most.height);
}
