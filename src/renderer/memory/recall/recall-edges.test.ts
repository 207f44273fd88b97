import { expect, test } from 'vitest';
import { sampleRecord } from '../records/sample-record.ts';
import { recallEdges } from './recall-edges.ts';

test('recall edges add the frames of one chunk and weigh against the strongest', () => {
  // chunk 1 holds frames 3 (0.4) and 4 (0.3), chunk 2 holds frame 7 (0.2)
  const edges = recallEdges(sampleRecord());
  expect(edges.map(({ fromChunk, toChunk, frames }) => ({ fromChunk, toChunk, frames }))).toEqual([
    { fromChunk: 1, toChunk: 4, frames: [3, 4] },
    { fromChunk: 2, toChunk: 4, frames: [7] },
  ]);
  expect(edges[0]?.score).toBeCloseTo(0.7);
  expect(edges[1]?.weight).toBeCloseTo(0.2 / 0.7);
  expect(edges.map(({ fraction }) => fraction)).toEqual([1, 0.5]);
});
