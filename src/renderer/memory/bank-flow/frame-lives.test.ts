import { expect, test } from 'vitest';
import { sampleRecord } from '../records/sample-record.ts';
import { bankFlow, recalledRows } from './frame-lives.ts';

test('bank flow follows each frame from its chunk on', () => {
  const first = sampleRecord({ chunkIndex: 0, prototype: 0, sink: [], window: [], bank: [[], []], candidates: [] });
  const second = sampleRecord({ chunkIndex: 1, prototype: 3, window: [0, 1, 2], bank: [[], []], candidates: [] });
  const third = sampleRecord({ chunkIndex: 2, prototype: 6, window: [], sink: [0], bank: [[3], []], candidates: [3] });
  const fourth = sampleRecord({
    chunkIndex: 3,
    prototype: 9,
    bank: [[], []],
    candidates: [3],
    evicted: [3],
    window: [],
  });
  const unpinned = [first, second, third, fourth].map((record) => ({
    ...record,
    settings: { ...record.settings, pins: [] },
  }));
  const rows = bankFlow([...unpinned, null], 3);
  expect(rows.map(({ frame }) => frame)).toEqual([0, 3, 6, 9]);
  expect(rows[0]?.states.map(({ state }) => state)).toEqual(['window', 'sink', 'sink', 'unknown']);
  expect(rows[1]).toMatchObject({ enteredChunk: 1, evictedChunk: 3, lastBankChunk: 2, recalls: 1 });
  expect(rows[1]?.states).toEqual([{ state: 'bank', fraction: 0.5 }, { state: 'waiting' }, { state: 'gone' }]);
  expect(rows[2]?.states.map(({ state }) => state)).toEqual(['banned', 'unknown']);
  expect(recalledRows(rows).map(({ frame }) => frame)).toEqual([3]);
});
