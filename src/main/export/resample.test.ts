import { describe, expect, it } from 'vitest';
import { createUpscaler } from './resample.ts';

const source = { width: 16, height: 8 };
const target = { width: 120, height: 60 };

function picture(colourAt: (x: number, y: number) => readonly [number, number, number]): Uint8Array {
  const pixels = Array.from({ length: source.height * source.width }, (_, i) =>
    colourAt(i % source.width, Math.floor(i / source.width)),
  );
  return Uint8Array.from(pixels.flat());
}

const row = (rgb: Uint8Array, y: number, channel = 0) =>
  Array.from({ length: target.width }, (_, x) => rgb[(y * target.width + x) * 3 + channel]!);

describe('upscaler', () => {
  it('leaves a flat picture exactly flat', () => {
    for (const level of [0, 1, 127, 254, 255]) {
      const out = createUpscaler(source, target).apply(picture(() => [level, 255 - level, 33]));
      expect(new Set(out.filter((_, i) => i % 3 === 0))).toEqual(new Set([level]));
      expect(new Set(out.filter((_, i) => i % 3 === 1))).toEqual(new Set([255 - level]));
      expect(new Set(out.filter((_, i) => i % 3 === 2))).toEqual(new Set([33]));
    }
  });

  it('hands the picture through where the size stays', () => {
    const rgb = picture((x, y) => [x, y, 7]);
    expect(createUpscaler(source, source).apply(rgb)).toBe(rgb);
  });

  it('draws a step without overshoot, monotone, within one source pixel', () => {
    const out = row(createUpscaler(source, target).apply(picture((x) => (x < 8 ? [40, 0, 0] : [200, 0, 0]))), 30);
    for (let x = 1; x < out.length; x++) expect(out[x]!).toBeGreaterThanOrEqual(out[x - 1]!);
    const scale = target.width / source.width;
    expect(out.filter((value) => value !== 40 && value !== 200).length).toBeLessThanOrEqual(scale + 1);
    expect(out[0]).toBe(40);
    expect(out.at(-1)).toBe(200);
  });

  it('keeps a ramp straight to within a level', () => {
    const out = row(createUpscaler(source, target).apply(picture((x) => [x * 15, 0, 0])), 30);
    for (let x = 12; x < target.width - 12; x++) {
      const exact = (((x + 0.5) * source.width) / target.width - 0.5) * 15;
      expect(Math.abs(out[x]! - exact)).toBeLessThanOrEqual(1);
    }
  });

  it('keeps the mean', () => {
    const rgb = picture((x, y) => [(x * 37 + y * 91) % 256, (x * 11 + y * 5) % 256, (x * y) % 256]);
    const out = createUpscaler(source, target).apply(rgb);
    const mean = (bytes: Uint8Array) => bytes.reduce((sum, value) => sum + value, 0) / bytes.length;
    expect(Math.abs(mean(out) - mean(rgb))).toBeLessThan(3);
  });

  it('is symmetric: a mirrored picture comes out mirrored', () => {
    const colour = (x: number, y: number): [number, number, number] => [(x * 53 + y * 29) % 256, 0, 0];
    const plain = createUpscaler(source, target).apply(picture(colour)).slice();
    const mirrored = createUpscaler(source, target).apply(picture((x, y) => colour(source.width - 1 - x, y)));
    const differences = row(plain, 21).map((value, x) => Math.abs(value - row(mirrored, 21)[target.width - 1 - x]!));
    expect(Math.max(...differences)).toBeLessThanOrEqual(1);
  });
});
