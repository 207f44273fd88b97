import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readWindowState, windowPlace, writeWindowState } from './window-state.ts';

const screen = { x: 0, y: 0, width: 1920, height: 1040 };
const second = { x: 1920, y: -200, width: 2560, height: 1400 };
const saved = { x: 100, y: 80, width: 1200, height: 800, maximized: false };

test('the first window is in the middle of the primary display', () => {
  expect(windowPlace(null, [screen, second])).toEqual({ x: 240, y: 70, width: 1440, height: 900, maximized: false });
});

test('a window comes back where it was, on the second display too', () => {
  expect(windowPlace(saved, [screen])).toEqual(saved);
  const there = { ...saved, x: 2000, y: -100, maximized: true };
  expect(windowPlace(there, [screen, second])).toEqual(there);
});

test('a window of a display that is gone comes to the middle of the primary one', () => {
  expect(windowPlace({ ...saved, x: 2000, y: -100 }, [screen])).toEqual({ ...saved, x: 360, y: 120 });
});

test('a sliver at an edge is no place to grasp', () => {
  expect(windowPlace({ ...saved, x: 1900 }, [screen]).x).toBe(360);
  expect(windowPlace({ ...saved, y: 1035 }, [screen]).y).toBe(120);
  expect(windowPlace({ ...saved, x: 1700 }, [screen])).toEqual({ ...saved, x: 1700 });
});

test('never larger than its display, never smaller than the interface needs', () => {
  const small = { x: 0, y: 25, width: 1280, height: 695 };
  expect(windowPlace({ ...saved, width: 3000, height: 2000 }, [small])).toEqual({ ...small, maximized: false });
  expect(windowPlace({ ...saved, width: 10, height: 10 }, [screen])).toMatchObject({ width: 960, height: 600 });
});

const folder = mkdtempSync(join(tmpdir(), 'throughline-window-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('is kept in a file; a damaged one counts as none, and one that cannot be written is no error', () => {
  const file = join(folder, 'deep', 'window.json');
  expect(readWindowState(file)).toBeNull();
  writeWindowState(file, saved);
  expect(readWindowState(file)).toEqual(saved);
  writeFileSync(file, '{"x":1e999}');
  expect(readWindowState(file)).toBeNull();
  writeWindowState(join(file, 'below-a-file.json'), saved);
});
