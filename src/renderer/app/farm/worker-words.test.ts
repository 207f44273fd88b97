import { expect, it } from 'vitest';
import { workerWords } from './worker-words.ts';

it('a worker that fell silent says so while it still seems to make something, and what becomes of its work', () => {
  const silent = { state: 'silent', heardSecondsAgo: 7, leaseSeconds: 30 } as const;
  expect(workerWords(silent, true)).toBe('no sign of life for 7 s; after 30 s its work goes to another worker');
  expect(workerWords(silent, false)).toBe('no sign of life for 7 s; after 30 s its work waits for another worker');
  expect(workerWords({ ...silent, state: 'lost' }, false)).toBe('lost; its work waits for another worker');
  expect(workerWords({ ...silent, state: 'working' }, true)).toBeNull();
});
