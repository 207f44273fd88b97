import { expect, test } from 'vitest';
import { sampleRecord } from '../records/sample-record.ts';
import { activationMatrix, retrievalMatrix } from './matrices.ts';

test('retrieval matrix marks what each layer kept', () => {
  const { frames, rows, scale } = retrievalMatrix(sampleRecord());
  expect(frames).toEqual([3, 4, 5, 7]);
  expect(rows.map(({ kept }) => kept.map(Number).join(''))).toEqual(['1001', '1100']);
  expect(scale).toEqual({ low: 0.1, high: 0.5 });
});

test('activation: mean of heads a layer, heads below an expanded one, nothing where a layer holds no such frame', () => {
  const matrix = activationMatrix(sampleRecord(), new Set([1]));
  expect(matrix?.frames).toEqual([3, 4, 7]);
  expect(matrix?.rows.map(({ layer, head, values }) => [layer, head, values])).toEqual([
    [0, null, [(4 + 2) / 8, null, (0 + 2) / 8]],
    [1, null, [(1 + 0) / 8, (3 + 4) / 8, null]],
    [1, 0, [1 / 4, 3 / 4, null]],
    [1, 1, [0, 1, null]],
  ]);
  expect(activationMatrix(sampleRecord({ activation: null }))).toBeNull();
});
