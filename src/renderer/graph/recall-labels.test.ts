import { expect, it } from 'vitest';
import { labelsWithRoom } from './recall-labels.ts';

const label = (x: number, y: number, weight: number) => ({ x, y, weight });

it('of labels that would touch, the greatest stays; those beside or above it do too', () => {
  const labels = [label(0, 0, 0.1), label(10, 2, 0.3), label(100, 0, 0.2), label(10, 40, 0.05)];
  expect(labelsWithRoom(labels, 11, 6).map(({ weight }) => weight)).toEqual([0.3, 0.2, 0.05]);
  // From afar they are drawn larger and there is room for fewer.
  expect(labelsWithRoom(labels, 40, 6).map(({ weight }) => weight)).toEqual([0.3]);
  expect(labelsWithRoom(labels, 11, 1)).toHaveLength(1);
});
