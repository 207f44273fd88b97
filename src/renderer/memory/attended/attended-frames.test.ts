import { expect, test } from 'vitest';
import { sampleLine, sampleRecord } from '../records/sample-record.ts';
import { type AttendedTold, attendedMatrix, attendedTable, sharesOfMemory } from './attended-frames.ts';

const told: AttendedTold = {
  of: 'mag',
  frames: [0, 2, 5],
  shares: [
    [0.1, 0.1, 0.2],
    [0.01, 0, 0.03],
    [0, 0, 0],
  ],
};

test('a layer divides what it gave to memory, however little that was', () => {
  expect(sharesOfMemory(told).map((share) => Number(share.toFixed(6)))).toEqual([0.4, 0.04, 0]);
  const { frames, rows, scale } = attendedMatrix(told);
  expect(frames).toEqual([0, 2, 5]);
  expect(rows.map(({ values }) => values.map((value) => Number(value?.toFixed(6))))).toEqual([
    [0.25, 0.25, 0.5],
    [0.25, 0, 0.75],
    [0, 0, 0],
  ]);
  expect(scale.low).toBe(0);
  expect(scale.high).toBeCloseTo(0.75, 6);
});

test('its numbers are one row a layer and frame; other memories have none', () => {
  const { columns, rows } = attendedTable(sampleRecord({ told }), sampleLine([2, 3]));
  expect(rows).toHaveLength(9);
  expect(Object.fromEntries(columns.map((name, i) => [name, rows[5]?.[i]]))).toMatchObject({
    ...{ layer: 2, frame: 5, share_of_attention: 0.03, share_of_memory: expect.closeTo(0.75, 6) },
  });
  expect(attendedTable(sampleRecord(), sampleLine([2, 3])).rows).toEqual([]);
});
