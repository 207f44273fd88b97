import { expect, it } from 'vitest';
import { toldFrames } from '../../../../shared/memories/memorypack.ts';
import { firstSources, overall, type Sources, sourcesAfter } from './sources.ts';

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

it('begins as its own tokens and a picture; a chunk takes from them what its attention says', () => {
  const begun = firstSources(2, true);
  expect(begun.sources).toEqual([{ token: 0 }, { token: 1 }, { other: 'picture' }]);
  const after = sourcesAfter(
    begun,
    [
      [1, 0, 0],
      [0.25, 0.25, 0.5],
    ],
    [0.4, 0.2],
    0,
  );
  expect(after.sources).toEqual([{ token: 0 }, { token: 1 }, { other: 'picture' }, { frame: 0 }, { frame: 1 }]);
  const wanted = [
    [0.4, 0, 0, 0.6, 0],
    [0.05, 0.05, 0.1, 0, 0.8],
  ];
  for (const [i, row] of wanted.entries())
    for (const [j, share] of row.entries()) expect(after.shares[i]?.[j]).toBeCloseTo(share, 12);
});

it('brings over what the old parts were made of, not the parts', () => {
  const one = sourcesAfter(firstSources(1, false), [[1], [1]], [0.5, 0.5], 0);
  const two = sourcesAfter(
    one,
    [
      [1, 0],
      [0, 1],
    ],
    [0.5, 1],
    2,
  );
  // The first of the new frames is half itself, a quarter frame 0, a quarter the word; the second is all of frame 1's part.
  expect(two.sources).toEqual([{ token: 0 }, { frame: 0 }, { frame: 1 }, { frame: 2 }, { frame: 3 }]);
  expect(two.shares[0]).toEqual([0.25, 0.25, 0, 0.5, 0]);
  expect(two.shares[1]).toEqual([0.5, 0, 0.5, 0, 0]);
});

it('is as large after 512 chunks as after 64, and forgets one by one what has the least share', () => {
  let now: Sources = firstSources(9, true);
  const sizes: number[] = [];
  for (let chunk = 0; chunk < 512; chunk++) {
    const parts = now.shares.length;
    now = sourcesAfter(
      now,
      Array.from({ length: 3 }, () => Array.from({ length: parts }, () => 1 / parts)),
      [0.9, 0.9, 0.9],
      3 * chunk,
    );
    sizes.push(now.sources.length);
    expect(total(overall(now))).toBeCloseTo(1, 9);
  }
  expect(sizes[511]).toBe(sizes[63]);
  expect(now.sources).toHaveLength(9 + 1 + toldFrames + 1);
  expect(now.sources.at(-2)).toEqual({ frame: 3 * 511 + 2 });
  expect(now.sources.at(-1)).toEqual({ other: 'rest' });
});
