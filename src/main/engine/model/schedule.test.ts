import { expect, it } from 'vitest';
import { schedule, timeFeatures } from './schedule.ts';

it('warps 1000, 750, 500, 250 to the published timesteps', () => {
  const steps = schedule([1000, 750, 500, 250], 5);
  expect(steps.map(({ timestep }) => Math.round(timestep * 1000) / 1000)).toEqual([1000, 937.5, 833.333, 625]);
  expect(steps.map(({ sigma }) => Math.round(sigma * 1e6) / 1e6)).toEqual([1, 0.9375, 0.833333, 0.625]);
});

it('leaves the steps alone without a shift', () => {
  expect(schedule([1000, 400, 1], 1).map(({ timestep }) => timestep)).toEqual([1000, 400, 1]);
});

it('puts cosines before sines, frequencies falling from 1 by 10000^(-1/half)', () => {
  const [a, b, c, d] = timeFeatures(937.5, 4);
  expect([a, b, c, d]).toEqual([
    Math.fround(Math.cos(937.5)),
    Math.fround(Math.cos(9.375)),
    Math.fround(Math.sin(937.5)),
    Math.fround(Math.sin(9.375)),
  ]);
  expect([...timeFeatures(0, 6)]).toEqual([1, 1, 1, 0, 0, 0]);
});
