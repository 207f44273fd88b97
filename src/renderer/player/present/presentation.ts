import { create } from 'zustand';
import type { ShotId } from '../../../shared/project/document.ts';
import { type LineShot, lineFrameCount, lineShots } from '../../memory/line/line.ts';
import { attempt, notify, useSelection } from '../../state/index.ts';
import { useView } from '../../state/view.ts';
import { player, usePlayer } from '../transport.ts';

interface Presentation {
  /** After the last shot. */
  readonly black: boolean;
  /** The shot that notes are being written on; it stays that one while the film runs on. */
  readonly noting: ShotId | null;
}

/** How a presentation stands; whether there is one says the player's `presenting`. */
export const usePresentation = create<Presentation>(() => ({ black: false, noting: null }));

/** Shows the cut to an audience: over the whole screen, from the selected shot on, in and out points left aside. */
export function startPresenting(): void {
  const { line, presenting } = usePlayer.getState();
  if (presenting) return;
  if (lineFrameCount(line) === 0) {
    notify({ level: 'info', message: 'There is no shot to present yet.' });
    return;
  }
  player.stop();
  useView.setState({ playerHidden: false });
  usePresentation.setState({ black: false, noting: null });
  usePlayer.setState({ presenting: true });
  const { shotId } = useSelection.getState();
  const shot = lineShots(line).find((candidate) => candidate.shotId === shotId) ?? shotNow();
  if (shot) player.goTo(shot.first);
  // Where the screen cannot be filled, the window is.
  document.documentElement.requestFullscreen?.().catch(() => {});
}

/** Goes back to the editor, with the shot that was last presented selected. Idempotent. */
export function endPresenting(): void {
  if (!usePlayer.getState().presenting) return;
  player.stop();
  usePlayer.setState({ presenting: false });
  usePresentation.setState({ black: false, noting: null });
  player.goTo(useSelection.getState().playheadFrame);
  if (document.fullscreenElement) void attempt(document.exitFullscreen());
}

/** To the beginning of the next shot, or of the one before; after the last one it is black. */
export function stepShot(by: 1 | -1): void {
  const { line } = usePlayer.getState();
  const shots = lineShots(line);
  const now = shotNow();
  const at = now ? shots.indexOf(now) : 0;
  if (usePresentation.getState().black) {
    if (by < 0) usePresentation.setState({ black: false });
    return;
  }
  const next = shots[at + by];
  if (next) player.goTo(next.first);
  else if (by > 0) {
    player.stop();
    usePresentation.setState({ black: true });
  }
}

/** The shot under the playhead. */
export function shotNow(): LineShot | undefined {
  const { playheadFrame } = useSelection.getState();
  return lineShots(usePlayer.getState().line).findLast(({ first }) => first <= playheadFrame);
}
