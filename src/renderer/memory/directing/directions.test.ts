import { expect, test } from 'vitest';
import { directionsAt, undoneDirections } from './directions.ts';

const path = [
  { id: 'one', memory: { pins: [{ frame: 3, name: 'Mia' }], bans: [6] } },
  { id: 'two', memory: { bans: [3] } },
];

test('what a later shot says of a frame replaces what an earlier one said', () => {
  expect([...directionsAt({ bans: [9] }, path)]).toEqual([
    [3, { name: null, shotId: 'two' }],
    [6, { name: null, shotId: 'one' }],
    [9, { name: null, shotId: null }],
  ]);
});

test('directions that a chunk was made without are found; those of frames to come do not count', () => {
  const directions = directionsAt({}, path.slice(0, 1));
  expect(undoneDirections(directions, { mode: 'paper', pins: [], bans: [] }, 12)).toEqual([3, 6]);
  expect(undoneDirections(directions, { mode: 'paper', pins: [{ frame: 3 }], bans: [6] }, 12)).toEqual([]);
  expect(undoneDirections(directions, { mode: 'paper', pins: [], bans: [9] }, 5)).toEqual([3]);
  // MAG heeds none: making it again would change nothing.
  expect(undoneDirections(directions, { mode: 'mag', pins: [], bans: [] }, 12)).toEqual([]);
});
