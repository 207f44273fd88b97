import { expect, it } from 'vitest';
import type { MemoryRecord } from '../../../shared/memory-record.ts';
import { rowsOfPacks } from './pack-rows.ts';

it('tells packs by how coarse they are, the finest first', () => {
  const packs = [
    { rate: 4, frames: [0, 1, 2], tokens: 6 },
    { rate: 4, frames: [3, 4, 5, 6], tokens: 6 },
    { rate: 2, frames: [7, 8], tokens: 15 },
    { rate: 1, frames: [0], tokens: 60 },
    { rate: 1, frames: [9], tokens: 60 },
  ];
  expect(rowsOfPacks({ packs } as Partial<MemoryRecord> as MemoryRecord)).toEqual([
    { name: 'Whole frames', coarse: null, tokens: 120, packs: [[0], [9]] },
    { name: '2 frames as one', coarse: '2 times as coarse', tokens: 15, packs: [[7, 8]] },
    {
      name: '4 frames as one',
      coarse: '4 times as coarse',
      tokens: 12,
      packs: [
        [0, 1, 2],
        [3, 4, 5, 6],
      ],
    },
  ]);
  expect(rowsOfPacks({} as MemoryRecord)).toEqual([]);
});

it('says of packs that are as fine as whole frames only how many are one', () => {
  const packs = [{ rate: 4, side: 1, frames: [0, 1, 2, 3], tokens: 60 }];
  expect(rowsOfPacks({ packs } as Partial<MemoryRecord> as MemoryRecord)).toEqual([
    { name: '4 frames as one', coarse: null, tokens: 60, packs: [[0, 1, 2, 3]] },
  ]);
});
