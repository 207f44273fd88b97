/** A part of a picture, in shares of its width and height, from its upper left corner. */
export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Shares of the picture's width and height, by SMPTE ST 2046-1 for pictures of 16:9 and wider. */
export const safeShares = { action: 0.93, title: 0.9 } as const;

/** Shapes that a film may be meant for, width by height. */
export const masks = [
  { name: '2.39:1', aspect: 2.39 },
  { name: '1.85:1', aspect: 1.85 },
  { name: '16:9', aspect: 16 / 9 },
  { name: '4:3', aspect: 4 / 3 },
  { name: '1:1', aspect: 1 },
  { name: '9:16', aspect: 9 / 16 },
] as const;
export type MaskName = (typeof masks)[number]['name'];

const whole: Area = { x: 0, y: 0, width: 1, height: 1 };

/** What is left of a picture behind a mask of another shape, in its middle. Both are width by height. */
export function maskedArea(aspect: number, mask: number): Area {
  return mask > aspect ? shrunk(whole, 1, aspect / mask) : shrunk(whole, mask / aspect, 1);
}

/** The middle of an area, a share of its width and height large. */
export function shrunk({ x, y, width, height }: Area, across: number, down = across): Area {
  return {
    x: x + (width * (1 - across)) / 2,
    y: y + (height * (1 - down)) / 2,
    width: width * across,
    height: height * down,
  };
}
