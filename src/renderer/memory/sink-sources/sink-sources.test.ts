import { expect, test } from 'vitest';
import { sampleLine, sampleRecord } from '../records/sample-record.ts';
import { beginningShare, blended, type SinkTold, sinkTable, sinkToldBy } from './sink-sources.ts';

const told: SinkTold = {
  of: 'ema-sink',
  alpha: 0.9,
  sources: [
    { frame: 0, share: 0.729 },
    { frame: 6, share: 0.09 },
    { frame: 9, share: 0.1 },
  ],
  rest: 0.081,
};

test('the beginning stands by itself, the newest of the others comes first', () => {
  expect(beginningShare(told)).toBe(0.729);
  expect(blended(told).map(({ frame }) => frame)).toEqual([9, 6]);
  expect(sinkToldBy({ told })).toBe(told);
  expect(sinkToldBy({})).toBeNull();
});

test('its numbers sum to the whole sink', () => {
  const { columns, rows } = sinkTable(sampleRecord({ told }), sampleLine([2, 3]));
  expect(rows).toHaveLength(4);
  expect(rows.reduce((sum, row) => sum + (row.at(-1) as number), 0)).toBeCloseTo(1, 10);
  expect(rows.map((row) => row[columns.indexOf('frame')])).toEqual([0, 6, 9, null]);
  expect(sinkTable(sampleRecord(), sampleLine([2, 3])).rows).toEqual([]);
});
