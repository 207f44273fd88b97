import { useEffect } from 'react';
import { matchKeyBindingPress, parseKeybinding } from 'tinykeys';
import { type Action, actions, usable } from '../actions/table.ts';
import { closeTopLayer } from '../state/layers.ts';

const textInputs = 'input:not([type=checkbox]):not([type=range]), textarea, select, [contenteditable=true]';
/** What lies over the app and holds the keys while it does. */
const overlays = '[role=dialog], [role=alertdialog], [role=menu]';

/**
 * Keys of the whole window. A pane answers its own keys first and stops them; what is left comes here. Single letters
 * are for the graph, and never reach a story while a person types. While anything lies over the app, nothing does.
 * @param only names of the actions that have keys here; all unless given. The same set each time
 */
export function useShortcuts(only?: ReadonlySet<string>): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing || document.querySelector(overlays)) return;
      const target = event.target instanceof Element ? event.target : null;
      const typing = target?.matches(textInputs) ?? false;
      if (event.key === 'Escape') {
        if (typing && target instanceof HTMLElement) target.blur();
        else if (!closeTopLayer()) return;
        event.preventDefault();
        return;
      }
      const action = actions.find(
        ({ name, keys }) => (only?.has(name) ?? true) && keys.some((key) => isPressed(key, event)),
      );
      if (!action || !usable(action) || action.bySystem || !isFor(action, target, typing)) return;
      // Enter presses the button that has the focus.
      if (action.inGraph && event.key === 'Enter' && target?.closest('button')) return;
      event.preventDefault();
      action.run();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [only]);
}

function isFor(action: Action, target: Element | null, typing: boolean): boolean {
  if (typing) return action.whileTyping === true;
  const pane = target?.closest('[data-pane]')?.getAttribute('data-pane') ?? null;
  return !action.inGraph || pane === 'graph' || pane === null;
}

/** The table's spelling of a key, `Ctrl+Shift+Z`, as tinykeys reads it; Ctrl is Command on Macs. */
function isPressed(key: string, event: KeyboardEvent): boolean {
  const spelled = key.replace('Ctrl', '$mod');
  const isSign = /(^|\+)[^\p{L}\p{N}]$/u.test(key);
  // Signs are typed with or without Shift, as the keyboard has it.
  const spellings = isSign ? [spelled, spelled.replace(/.$/, (sign) => `Shift+${sign}`)] : [spelled];
  return spellings.some((spelling) => {
    const [press] = parseKeybinding(spelling);
    return press !== undefined && matchKeyBindingPress(event, press);
  });
}
