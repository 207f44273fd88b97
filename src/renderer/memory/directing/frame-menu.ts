import { useEffect } from 'react';
import type { MenuEntry } from '../../ui/index.ts';

type Build = (frame: number) => readonly MenuEntry[];

let build: Build | null = null;

/** Says what can be done with a remembered frame for as long as the caller is on the screen. */
export function useFrameMenu(current: Build): void {
  useEffect(() => {
    build = current;
    return () => {
      build = null;
    };
  }, [current]);
}

/** What can be done with a remembered frame that the memory panel shows; null where it shows none. */
export function frameMenu(frame: number): readonly MenuEntry[] | null {
  return build?.(frame) ?? null;
}
