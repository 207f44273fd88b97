import { expect, it } from 'vitest';
import { relativeBuckets } from './text-graph.ts';

/** Bucket of a key `relative` places after the query, with 32 buckets up to a distance of 128. */
function bucket(relative: number): number {
  const length = 201;
  const query = 100;
  return relativeBuckets(length, 32, 128)[query * length + query + relative] as number;
}

// By hand: 16 buckets a side; 0..7 exact, then 8 + floor(8 ln(distance/8) / ln(16)), at most 15.
it.each([
  [0, 0],
  [-1, 1],
  [-7, 7],
  [-8, 8],
  [-11, 8], // 8 + floor(0.92)
  [-12, 9], // 8 + floor(1.17)
  [-16, 10],
  [-32, 12],
  [-64, 14],
  [-90, 14], // 8 + floor(6.98)
  [-91, 15], // 8 + floor(7.01)
  [-100, 15],
  [1, 17],
  [7, 23],
  [8, 24],
  [64, 30],
  [100, 31],
])('a key %i places away is in bucket %i', (relative, expected) => {
  expect(bucket(relative)).toBe(expected);
});

it('goes row by row over queries', () => {
  expect(relativeBuckets(3, 32, 128)).toEqual([0, 17, 18, 1, 0, 17, 2, 1, 0]);
});
