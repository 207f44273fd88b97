import { expect, test } from 'vitest';
import { ceiling, Limiter } from './limiter.ts';
import type { Stereo } from './mixer.ts';

/** Repeatable noise, -1 to 1. */
function noise(length: number, seed: number): Float32Array {
  let state = seed >>> 0;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state / 2 ** 31 - 1) * 1;
  });
}

function limited(input: Stereo, size: number): { out: number[]; right: number[]; limiter: Limiter } {
  const limiter = new Limiter();
  const out: number[] = [];
  const right: number[] = [];
  const take = ([l, r]: Stereo) => {
    out.push(...l);
    right.push(...r);
  };
  for (let at = 0; at < input[0].length; at += size)
    take(limiter.push([input[0].subarray(at, at + size), input[1].subarray(at, at + size)]));
  take(limiter.flush());
  return { out, right, limiter };
}

test('what is not too loud comes out bit for bit, as long as it went in', () => {
  const quiet = noise(5000, 1).map((value) => value * 0.4);
  const { out, right, limiter } = limited([quiet, quiet], 333);
  expect(out).toEqual([...quiet]);
  expect(right).toEqual([...quiet]);
  expect(limiter.limitedSamples).toBe(0);
});

test('nothing comes out louder than the ceiling, also between samples', () => {
  const loud = noise(20_000, 2).map((value, i) => value * (i > 8000 && i < 9000 ? 4 : 0.3));
  const { out, limiter } = limited([loud, loud], 1024);
  expect(out).toHaveLength(loud.length);
  expect(Math.max(...out.map(Math.abs))).toBeLessThanOrEqual(ceiling + 1e-6);
  expect(limiter.lowestGain).toBeLessThan(0.3);
  // A sine at a quarter of the rate, sampled off its peaks: 3 dB louder between samples than at them.
  const between = Float32Array.from({ length: 4000 }, (_, i) => 1.2 * Math.sin((Math.PI / 2) * i + Math.PI / 4));
  const sine = limited([between, between], 4000).out.slice(1000, 3000);
  expect(Math.max(...sine.map(Math.abs)) * Math.SQRT2).toBeLessThanOrEqual(ceiling * 1.02);
});

test('it does the same however the sound is cut into blocks', () => {
  const loud = noise(6000, 3).map((value, i) => value * (i % 2000 < 500 ? 2 : 0.5));
  const whole = limited([loud, loud], 6000).out;
  for (const size of [17, 240, 1000]) {
    const { out } = limited([loud, loud], size);
    expect(out).toHaveLength(whole.length);
    expect(Math.max(...out.map((value, i) => Math.abs(value - (whole[i] as number))))).toBeLessThan(1e-6);
  }
});

test('both sides are lowered alike, and a short sound comes out whole', () => {
  const { out, right } = limited([Float32Array.of(2, 0, 0), Float32Array.of(1, 0, 0.5)], 3);
  expect(out).toHaveLength(3);
  expect(right[0]).toBeCloseTo((out[0] as number) / 2, 6);
});
