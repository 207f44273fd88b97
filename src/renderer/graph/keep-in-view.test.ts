import { expect, it } from 'vitest';
import { viewAfterResize } from './keep-in-view.ts';

const story = { left: 0, top: 0, right: 2000, bottom: 180 };
const large = { width: 1000, height: 600 };

it('what lay in the middle lies there still, from top to bottom, and time begins where it did', () => {
  const view = { x: 40, y: 210, zoom: 1 };
  const small = viewAfterResize(view, large, { width: 800, height: 400 }, story);
  expect(small).toEqual({ x: 40, y: 110, zoom: 1 });
  expect(viewAfterResize(small, { width: 800, height: 400 }, large, story)).toEqual(view);
});

it('a story never leaves the pane', () => {
  const above = viewAfterResize({ x: 40, y: -150, zoom: 1 }, large, { width: 1000, height: 120 }, story);
  expect(above.y + story.bottom).toBe(30 + 48);
  const below = viewAfterResize({ x: 40, y: 560, zoom: 1 }, large, { width: 1000, height: 590 }, story);
  expect(below.y).toBe(590 - 48);
  const right = viewAfterResize({ x: 900, y: 100, zoom: 1 }, large, { width: 300, height: 600 }, story);
  expect(right.x).toBe(300 - 48);
});
