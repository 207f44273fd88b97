import { describe, expect, it } from 'vitest';
import { filmSize } from './geometry.ts';

describe('film size', () => {
  it.each([
    [{ width: 160, height: 96 }, 720, { width: 1200, height: 720 }],
    [{ width: 832, height: 480 }, 720, { width: 1248, height: 720 }],
    [{ width: 1920, height: 1080 }, 720, { width: 1920, height: 1080 }],
    [{ width: 33, height: 17 }, 2, { width: 34, height: 18 }],
    [{ width: 96, height: 160 }, 721, { width: 432, height: 722 }],
  ])('%o at %i lines', (source, height, size) => {
    expect(filmSize(source, height)).toEqual(size);
  });

  it('refuses sizes that are no sizes, and films too large to play', () => {
    expect(() => filmSize({ width: 160.5, height: 96 }, 720)).toThrow(/whole number/);
    expect(() => filmSize({ width: 160, height: 96 }, 0)).toThrow(/targetHeight/);
    expect(() => filmSize({ width: 400, height: 40 }, 720)).toThrow(/up to 4096/);
  });
});
