import { useEffect } from 'react';
import { useStudio } from '../state/index.ts';
import { closeDialog } from '../state/view.ts';
import { KeyPause } from './key-pause.ts';

const textFields = 'input:not([type=checkbox]):not([type=range]), textarea, [contenteditable=true]';

/**
 * Another project may be opened from another tab while a person types here. What they go on typing was meant for the
 * field that is gone: it becomes neither shortcuts nor text of the other project. A pause in typing, or a click, ends
 * that. Windows that lay over the old project are closed.
 */
export function useSwitchGuard(): void {
  useEffect(() => {
    const pause = new KeyPause();
    // Asked as focus moves: by the time a switch is drawn, the field is gone.
    let inText = false;
    const onFocus = (event: FocusEvent): void => {
      inText = event.target instanceof Element && event.target.matches(textFields);
    };
    const unsubscribe = useStudio.subscribe((now, before) => {
      if (now.project?.id === before.project?.id) return;
      if (before.project === null) return;
      closeDialog();
      pause.begin(performance.now(), inText && document.activeElement !== document.body);
    });
    const onKey = (event: KeyboardEvent): void => {
      const swallowed = event.type === 'keydown' ? pause.swallows(event.timeStamp) : pause.isOn(event.timeStamp);
      if (!swallowed) return;
      event.preventDefault();
      event.stopImmediatePropagation();
    };
    const onPointer = (): void => pause.end();
    const kinds = ['keydown', 'keypress', 'keyup'] as const;
    for (const kind of kinds) window.addEventListener(kind, onKey, true);
    window.addEventListener('pointerdown', onPointer, true);
    window.addEventListener('focusin', onFocus, true);
    return () => {
      unsubscribe();
      for (const kind of kinds) window.removeEventListener(kind, onKey, true);
      window.removeEventListener('pointerdown', onPointer, true);
      window.removeEventListener('focusin', onFocus, true);
    };
  }, []);
}
