import type { Changed, ProjectId } from '../../shared/api/types.ts';
import { useStudio } from './studio.ts';

/** How long what was answered may take to be seen, in milliseconds; events come once a frame, so far less is usual. */
const longestWaitMs = 10_000;

/**
 * Settles when this window knows a project at the revision that an answer spoke of, or a later one. An answer comes
 * before the events that tell of the same, and those are folded in a later frame: whatever reads the state after an
 * answer waits for this first.
 * @returns false where it will not come to that: another project was opened or this one closed, or it took too long
 */
export function untilSeen(project: ProjectId, { revision }: Changed): Promise<boolean> {
  const before = useStudio.getState().project?.id;
  return new Promise((resolve) => {
    const timer = setTimeout(() => done(false), longestWaitMs);
    const stop = useStudio.subscribe(look);
    look();
    function look(): void {
      const { known, project: open } = useStudio.getState();
      if (open?.id === project && open.revision >= revision) done(true);
      else if (known && open?.id !== project && open?.id !== before) done(false);
    }
    function done(seen: boolean): void {
      clearTimeout(timer);
      stop();
      resolve(seen);
    }
  });
}
