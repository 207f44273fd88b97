import { describe, expect, it } from 'vitest';
import { gaussianNoise, philox } from './noise.ts';

const hex = (words: readonly number[]): string => words.map((word) => word.toString(16).padStart(8, '0')).join(' ');

// The known answers that the authors of Philox publish with Random123.
it.each([
  {
    name: 'zeros',
    counter: [0, 0, 0, 0] as const,
    key: [0, 0] as const,
    answer: '6627e8d5 e169c58d bc57ac4c 9b00dbd8',
  },
  {
    name: 'ones',
    counter: [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff] as const,
    key: [0xffffffff, 0xffffffff] as const,
    answer: '408f276d 41c83b0e a20bc7c6 6d5451fd',
  },
  {
    name: 'digits of pi',
    counter: [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344] as const,
    key: [0xa4093822, 0x299f31d0] as const,
    answer: 'd16cfe09 94fdcceb 5001e420 24126ea1',
  },
])('Philox4x32-10 gives the published answer for $name', ({ counter, key, answer }) => {
  expect(hex(philox(counter, key))).toBe(answer);
});

describe('gaussianNoise', () => {
  const length = 40_000;
  const mean = (values: Float32Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const correlation = (a: Float32Array, b: Float32Array): number =>
    a.reduce((sum, value, i) => sum + value * (b[i] as number), 0) / a.length;

  it('is standard normal', () => {
    const noise = gaussianNoise(7, 0, 0, length);
    // Standard errors: 1/sqrt(40000) = 0.005 of the mean, sqrt(2/40000) = 0.007 of the variance; five of each.
    expect(Math.abs(mean(noise))).toBeLessThan(0.025);
    expect(Math.abs(correlation(noise, noise) - 1)).toBeLessThan(0.036);
    expect(noise.filter((value) => Math.abs(value) > 1.96).length / length).toBeCloseTo(0.05, 2);
    expect(noise.every(Number.isFinite)).toBe(true);
  });

  it.each([
    ['the next chunk', gaussianNoise(7, 1, 0, length)],
    ['the next step', gaussianNoise(7, 0, 1, length)],
    ['the next seed', gaussianNoise(8, 0, 0, length)],
  ])('is independent of %s', (_, other) => {
    expect(Math.abs(correlation(gaussianNoise(7, 0, 0, length), other))).toBeLessThan(0.025);
  });

  it('depends only on its arguments, and a shorter draw is the beginning of a longer one', () => {
    const long = gaussianNoise(3, 5, 2, 1001);
    expect(gaussianNoise(3, 5, 2, 1001)).toEqual(long);
    for (const short of [1, 2, 3, 4, 5, 998]) expect(gaussianNoise(3, 5, 2, short)).toEqual(long.slice(0, short));
  });

  it('takes the largest seed', () => {
    expect(gaussianNoise(0xffffffff, 0, 0, 8)).not.toEqual(gaussianNoise(0, 0, 0, 8));
  });
});
