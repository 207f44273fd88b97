import { useEffect } from 'react';
import { useView } from '../state/view.ts';

/** What answers Escape before the editor does. */
const above = '[role=dialog], [role=alertdialog], [role=menu], [role=listbox], [role=tooltip]';
const textPlaces = 'input, textarea, select, [contenteditable=true]';

/** Escape closes the topmost thing: the queue, then the enlarged player. What lies above them takes the key itself. */
export function useEscape(): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || event.defaultPrevented || document.fullscreenElement) return;
      const target = event.target instanceof Element ? event.target : null;
      const { dialog, queueOpen, playerLarge } = useView.getState();
      if (dialog || target?.closest(textPlaces) || document.querySelector(above)) return;
      if (queueOpen) useView.setState({ queueOpen: false });
      else if (playerLarge) useView.setState({ playerLarge: false });
      else return;
      event.preventDefault();
      event.stopPropagation();
    };
    // Before the panes, which answer it too: the graph takes the selection away.
    window.addEventListener('keydown', onKeyDown, true);
    return () => window.removeEventListener('keydown', onKeyDown, true);
  }, []);
}
