import { useEffect, useState } from 'react';
import { lineFrameCount } from '../../memory/line/line.ts';
import { useSelection } from '../../state/index.ts';
import { useLooks } from '../looks.ts';
import { player, usePlayer } from '../transport.ts';
import { endPresenting, shotNow, stepShot, usePresentation } from './presentation.ts';

const keys: Record<string, () => void> = {
  ArrowRight: () => stepShot(1),
  ArrowDown: () => stepShot(1),
  PageDown: () => stepShot(1),
  Enter: () => stepShot(1),
  ArrowLeft: () => stepShot(-1),
  ArrowUp: () => stepShot(-1),
  PageUp: () => stepShot(-1),
  Home: () => toEdge('first'),
  End: () => toEdge('last'),
  t: () => useLooks.setState(({ presentWords }) => ({ presentWords: !presentWords })),
  n: () => usePresentation.setState({ noting: shotNow()?.shotId ?? null }),
  Escape: endPresenting,
};

function toEdge(edge: 'first' | 'last'): void {
  usePresentation.setState({ black: false });
  player.goTo(edge === 'first' ? 0 : lineFrameCount(usePlayer.getState().line) - 1);
}

/** Keys, the end of the film and the end of the full screen, while a cut is presented. */
export function usePresent(presenting: boolean): void {
  useEffect(() => {
    if (!presenting) return;
    const onKeyDown = (event: KeyboardEvent) => {
      // Notes are written with all keys but one.
      if (event.target instanceof HTMLTextAreaElement) {
        if (event.key === 'Escape') usePresentation.setState({ noting: null });
        event.stopPropagation();
        return;
      }
      // The space bar plays, as everywhere; nothing else of the editor behind hears of keys.
      if (event.key === ' ') return;
      event.stopPropagation();
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === 'Enter' && event.target instanceof HTMLButtonElement) return;
      const act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
      if (!act) return;
      event.preventDefault();
      act();
    };
    const onScreen = () => {
      if (!document.fullscreenElement) endPresenting();
    };
    const stop = usePlayer.subscribe(({ transport, line }, before) => {
      if (transport.rate !== 0) usePresentation.setState({ black: false });
      const atEnd = useSelection.getState().playheadFrame >= lineFrameCount(line) - 1;
      if (transport.rate === 0 && before.transport.rate > 0 && atEnd) usePresentation.setState({ black: true });
    });
    window.addEventListener('keydown', onKeyDown, true);
    document.addEventListener('fullscreenchange', onScreen);
    return () => {
      stop();
      window.removeEventListener('keydown', onKeyDown, true);
      document.removeEventListener('fullscreenchange', onScreen);
    };
  }, [presenting]);
}

/** How long the pointer stays after it was moved, in milliseconds. */
const pointerStaysMs = 1500;

/** Whether the pointer was moved just now. Before an audience it is hidden otherwise. */
export function usePointerAwake(presenting: boolean): boolean {
  const [awake, setAwake] = useState(false);
  useEffect(() => {
    if (!presenting) return;
    setAwake(false);
    let timer = 0;
    const onMove = ({ movementX, movementY }: PointerEvent) => {
      // What comes to lie under a pointer that rests is no movement of it.
      if (movementX === 0 && movementY === 0) return;
      setAwake(true);
      clearTimeout(timer);
      timer = window.setTimeout(() => setAwake(false), pointerStaysMs);
    };
    window.addEventListener('pointermove', onMove);
    return () => {
      clearTimeout(timer);
      window.removeEventListener('pointermove', onMove);
    };
  }, [presenting]);
  return awake;
}
