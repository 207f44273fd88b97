import { EventBacklog } from '../../shared/api/event-backlog.ts';
import type { StudioEvent } from '../../shared/api/types.ts';

/** A window out of sight draws no frames; its state is brought up to date this often, in milliseconds. */
const outOfSightMs = 250;

/** Calls `act` before the next frame is drawn, and in a window out of sight all the same. */
export function beforeNextFrame(act: () => void): void {
  let done = false;
  const once = (): void => {
    if (done) return;
    done = true;
    cancelAnimationFrame(request);
    clearTimeout(timer);
    act();
  };
  const request = requestAnimationFrame(once);
  const timer = setTimeout(once, outOfSightMs);
}

/**
 * Takes events as they come and hands them on once a frame, those of a kind joined: however fast chunks are made, the
 * page computes and draws what follows from them once a frame and stays free for whoever plays or types.
 * @param fold gets what a frame's events come to, in order
 */
export function foldInFrames(
  fold: (events: readonly StudioEvent[]) => void,
  schedule: (act: () => void) => void = beforeNextFrame,
): (event: StudioEvent) => void {
  const backlog = new EventBacklog();
  let open: string | null | undefined;
  const flush = (): void => {
    const events: StudioEvent[] = [];
    for (let event = backlog.take(); event; event = backlog.take()) events.push(event);
    if (events.length > 0) fold(events);
  };
  return (event) => {
    if (event.type === 'project') {
      const opened = event.project?.id ?? null;
      // What waits is of the project before; joined with the new one's it would be taken for that.
      if (opened !== open) flush();
      open = opened;
    }
    if (backlog.isEmpty) schedule(flush);
    backlog.add(event);
  };
}
