import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { writeSmallFile } from '../files/index.ts';
import type { Rectangle } from './electron-surface.ts';

/** Sizes in device-independent pixels. */
export const smallestWindow = { width: 960, height: 600 } as const;
const usualWindow = { width: 1440, height: 900 } as const;
/** So much of a window's top edge must be on a display for a hand to reach it. */
const graspable = { width: 160, height: 32 } as const;

const stateSchema = z.object({
  x: z.int(),
  y: z.int(),
  width: z.int().min(1),
  height: z.int().min(1),
  maximized: z.boolean(),
});

/** Where the window was, not maximised, and whether it was maximised. */
export type WindowState = z.infer<typeof stateSchema>;

/**
 * Where a window opens: where it was if a hand can still reach it there, else in the middle of the primary display;
 * never larger than the display it is on.
 * @param saved null on the first start
 * @param workAreas of the displays, the primary one first; at least one
 */
export function windowPlace(saved: WindowState | null, workAreas: readonly Rectangle[]): WindowState {
  const primary = workAreas[0];
  if (!primary) throw new Error('a window needs a display');
  const wanted = saved ?? { ...usualWindow, x: 0, y: 0, maximized: false };
  const home = saved ? workAreas.find((area) => isGraspable(saved, area)) : undefined;
  const area = home ?? primary;
  const width = Math.min(Math.max(wanted.width, smallestWindow.width), area.width);
  const height = Math.min(Math.max(wanted.height, smallestWindow.height), area.height);
  const { maximized } = wanted;
  if (home) {
    // A window that hangs over an edge stays so; one that is now as large as its display begins at its corner.
    return {
      x: width === area.width ? area.x : wanted.x,
      y: height === area.height ? area.y : Math.max(wanted.y, area.y),
      width,
      height,
      maximized,
    };
  }
  return {
    x: area.x + Math.round((area.width - width) / 2),
    y: area.y + Math.round((area.height - height) / 2),
    width,
    height,
    maximized,
  };
}

function isGraspable(window: Rectangle, area: Rectangle): boolean {
  const across = Math.min(window.x + window.width, area.x + area.width) - Math.max(window.x, area.x);
  const top = window.y >= area.y - graspable.height && window.y + graspable.height <= area.y + area.height;
  return top && across >= graspable.width;
}

/** Reads the saved state; null where there is none that makes sense. */
export function readWindowState(file: string): WindowState | null {
  try {
    return stateSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return null;
  }
}

/** Saves the state. Never throws: where a window was is not worth an error. */
export function writeWindowState(file: string, state: WindowState): void {
  try {
    writeSmallFile(file, JSON.stringify(state));
  } catch {}
}
