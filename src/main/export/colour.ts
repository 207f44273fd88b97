/**
 * RGB to YCbCr and back as ITU-R BT.709-6 has it (section 3.2 and 4.6: 8-bit, limited range), 4:2:0 with chroma
 * sited at the left of its two luma samples and halfway between its two rows, as H.264 assumes unless told
 * otherwise (chroma_sample_loc_type 0).
 *
 *   Y  = 16  + 219 (0.2126 R + 0.7152 G + 0.0722 B)
 *   Cb = 128 + 224 (B - Y') / 1.8556
 *   Cr = 128 + 224 (R - Y') / 1.5748        R, G, B, Y' in 0..1
 */
const kr = 0.2126;
const kb = 0.0722;
const kg = 1 - kr - kb;
const cbDivisor = 2 * (1 - kb);
const crDivisor = 2 * (1 - kr);

/** Fixed point: 16 fractional bits keep every product below 2^31 and the error below a hundredth of a level. */
const bits = 16;
const one = 1 << bits;
const half = one >> 1;

const fixed = (levelsPerUnit: number) => Math.round((levelsPerUnit / 255) * one);
const yFrom = [fixed(219 * kr), fixed(219 * kg), fixed(219 * kb)] as const;
const cbFrom = [
  fixed((-224 * kr) / cbDivisor),
  fixed((-224 * kg) / cbDivisor),
  fixed((224 * (1 - kb)) / cbDivisor),
] as const;
const crFrom = [
  fixed((224 * (1 - kr)) / crDivisor),
  fixed((-224 * kg) / crDivisor),
  fixed((-224 * kb) / crDivisor),
] as const;

/** What BT.709 limited range is called in WebCodecs; every frame we write carries it. */
export const bt709 = { primaries: 'bt709', transfer: 'bt709', matrix: 'bt709', fullRange: false } as const;

/** Bytes of an I420 picture: a full plane of Y, then quarter planes of Cb and Cr. Both sides must be even. */
export function i420Bytes(width: number, height: number): number {
  return (width * height * 3) / 2;
}

/**
 * Converts RGB to I420 (BT.709, limited range).
 *
 * @param rgb [height, width, 3], 0..255
 * @param width in pixels, even
 * @param height in pixels, even
 * @param out where the planes go: Y [height, width], Cb [height/2, width/2], Cr [height/2, width/2]; owned by the caller
 */
export function rgbToI420(rgb: Uint8Array, width: number, height: number, out: Uint8Array): void {
  const [yr, yg, yb] = yFrom;
  const lumaOffset = 16 * one + half;
  for (let i = 0, p = 0; i < width * height; i++, p += 3) {
    out[i] = (yr * rgb[p]! + yg * rgb[p + 1]! + yb * rgb[p + 2]! + lumaOffset) >> bits;
  }
  const [ur, ug, ub] = cbFrom;
  const [vr, vg, vb] = crFrom;
  const chromaWidth = width / 2;
  const cbStart = width * height;
  const crStart = cbStart + chromaWidth * (height / 2);
  const stride = width * 3;
  // The 8 taps weigh [1 2 1] x [1 1], so sums are 8 times a pixel: three more fractional bits.
  const chromaShift = bits + 3;
  const chromaOffset = 128 * 8 * one + 4 * one;
  for (let row = 0; row < height / 2; row++) {
    const top = row * 2 * stride;
    for (let column = 0; column < chromaWidth; column++) {
      const middle = top + column * 6;
      const left = column === 0 ? middle : middle - 3;
      const right = middle + 3;
      let sumR = 0;
      let sumG = 0;
      let sumB = 0;
      for (let line = 0; line <= stride; line += stride) {
        sumR += rgb[left + line]! + 2 * rgb[middle + line]! + rgb[right + line]!;
        sumG += rgb[left + line + 1]! + 2 * rgb[middle + line + 1]! + rgb[right + line + 1]!;
        sumB += rgb[left + line + 2]! + 2 * rgb[middle + line + 2]! + rgb[right + line + 2]!;
      }
      const at = row * chromaWidth + column;
      out[cbStart + at] = (ur * sumR + ug * sumG + ub * sumB + chromaOffset) >> chromaShift;
      out[crStart + at] = (vr * sumR + vg * sumG + vb * sumB + chromaOffset) >> chromaShift;
    }
  }
}

/**
 * Converts I420 (BT.709, limited range) to RGB, chroma brought up linearly from where it is sited.
 * For checking films and taking stills out of them; the writer does not need it.
 *
 * @param planes Y [height, width], Cb and Cr [height/2, width/2], one after another
 * @returns rgb [height, width, 3], 0..255, owned by the caller
 */
export function i420ToRgb(planes: Uint8Array, width: number, height: number): Uint8Array {
  const rgb = new Uint8Array(width * height * 3);
  const chromaWidth = width / 2;
  const chromaHeight = height / 2;
  const cbStart = width * height;
  const crStart = cbStart + chromaWidth * chromaHeight;
  const chroma = (start: number, x: number, y: number): number => {
    const left = x >> 1;
    const right = Math.min(chromaWidth - 1, left + (x & 1));
    const near = y >> 1;
    const far = Math.min(chromaHeight - 1, Math.max(0, near + ((y & 1) * 2 - 1)));
    const line = (row: number) =>
      (planes[start + row * chromaWidth + left]! + planes[start + row * chromaWidth + right]!) / 2;
    return (line(near) * 0.75 + line(far) * 0.25 - 128) / 224;
  };
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const luma = (planes[i]! - 16) / 219;
      const red = luma + crDivisor * chroma(crStart, x, y);
      const blue = luma + cbDivisor * chroma(cbStart, x, y);
      rgb[i * 3] = toByte(red);
      rgb[i * 3 + 1] = toByte((luma - kr * red - kb * blue) / kg);
      rgb[i * 3 + 2] = toByte(blue);
    }
  }
  return rgb;
}

function toByte(value: number): number {
  return Math.max(0, Math.min(255, Math.round(value * 255)));
}

/** Sum of squared differences of two equally long byte arrays. */
export function squaredError(a: Uint8Array, b: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = a[i]! - b[i]!;
    sum += difference * difference;
  }
  return sum;
}

/** Peak signal-to-noise ratio in dB for 8-bit samples: 10 log10(255^2 / MSE); Infinity for equal pictures. */
export function psnrDb(squaredErrors: number, samples: number): number {
  return squaredErrors === 0 ? Infinity : 10 * Math.log10((255 * 255 * samples) / squaredErrors);
}
