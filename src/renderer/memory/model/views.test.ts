import { expect, test } from 'vitest';
import { bankFlow, recalledRows } from './bank-flow.ts';
import { filmStrip } from './film-strip.ts';
import { activationMatrix, retrievalMatrix } from './matrices.ts';
import { recallEdges } from './recall.ts';
import { sampleRecord } from './sample-record.ts';
import { formatScore, scaleOf, shade } from './scale.ts';
import { peakPlace, spatialMap } from './spatial.ts';
import { framesPulledBy, hasPulls, wordPulls } from './words.ts';

test('film strip: the bank by layers and score, what was passed over with banned last, then sink, window and the new frame', () => {
  const strip = filmStrip(sampleRecord());
  expect(strip.map(({ frame, role }) => `${frame} ${role}`)).toEqual([
    '3 bank', // both layers
    '4 bank', // mean 0.3
    '7 bank', // mean 0.2
    '5 dropped',
    '6 dropped', // banned
    '0 sink',
    '9 window',
    '10 window',
    '11 window',
    '12 new',
  ]);
  expect(strip[0]).toMatchObject({ pinned: 'Mia', banned: false, score: 0.4, layers: [0, 1] });
  expect(strip[4]).toMatchObject({ banned: true, score: null, layers: [] });
});

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

test('words are shaded by what they pull beyond an even share, and keep their exact pull', () => {
  const pulls = wordPulls(sampleRecord(), 3);
  // four candidates: an even share is 0.25; the strongest pull, 0.75, is three times that
  expect(pulls?.map(({ pull, lift }) => [pull, lift])).toEqual([
    [0.25, 1],
    [0.75, 3],
    [0.1, 0.4],
  ]);
  expect(pulls?.map((word) => word.shade)).toEqual([0, 1, 0]);
  expect(wordPulls(sampleRecord(), 9)).toBeNull();
  expect(hasPulls(sampleRecord({ pull: [] }))).toBe(false);
});

test('a word leads to the frames it drew in, strongest first', () => {
  expect(framesPulledBy(sampleRecord(), 2).map(({ frame }) => frame)).toEqual([4, 7, 5, 3]);
});

test('spatial map: bytes become shares of the peak; damaged ones none', () => {
  const map = spatialMap(sampleRecord(), 3);
  expect(map?.values.map((value) => Math.round(value * 10) / 10)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
  expect(map && peakPlace(map)).toBe('lower right');
  expect(spatialMap(sampleRecord(), 4)).toBeNull();
  const damaged = sampleRecord({ spatial: [{ frame: 3, rows: 2, columns: 3, peak: 1, map: '!' }] });
  expect(spatialMap(damaged, 3)).toBeNull();
});

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

test('scales run from the least to the largest score, but do not draw noise as contrast', () => {
  expect(scaleOf([[-2, 1]])).toEqual({ low: -2, high: 1 });
  expect(scaleOf([[0.2, 0.15], [0.18]])).toEqual({ low: 0.15, high: 0.2 });
  expect(scaleOf([[0.1669, 0.1667, 0.1664]])).toEqual({ low: 0, high: 0.1669 });
  expect(scaleOf([[]])).toEqual({ low: 0, high: 0 });
  expect(shade({ low: -2, high: 2 }, 0)).toBe(0.5);
  expect(shade({ low: 0, high: 0 }, 0)).toBe(0);
  expect([0, 0.614, 0.0734, 0.00021, 0.00001].map(formatScore)).toEqual(['0', '0.61', '0.073', '0.0002', '1.0e-5']);
});
