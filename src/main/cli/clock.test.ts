import { expect, test } from 'vitest';
import { RenderClock } from './clock.ts';
import { measuredTime, waitTime } from './duration.ts';

test('knows nothing until a chunk was made', () => {
  const clock = new RenderClock(3, 2);
  clock.finished('stored', 10);
  expect(clock.remainingMs(0)).toBeNull();
});

test('the first chunk warms up: it counts only while it is alone', () => {
  const clock = new RenderClock(4, 0);
  clock.finished('made', 5000);
  expect(clock.remainingMs(0)).toBe(3 * 5000);
  clock.finished('made', 1000);
  expect(clock.remainingMs(0)).toBe(2 * 1000);
});

test('time spent on the chunk at hand is taken off, but no more than a chunk', () => {
  const clock = new RenderClock(3, 0);
  clock.finished('made', 1000);
  expect(clock.remainingMs(400)).toBe(1600);
  expect(clock.remainingMs(9000)).toBe(1000);
});

test('only stored chunks', () => {
  const clock = new RenderClock(0, 3);
  clock.finished('stored', 100);
  expect(clock.remainingMs(0)).toBe(200);
});

test('durations', () => {
  expect([400, 8000, 59_700, 65_000, 7_380_000].map(waitTime)).toEqual(['0 s', '8 s', '1:00', '1:05', '2:03:00']);
  expect([850, 1900, 728_000].map(measuredTime)).toEqual(['850 ms', '1.9 s', '12:08']);
});
