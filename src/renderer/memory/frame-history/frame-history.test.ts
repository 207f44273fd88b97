import { expect, test } from 'vitest';
import type { FlowRow } from '../bank-flow/frame-lives.ts';
import { sampleRecord } from '../records/sample-record.ts';
import { frameHistory } from './frame-history.ts';

const row: FlowRow = {
  frame: 3,
  enteredChunk: 1,
  states: [{ state: 'window' }, { state: 'waiting' }, { state: 'waiting' }, { state: 'bank', fraction: 1 }],
  evictedChunk: null,
  lastBankChunk: 5,
  recalls: 1,
  pinned: null,
};

test('stretches of the same, with the scores that were given in them; a recall stands alone', () => {
  const scored = (scores: readonly number[]) =>
    sampleRecord({ candidates: [3], scores: scores.map((score) => [score]) });
  const records = [null, null, null, scored([0.1, 0.3]), scored([0.4, 0.6]), scored([0.9, 0.9])];
  expect(frameHistory(row, records)).toEqual([
    { firstChunk: 2, lastChunk: 2, state: { state: 'window' }, scores: null },
    { firstChunk: 3, lastChunk: 4, state: { state: 'waiting' }, scores: { low: 0.2, high: 0.5 } },
    { firstChunk: 5, lastChunk: 5, state: { state: 'bank', fraction: 1 }, scores: { low: 0.9, high: 0.9 } },
  ]);
});
