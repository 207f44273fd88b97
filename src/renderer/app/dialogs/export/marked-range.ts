import { useShallow } from 'zustand/react/shallow';
import { timeCode } from '../../../../shared/timing.ts';
import { lineFrameCount } from '../../../memory/line/line.ts';
import { usePlayer } from '../../../player/index.ts';

/** What lies between the player's in and out points. */
export interface MarkedRange {
  readonly first: number;
  /** The frame after the last. */
  readonly end: number;
  /** In times of the film, to be read. */
  readonly said: string;
}

/** Null where neither point is set, or they hold the whole cut. */
export function useMarkedRange(): MarkedRange | null {
  return usePlayer(
    useShallow(({ line, inFrame, outFrame }) => {
      const count = lineFrameCount(line);
      const first = inFrame ?? 0;
      const end = Math.min(count, (outFrame ?? count - 1) + 1);
      if (end <= first || (first === 0 && end >= count)) return null;
      return { first, end, said: `${timeCode(first / line.fps)} to ${timeCode(end / line.fps)}` };
    }),
  );
}
