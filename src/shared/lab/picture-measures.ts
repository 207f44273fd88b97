/**
 * Numbers about pictures, as the exam of the built-in model computes them (training/throughline/measures.py) where it has them.
 * A picture is [height, width, 3], values 0..255, row by row; all of them are pure.
 */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** RGB; bytes of a frame, or means of several. */
  readonly rgb: ArrayLike<number>;
}

/** What two pictures without any difference get, in dB: as large as the exam's 1e-12 in place of an error of nothing. */
export const mostPsnr = 120;

/** Peak signal to noise, 10 log10(255^2 / mean squared error), in dB; {@link mostPsnr} at most. */
export function psnr(a: Picture, b: Picture): number {
  sameSize(a, b);
  let sum = 0;
  for (let i = 0; i < a.rgb.length; i++) sum += ((a.rgb[i] as number) - (b.rgb[i] as number)) ** 2;
  const error = sum / a.rgb.length / 255 ** 2;
  return -10 * Math.log10(error + 1e-12);
}

/** Side of the windows of {@link ssim}. */
const ssimWindow = 7;

/**
 * Mean structural similarity (Wang et al. 2004), -1..1, 1 for equal pictures: windows of 7x7 with sample covariance, constants
 * 0.01 and 0.03 of the range, the three colours averaged. 1 for pictures smaller than a window.
 */
export function ssim(a: Picture, b: Picture): number {
  sameSize(a, b);
  const { width, height } = a;
  if (width < ssimWindow || height < ssimWindow) return 1;
  const count = ssimWindow ** 2;
  const unbiased = count / (count - 1);
  const [c1, c2] = [(0.01 * 255) ** 2, (0.03 * 255) ** 2];
  let sum = 0;
  for (let channel = 0; channel < 3; channel++) {
    const at = (picture: Picture) => (i: number) => picture.rgb[i * 3 + channel] as number;
    const [x, y] = [at(a), at(b)];
    const sums = [x, y, (i: number) => x(i) ** 2, (i: number) => y(i) ** 2, (i: number) => x(i) * y(i)].map((value) =>
      summedArea(width, height, value),
    );
    for (let top = 0; top + ssimWindow <= height; top++) {
      for (let left = 0; left + ssimWindow <= width; left++) {
        const [mx, my, mxx, myy, mxy] = sums.map((area) => windowSum(area, width, left, top) / count) as [
          number,
          number,
          number,
          number,
          number,
        ];
        const [vx, vy, vxy] = [mxx - mx * mx, myy - my * my, mxy - mx * my].map((value) => unbiased * value) as [
          number,
          number,
          number,
        ];
        sum += ((2 * mx * my + c1) * (2 * vxy + c2)) / ((mx * mx + my * my + c1) * (vx + vy + c2));
      }
    }
  }
  return sum / (3 * (height - ssimWindow + 1) * (width - ssimWindow + 1));
}

/** Sums over all rectangles from the upper left corner, with a row and a column of zeros before them. */
function summedArea(width: number, height: number, value: (index: number) => number): Float64Array {
  const stride = width + 1;
  const area = new Float64Array(stride * (height + 1));
  for (let y = 0; y < height; y++) {
    let row = 0;
    for (let x = 0; x < width; x++) {
      row += value(y * width + x);
      area[(y + 1) * stride + x + 1] = row + (area[y * stride + x + 1] as number);
    }
  }
  return area;
}

function windowSum(area: Float64Array, width: number, left: number, top: number): number {
  const stride = width + 1;
  const [right, bottom] = [left + ssimWindow, top + ssimWindow];
  const corner = (x: number, y: number): number => area[y * stride + x] as number;
  return corner(right, bottom) - corner(left, bottom) - corner(right, top) + corner(left, top);
}

/** The constant of {@link gradientDistance}, for values of 0..255. */
const gradientConstant = 170;

/**
 * Gradient-structure distance: gradient magnitude similarity deviation (Xue et al. 2014) on the brightness at half size, Prewitt
 * filters. 0 for equal pictures; 0.1 is a plain loss of structure, 0.3 another picture.
 */
export function gradientDistance(a: Picture, b: Picture): number {
  sameSize(a, b);
  const [first, second] = [halved(a), halved(b)];
  const [gradients, others] = [prewitt(first), prewitt(second)];
  if (gradients.length === 0) return 0;
  const similarity = Float64Array.from(gradients, (g, i) => {
    const h = others[i] as number;
    return (2 * g * h + gradientConstant) / (g * g + h * h + gradientConstant);
  });
  const mean = meanOf(similarity);
  return Math.sqrt(meanOf(similarity.map((value) => (value - mean) ** 2)));
}

interface Brightness {
  readonly width: number;
  readonly height: number;
  readonly values: Float64Array;
}

/** Brightness (Rec. 601), means of 2x2; an odd last row or column is left out. */
function halved({ width, height, rgb }: Picture): Brightness {
  const [halfWidth, halfHeight] = [width >> 1, height >> 1];
  const luma = (x: number, y: number): number => {
    const i = (y * width + x) * 3;
    return 0.299 * (rgb[i] as number) + 0.587 * (rgb[i + 1] as number) + 0.114 * (rgb[i + 2] as number);
  };
  const values = new Float64Array(halfWidth * halfHeight);
  for (let y = 0; y < halfHeight; y++)
    for (let x = 0; x < halfWidth; x++)
      values[y * halfWidth + x] =
        (luma(2 * x, 2 * y) + luma(2 * x + 1, 2 * y) + luma(2 * x, 2 * y + 1) + luma(2 * x + 1, 2 * y + 1)) / 4;
  return { width: halfWidth, height: halfHeight, values };
}

/** Gradient magnitudes, without the border. */
function prewitt({ width, height, values }: Brightness): Float64Array {
  if (width < 3 || height < 3) return new Float64Array(0);
  const gradients = new Float64Array((width - 2) * (height - 2));
  const at = (x: number, y: number): number => values[y * width + x] as number;
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      let [horizontal, vertical] = [0, 0];
      for (let step = -1; step <= 1; step++) {
        horizontal += at(x + 1, y + step) - at(x - 1, y + step);
        vertical += at(x + step, y + 1) - at(x + step, y - 1);
      }
      gradients[(y - 1) * (width - 2) + x - 1] = Math.hypot(horizontal / 3, vertical / 3);
    }
  }
  return gradients;
}

/** Mean absolute difference from each pixel to the next, across and down, 0..2 in parts of the range: falls as pictures blur. */
export function sharpness({ width, height, rgb }: Picture): number {
  let [across, down] = [0, 0];
  const row = width * 3;
  for (let y = 0; y < height; y++) {
    for (let i = y * row; i < (y + 1) * row; i++) {
      if (i + 3 < (y + 1) * row) across += Math.abs((rgb[i + 3] as number) - (rgb[i] as number));
      if (y + 1 < height) down += Math.abs((rgb[i + row] as number) - (rgb[i] as number));
    }
  }
  const mean = (sum: number, count: number): number => (count > 0 ? sum / count / 255 : 0);
  return mean(across, (width - 1) * height * 3) + mean(down, width * (height - 1) * 3);
}

/** Mean of the largest less the smallest of the three colours of a pixel, 0..1. */
export function saturation({ rgb }: Picture): number {
  let sum = 0;
  for (let i = 0; i < rgb.length; i += 3) {
    const [r, g, b] = [rgb[i] as number, rgb[i + 1] as number, rgb[i + 2] as number];
    sum += Math.max(r, g, b) - Math.min(r, g, b);
  }
  return sum / (rgb.length / 3) / 255;
}

/** Mean absolute difference of two pictures, 0..1. */
export function difference(a: Picture, b: Picture): number {
  sameSize(a, b);
  let sum = 0;
  for (let i = 0; i < a.rgb.length; i++) sum += Math.abs((a.rgb[i] as number) - (b.rgb[i] as number));
  return sum / a.rgb.length / 255;
}

/** Of the width, what {@link background} leaves out in the middle. */
const middleShare = 0.4;
/** The last so many frames of a chunk make its background. */
const backgroundFrames = 8;

/**
 * A chunk's background: the mean of its last 8 frames without the middle 40 % of the width, where whoever the story is about
 * stands; left and right part side by side.
 * @param frames [count, height, width, 3] in one piece
 */
export function background(frames: Uint8Array, count: number, width: number, height: number): Picture {
  const size = width * height * 3;
  const from = Math.max(0, count - backgroundFrames);
  const side = Math.round((width * (1 - middleShare)) / 2);
  const kept = 2 * side;
  const rgb = new Float32Array(kept * height * 3);
  for (let frame = from; frame < count; frame++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < kept; x++) {
        const source = frame * size + (y * width + (x < side ? x : width - kept + x)) * 3;
        const target = (y * kept + x) * 3;
        for (let c = 0; c < 3; c++)
          rgb[target + c] = (rgb[target + c] as number) + (frames[source + c] as number) / (count - from);
      }
    }
  }
  return { width: kept, height, rgb };
}

export function meanOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] as number;
  return sum / values.length;
}

function sameSize(a: Picture, b: Picture): void {
  if (a.width !== b.width || a.height !== b.height || a.rgb.length !== b.rgb.length)
    throw new RangeError(`pictures of ${a.width}x${a.height} and ${b.width}x${b.height} cannot be compared`);
}
