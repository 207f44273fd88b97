import { useEffect } from 'react';
import { player } from './transport.ts';

const textPlaces = 'input:not([type=checkbox], [type=range], [type=radio]), textarea, select, [contenteditable=true]';
/** What the space bar presses when it was reached by keyboard. */
const pressed =
  'button, a[href], summary, input, [role=button], [role=tab], [role=radio], [role=menuitem], [role=option]';
/** Windows and menus hold their keys. */
const overlays = '[role=dialog], [role=alertdialog], [role=menu], [role=listbox]';

/**
 * The space bar plays, wherever the focus is: but in a text field it types, in a window over the app it stays there, and a
 * button that was reached by keyboard is pressed by it. One that was clicked keeps the focus, and is not.
 */
export function useSpace(): void {
  useEffect(() => {
    let clicked: EventTarget | null = null;
    const onPointerDown = (event: PointerEvent) => {
      clicked = event.target instanceof Element ? event.target.closest(pressed) : null;
    };
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key === 'Tab') clicked = null;
      if (event.key !== ' ' || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
      const target = event.target instanceof Element ? event.target : null;
      if (target?.closest(textPlaces) || target?.closest(overlays) || document.querySelector(overlays)) return;
      const button = target?.closest(pressed);
      if (button && button !== clicked) return;
      event.preventDefault();
      event.stopPropagation();
      if (!event.repeat) player.toggle();
    };
    // A button acts when the key comes up.
    const onKeyUp = (event: KeyboardEvent) => {
      if (event.key === ' ' && event.target === clicked) event.preventDefault();
    };
    window.addEventListener('pointerdown', onPointerDown, true);
    window.addEventListener('keydown', onKeyDown, true);
    window.addEventListener('keyup', onKeyUp, true);
    return () => {
      window.removeEventListener('pointerdown', onPointerDown, true);
      window.removeEventListener('keydown', onKeyDown, true);
      window.removeEventListener('keyup', onKeyUp, true);
    };
  }, []);
}
