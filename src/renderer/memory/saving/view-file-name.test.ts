import { expect, test } from 'vitest';
import { sampleLine } from '../records/sample-record.ts';
import { viewFileName } from './view-file-name.ts';

test('names story, shot, chunk and memory; nothing that a file system refuses', () => {
  const chunk = sampleLine([1, 2]).chunks[2];
  if (!chunk) throw new Error('The line has three chunks.');
  expect(viewFileName('There and back', chunk)).toBe('There and back, shot 2, chunk 2, memory');
  expect(viewFileName('..a/b: "c"?', chunk)).toBe('a b c, shot 2, chunk 2, memory');
  expect(viewFileName('', chunk)).toBe('Story, shot 2, chunk 2, memory');
});
