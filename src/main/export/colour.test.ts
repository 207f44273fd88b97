import { describe, expect, it } from 'vitest';
import { i420Bytes, i420ToRgb, psnrDb, rgbToI420, squaredError } from './colour.ts';

const flat = (rgb: readonly number[], width: number, height: number) =>
  Uint8Array.from({ length: width * height * 3 }, (_, i) => rgb[i % 3]!);

function convert(rgb: Uint8Array, width: number, height: number): Uint8Array {
  const planes = new Uint8Array(i420Bytes(width, height));
  rgbToI420(rgb, width, height, planes);
  return planes;
}

describe('BT.709 conversion', () => {
  // 100 % colour bars, as tables of BT.709 8-bit limited range give them.
  it.each([
    ['white', [255, 255, 255], [235, 128, 128]],
    ['yellow', [255, 255, 0], [219, 16, 138]],
    ['cyan', [0, 255, 255], [188, 154, 16]],
    ['green', [0, 255, 0], [173, 42, 26]],
    ['magenta', [255, 0, 255], [78, 214, 230]],
    ['red', [255, 0, 0], [63, 102, 240]],
    ['blue', [0, 0, 255], [32, 240, 118]],
    ['black', [0, 0, 0], [16, 128, 128]],
    ['middle grey', [128, 128, 128], [126, 128, 128]],
  ])('%s', (_name, rgb, ycc) => {
    const planes = convert(flat(rgb, 4, 4), 4, 4);
    expect([planes[5], planes[16], planes[20]]).toEqual(ycc);
    expect(new Set(planes.subarray(0, 16)).size).toBe(1);
  });

  it('is within half a level of the formula for every colour of a grid', () => {
    let worst = 0;
    for (let r = 0; r <= 255; r += 17) {
      for (let g = 0; g <= 255; g += 17) {
        for (let b = 0; b <= 255; b += 17) {
          const planes = convert(flat([r, g, b], 2, 2), 2, 2);
          const luma = (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255;
          const exact = [
            16 + 219 * luma,
            128 + (224 * (b / 255 - luma)) / 1.8556,
            128 + (224 * (r / 255 - luma)) / 1.5748,
          ];
          [planes[0]!, planes[4]!, planes[5]!].forEach((value, i) => {
            worst = Math.max(worst, Math.abs(value - exact[i]!));
          });
        }
      }
    }
    expect(worst).toBeLessThan(0.51);
  });

  it('comes back to within two levels for flat colours', () => {
    for (const colour of [
      [12, 200, 90],
      [250, 3, 128],
      [77, 77, 78],
      [255, 255, 255],
      [0, 0, 0],
    ]) {
      const back = i420ToRgb(convert(flat(colour, 4, 4), 4, 4), 4, 4);
      for (const [channel, value] of colour.entries()) {
        expect(Math.abs(back[channel]! - value)).toBeLessThanOrEqual(2);
      }
    }
  });

  it('sites chroma on the left luma column: an edge there weighs 1 2 1', () => {
    const [red, black] = [
      [255, 0, 0],
      [0, 0, 0],
    ];
    // Columns: black, black, red, red. The second chroma sample sits on column 2: a quarter black, three quarters red.
    const rgb = Uint8Array.from([0, 1].flatMap(() => [black, black, red, red]).flat() as number[]);
    const cr = convert(rgb, 4, 2).subarray(10);
    expect([...cr]).toEqual([128, 128 + Math.round(112 * 0.75)]);
  });
});

describe('PSNR', () => {
  it('is infinite for equal pictures and 48.13 dB for an error of one level', () => {
    const a = new Uint8Array(100).fill(9);
    expect(psnrDb(squaredError(a, a), 100)).toBe(Infinity);
    expect(psnrDb(squaredError(a, new Uint8Array(100).fill(10)), 100)).toBeCloseTo(48.13, 2);
  });
});
