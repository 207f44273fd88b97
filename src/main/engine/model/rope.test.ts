import { describe, expect, it } from 'vitest';
import type { Geometry } from './config.ts';
import { ropeTable } from './rope.ts';

const geometry = (headDim: number, rows = 2, columns = 3): Geometry => ({
  headDim,
  rows,
  columns,
  tokens: rows * columns,
  latentHeight: rows * 2,
  latentWidth: columns * 2,
});

/** (re + i im) * e^(i position theta^(-2j/D)), as the published code has it: complex numbers per axis of D channels. */
function turned(re: number, im: number, position: number, j: number, axisChannels: number): [number, number] {
  const angle = position / 10000 ** ((2 * j) / axisChannels);
  return [re * Math.cos(angle) - im * Math.sin(angle), re * Math.sin(angle) + im * Math.cos(angle)];
}

// Channels of time, height and width; 128 is the published 44 | 42 | 42.
describe.each([
  { headDim: 12, split: [4, 4, 4] },
  { headDim: 16, split: [8, 4, 4] },
  { headDim: 32, split: [12, 10, 10] },
  { headDim: 128, split: [44, 42, 42] },
])('a head of $headDim channels', ({ headDim, split }) => {
  it(`is split ${split.join(' | ')} and turns like complex numbers`, () => {
    const shape = geometry(headDim);
    const times = [0, 7, 1023];
    const { cos, sin } = ropeTable(times, shape, 10000);
    expect(cos.length).toBe(times.length * shape.tokens * (headDim / 2));
    let at = 0;
    for (const time of times) {
      for (let row = 0; row < shape.rows; row++) {
        for (let column = 0; column < shape.columns; column++) {
          for (const [axis, position] of [time, row, column].entries()) {
            const channels = split[axis] as number;
            for (let j = 0; j < channels / 2; j++, at++) {
              const [re, im] = turned(0.6, -0.8, position, j, channels);
              const [c, s] = [cos[at] as number, sin[at] as number];
              expect(0.6 * c + 0.8 * s).toBeCloseTo(re, 6);
              expect(0.6 * s - 0.8 * c).toBeCloseTo(im, 6);
            }
          }
        }
      }
    }
    expect(at).toBe(cos.length);
  });
});

it('depends only on the difference of positions in a product', () => {
  const dot = (a: number, b: number): number => {
    const { cos, sin } = ropeTable([a, b], geometry(16, 1, 1), 10000);
    let sum = 0;
    for (let i = 0; i < 8; i++)
      sum += (cos[i] as number) * (cos[8 + i] as number) + (sin[i] as number) * (sin[8 + i] as number);
    return sum;
  };
  expect(dot(3, 10)).toBeCloseTo(dot(103, 110), 5);
  expect(dot(3, 10)).not.toBeCloseTo(dot(3, 12), 2);
});
