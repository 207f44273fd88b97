import { expect, test } from 'vitest';
import { mapScale, seenInMap, viewAround } from './map-scale.ts';
import { laneHeight } from './scale.ts';

const map = { width: 168, height: 92 };
const pane = { width: 1000, height: 500 };

test('a short story keeps its shape; a long one keeps lanes that can be seen', () => {
  const short = mapScale({ width: 400, height: 124 }, map);
  expect(short.perX).toBeCloseTo(short.perY, 6);
  const long = mapScale({ width: 100_000, height: 3 * laneHeight }, map);
  expect(long.perX * 100_000).toBeCloseTo(156, 6);
  expect(long.perY * laneHeight).toBeCloseTo(9, 6);
});

test('many lanes are never higher than the map', () => {
  const { top, perY } = mapScale({ width: 100_000, height: 60 * laneHeight }, map);
  expect(perY * 60 * laneHeight).toBeCloseTo(80, 6);
  expect(top).toBeCloseTo(6, 6);
});

test('what is seen ends at the map, and a place that was pressed comes to the middle of the pane', () => {
  const scale = mapScale({ width: 100_000, height: laneHeight }, map);
  const far = seenInMap({ x: -1e7, y: 0, zoom: 1 }, pane, scale, map);
  expect(far).toMatchObject({ left: 168, width: 0 });
  const view = viewAround({ x: 84, y: 46 }, { x: 0, y: 0, zoom: 0.5 }, pane, scale);
  const seen = seenInMap(view, pane, scale, map);
  expect(seen.left + seen.width / 2).toBeCloseTo(84, 6);
  expect(view.zoom).toBe(0.5);
  expect((500 - view.x) / view.zoom).toBeCloseTo(50_000, 3);
});
