import { describe, expect, it } from 'vitest';
import { MoveCosts, planMove } from './move-plan.ts';

function costs(restoreMs: number, replayMs: number): MoveCosts {
  const measured = new MoveCosts();
  measured.restored(restoreMs);
  measured.replayed(replayMs);
  return measured;
}

describe('planMove', () => {
  it.each([
    {
      name: 'nothing at hand: from the beginning',
      length: 5,
      stored: -1,
      current: -1,
      plan: { start: 'restart', from: -1 },
    },
    { name: 'on the line: goes on', length: 5, stored: -1, current: 3, plan: { start: 'stay', from: 3 } },
    { name: 'a stored state near the end', length: 9, stored: 8, current: 2, plan: { start: 'restore', from: 8 } },
    { name: 'going on costs no more than reading', length: 5, stored: 4, current: 3, plan: { start: 'stay', from: 3 } },
    { name: 'the beginning itself', length: 0, stored: -1, current: -1, plan: { start: 'restart', from: -1 } },
  ])('before anything was measured, $name', ({ length, stored, current, plan }) => {
    const measured = new MoveCosts();
    const found = planMove({ length, stored, current, costs: measured });
    // Where costs are equal, either way will do; the cost is what counts.
    const cost = (p: { start: string; from: number }): number =>
      length - 1 - p.from + (p.start === 'restore' ? measured.restoreInChunks : 0);
    expect(cost(found)).toBe(cost(plan as typeof found));
    if (cost({ start: 'restore', from: stored }) !== cost({ start: 'stay', from: current }))
      expect(found).toEqual(plan);
  });

  it('weighs a restore by what it has cost', () => {
    const at = { length: 10, stored: 9, current: 5 }; // 4 chunks to replay, or one restore
    expect(planMove({ ...at, costs: costs(300, 100) })).toEqual({ start: 'restore', from: 9 });
    expect(planMove({ ...at, costs: costs(500, 100) })).toEqual({ start: 'stay', from: 5 });
    expect(planMove({ ...at, current: -1, costs: costs(1100, 100) })).toEqual({ start: 'restart', from: -1 });
  });

  it('without costs always reads a stored state', () => {
    expect(planMove({ length: 3, stored: 2, current: -1, costs: null })).toEqual({ start: 'restore', from: 2 });
  });
});

it('costs are running means', () => {
  const measured = costs(100, 10);
  expect(measured.restoreInChunks).toBe(10);
  measured.restored(200);
  expect(measured.restoreInChunks).toBeCloseTo(13);
  for (let i = 0; i < 50; i++) measured.restored(40);
  expect(measured.restoreInChunks).toBeCloseTo(4, 3);
});
