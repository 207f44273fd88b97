import { type LineShot, lineShots } from '../memory/line/line.ts';
import { dispatch, notify, useSelection } from '../state/index.ts';
import { goToSoon, usePlayer } from './transport.ts';

/** The end of a shot that is trimmed. */
export type TrimEdge = 'head' | 'tail';

/**
 * Trims a shot to so many frames off one of its ends, one frame of it left at least, and shows the frame that is now at
 * that end.
 * @param off frames of the shot that are not shown at that end, in the model's own frames
 */
export function trimTo(shot: LineShot, edge: TrimEdge, off: number, gesture: string | null): void {
  const { head, shown, tail } = shot.part;
  const most = head + shown + tail - 1 - (edge === 'head' ? tail : head);
  const trim = { head, tail, [edge]: Math.min(most, Math.max(0, off)) };
  if (trim.head === head && trim.tail === tail) return;
  if (!dispatch({ type: 'edit-shot', id: shot.shotId, patch: { trim } }, gesture)) return;
  const frames = head + shown + tail - trim.head - trim.tail;
  goToSoon(edge === 'head' ? shot.first : shot.first + frames - 1);
}

/** Takes frames off an end of the shot under the playhead, or gives them back where `by` is negative. */
export function trimBy(edge: TrimEdge, by: number): void {
  const shot = shotUnderPlayhead();
  if (shot) trimTo(shot, edge, shot.part[edge] + by, null);
}

/** Trims the shot under the playhead so that it begins (head) or ends (tail) with the frame shown now. */
export function trimToPlayhead(edge: TrimEdge): void {
  const shot = shotUnderPlayhead();
  if (!shot) {
    notify({ level: 'info', message: 'There is no shot to trim yet.' });
    return;
  }
  const into = useSelection.getState().playheadFrame - shot.first;
  const more = edge === 'head' ? into : shot.count - 1 - into;
  trimTo(shot, edge, shot.part[edge] + more, null);
}

function shotUnderPlayhead(): LineShot | null {
  const { line } = usePlayer.getState();
  const { playheadFrame } = useSelection.getState();
  return lineShots(line).find(({ first, count }) => playheadFrame >= first && playheadFrame < first + count) ?? null;
}
