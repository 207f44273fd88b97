import { describe, expect, it } from 'vitest';
import {
  background,
  difference,
  gradientDistance,
  mostPsnr,
  type Picture,
  psnr,
  saturation,
  sharpness,
  ssim,
} from './picture-measures.ts';

function picture(width: number, height: number, at: (x: number, y: number) => number | readonly number[]): Picture {
  const rgb = Float32Array.from({ length: width * height * 3 }, (_, i) => {
    const pixel = Math.floor(i / 3);
    const value = at(pixel % width, Math.floor(pixel / width));
    return typeof value === 'number' ? value : (value[i % 3] as number);
  });
  return { width, height, rgb };
}

const stripes = picture(16, 12, (x) => (x % 4 < 2 ? 200 : 40));

describe('psnr', () => {
  it('of pictures that differ by 25.5 everywhere is 20 dB: the error is a hundredth of the range squared', () => {
    expect(
      psnr(
        picture(4, 4, () => 100),
        picture(4, 4, () => 125.5),
      ),
    ).toBeCloseTo(20, 6);
  });
  it('of equal pictures is as large as it gets', () => {
    expect(psnr(stripes, stripes)).toBeCloseTo(mostPsnr, 9);
  });
});

describe('ssim', () => {
  it('of equal pictures is 1', () => {
    expect(ssim(stripes, stripes)).toBeCloseTo(1, 12);
  });
  it('of flat pictures is the term of the means alone: (2ab + c1) / (a^2 + b^2 + c1)', () => {
    const c1 = 2.55 ** 2;
    const expected = (2 * 100 * 150 + c1) / (100 ** 2 + 150 ** 2 + c1);
    expect(
      ssim(
        picture(8, 8, () => 100),
        picture(8, 8, () => 150),
      ),
    ).toBeCloseTo(expected, 9);
  });
  it('of one window, by hand: covariance and variances of 49 samples, less one', () => {
    const a = picture(7, 7, (x) => x * 10);
    const b = picture(7, 7, (x) => 60 - x * 10);
    // x: mean 30, sum of squares about it 7 * 100 * 28 = 19600; b is its mirror.
    const variance = 19600 / 48;
    const [c1, c2] = [2.55 ** 2, 7.65 ** 2];
    const expected = ((2 * 900 + c1) * (-2 * variance + c2)) / ((2 * 900 + c1) * (2 * variance + c2));
    expect(ssim(a, b)).toBeCloseTo(expected, 9);
  });
});

describe('gradientDistance', () => {
  it('of equal pictures is 0, and so is that of flat ones', () => {
    expect(gradientDistance(stripes, stripes)).toBe(0);
    expect(
      gradientDistance(
        picture(9, 9, () => 3),
        picture(9, 9, () => 200),
      ),
    ).toBe(0);
  });
  it('by hand, of an edge against none', () => {
    const edge = picture(8, 6, (x) => (x < 4 ? 0 : 90));
    const flat = picture(8, 6, () => 0);
    // At half size 4x3, so the inner 2x1: both columns beside the edge, gradient 3 * 90 / 3 = 90.
    expect(gradientDistance(edge, flat)).toBeCloseTo(0, 9); // the same everywhere: no deviation
    const wide = picture(12, 6, (x) => (x < 4 ? 0 : 90)); // 6x3: inner 4x1, gradients 90, 90, 0, 0
    const similarity = [170 / (90 ** 2 + 170), 170 / (90 ** 2 + 170), 1, 1];
    const mean = (similarity[0] as number) / 2 + 0.5;
    expect(
      gradientDistance(
        wide,
        picture(12, 6, () => 0),
      ),
    ).toBeCloseTo(1 - mean, 9);
  });
});

describe('sharpness and saturation', () => {
  it('sharpness is the mean step across and down, in parts of the range', () => {
    expect(sharpness(picture(3, 2, (x) => x * 51))).toBeCloseTo(0.2, 6);
    expect(sharpness(picture(3, 2, (x, y) => x * 51 + y * 25.5))).toBeCloseTo(0.3, 6);
    expect(sharpness(picture(3, 2, () => 7))).toBe(0);
  });
  it('saturation is the spread of a pixel’s colours', () => {
    expect(saturation(picture(2, 2, () => [255, 0, 0]))).toBe(1);
    expect(saturation(picture(2, 1, (x) => (x === 0 ? 90 : [51, 102, 51])))).toBeCloseTo(0.1, 6);
  });
});

it('difference is the mean absolute one, and only of pictures of one size', () => {
  expect(
    difference(
      picture(2, 2, () => 0),
      picture(2, 2, (x) => x * 51),
    ),
  ).toBeCloseTo(0.1, 6);
  expect(() =>
    difference(
      picture(2, 2, () => 0),
      picture(3, 2, () => 0),
    ),
  ).toThrow('2x2 and 3x2');
});

it('background is the mean of the last eight frames without the middle', () => {
  // Ten frames of 10x1: frame f has 10 f + x. Kept: x 0, 1, 2 and 7, 8, 9; of the frames 2 to 9 the mean is 10 * 5.5 + x.
  const frames = Uint8Array.from({ length: 10 * 10 * 3 }, (_, i) => 10 * Math.floor(i / 30) + (Math.floor(i / 3) % 10));
  const { width, height, rgb } = background(frames, 10, 10, 1);
  expect([width, height]).toEqual([6, 1]);
  const reds = Array.from(rgb).filter((_, i) => i % 3 === 0);
  expect(reds.map((value) => Math.round(value * 1000) / 1000)).toEqual([55, 56, 57, 62, 63, 64]);
});
