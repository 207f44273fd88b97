import { z } from 'zod';

/** As it is stored: what was once saved must open. Whether frames of a size can be made says {@link isFrameSize}. */
export const frameSizeSchema = z.strictObject({ width: z.int().min(1), height: z.int().min(1) });
/** Width and height of frames, in pixels. */
export type FrameSize = Readonly<z.infer<typeof frameSizeSchema>>;

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

/**
 * The size that a story's frames are made in: the one it asks for, where its model draws that, else the model's own.
 * @param sizes of the model; absent: it draws its own alone, whatever that is
 * @returns undefined where the model has no choice
 */
export function sizeOfStory(wanted: FrameSize | null, sizes: FrameSizes | undefined): FrameSize | undefined {
  if (!sizes) return undefined;
  return wanted !== null && isFrameSize(wanted, sizes.most) ? wanted : sizes.own;
}

/** Tokens of one frame: what time and memory go with. */
export function tokensOf({ width, height }: FrameSize): number {
  return Math.ceil(width / frameSideStep) * Math.ceil(height / frameSideStep);
}

/** A size that is offered, and what it is, in a word or two. */
export interface OfferedSize {
  readonly size: FrameSize;
  readonly what: string;
}

/** A few sensible sizes of a model: its own first, then smaller ones of its shape, then other shapes of as many tokens. */
export function offeredSizes({ own, most }: FrameSizes): OfferedSize[] {
  const round = (side: number): number => Math.max(leastFrameSide, Math.round(side / frameSideStep) * frameSideStep);
  const scaled = (share: number): FrameSize => ({ width: round(own.width * share), height: round(own.height * share) });
  const side = round(Math.sqrt(own.width * own.height));
  const offers: OfferedSize[] = [
    { size: scaled(3 / 4), what: 'three quarters' },
    { size: scaled(1 / 2), what: 'half' },
    { size: { width: own.height, height: own.width }, what: own.width < own.height ? 'wide' : 'upright' },
    { size: { width: side, height: side }, what: 'square' },
  ];
  const list: OfferedSize[] = [{ size: own, what: 'its own' }];
  for (const offer of offers)
    if (isFrameSize(offer.size, most) && !list.some(({ size }) => isSameSize(size, offer.size))) list.push(offer);
  return list;
}
