import { expect, test } from 'vitest';
import { foldSynonyms, meaningsMatching } from './fold-synonyms.ts';

const words = [
  { word: 'walks', part: 'verb', group: 'action', synonyms: ['walk', 'walking', 'strolls', 'strolling', 'ambles'] },
  { word: 'walk', part: 'verb', group: 'action', synonyms: ['walks', 'walking', 'strolls', 'strolling'] },
  { word: 'walking', part: 'verb', group: 'action', synonyms: [] },
  { word: 'strolls', part: 'verb', group: 'action', synonyms: [] },
  { word: 'strolling', part: 'verb', group: 'action', synonyms: [] },
  { word: 'red', part: 'adjective', group: 'colour', synonyms: ['crimson'] },
  { word: 'crimson', part: 'adjective', group: 'colour', synonyms: ['red'] },
];

test('each meaning once, under its plainest word; other words that the model knows, a form of each', () => {
  expect(foldSynonyms(words).map(({ head, others }) => [head.word, others])).toEqual([
    ['walks', ['strolls']],
    ['red', ['crimson']],
  ]);
});

test('a meaning is found by any of its words', () => {
  const found = (sought: string) => meaningsMatching(foldSynonyms(words), sought).map(({ head }) => head.word);
  expect(found('Crim')).toEqual(['red']);
  expect(found('strolling')).toEqual(['walks']);
  expect(found('')).toEqual(['walks', 'red']);
  expect(found('zebra')).toEqual([]);
});
