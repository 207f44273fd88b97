import { useEffect } from 'react';
import type { MenuEntry } from '../../ui/index.ts';

type Build = (frame: number) => readonly MenuEntry[];

/** Of every memory view on the screen, the newest last. */
const builds: Build[] = [];

/** Says what can be done with a remembered frame for as long as the caller is on the screen. */
export function useFrameMenu(build: Build): void {
  useEffect(() => {
    builds.push(build);
    return () => {
      builds.splice(builds.indexOf(build), 1);
    };
  }, [build]);
}

/** What can be done with a remembered frame that a memory view shows; null where none is on the screen. */
export function frameMenu(frame: number): readonly MenuEntry[] | null {
  return builds.at(-1)?.(frame) ?? null;
}
