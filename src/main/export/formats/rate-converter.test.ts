import { expect, it } from 'vitest';
import { RateConverter } from './rate-converter.ts';

function film(frames: number, from: number, to: number, how: 'repeat' | 'blend'): number[] {
  const converter = new RateConverter(frames, from, to, how);
  return Array.from({ length: frames }, (_, i) => [...converter.take(Uint8Array.of(i * 10))]).flatMap((out) =>
    out.map((rgb) => rgb[0] as number),
  );
}

it('repeats frames to a higher rate', () => {
  expect(film(3, 8, 24, 'repeat')).toEqual([0, 0, 0, 10, 10, 10, 20, 20, 20]);
});

it('mixes neighbours', () => {
  expect(film(3, 8, 16, 'blend')).toEqual([0, 3, 8, 13, 18, 20]);
});

it('gives every frame once at the same rate, in either way', () => {
  expect(film(3, 16, 16, 'repeat')).toEqual([0, 10, 20]);
  expect(film(3, 16, 16, 'blend')).toEqual([0, 10, 20]);
});

it('has as many frames as the plan says, at rates that do not divide', () => {
  expect(film(21, 8, 25, 'repeat')).toHaveLength(66);
  expect(film(21, 16, 25, 'blend')).toHaveLength(33);
});
