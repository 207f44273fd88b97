import { expect, test } from 'vitest';
import { sampleRecord } from '../records/sample-record.ts';
import { framesPulledBy, hasPulls, wordPulls } from './word-pulls.ts';

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
