import { useEffect } from 'react';
import { actions, keyName, usable } from '../actions/table.ts';
import { useView } from '../state/view.ts';

const textInputs = 'input:not([type=checkbox]):not([type=range]), textarea, select, [contenteditable=true]';

/**
 * Keys of the whole window. A pane answers its own keys first and stops them; what is left comes here. Single letters
 * are for the graph, and never reach a story while a person types or a window lies over it.
 */
export function useShortcuts(): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing) return;
      const target = event.target instanceof Element ? event.target : null;
      const typing = target?.matches(textInputs) ?? false;
      const pane = target?.closest('[data-pane]')?.getAttribute('data-pane') ?? null;
      const inGraph = pane === 'graph' || pane === null;
      const name = keyName(event);
      if (name === 'Escape' && typing && target instanceof HTMLElement && !useView.getState().dialog) {
        target.blur();
        return;
      }
      // A key that has closed a window was for that window, not for what lies behind it.
      if (target?.closest('[role=dialog], [role=alertdialog], [role=menu], [role=listbox]')) return;
      const action = actions.find(({ keys }) => keys.includes(name));
      if (!action || useView.getState().dialog || !usable(action) || action.bySystem) return;
      if ((typing && !action.whileTyping) || (action.inGraph && !inGraph)) return;
      // Enter and Space press the button that has the focus.
      if (action.inGraph && name === 'Enter' && target?.closest('button')) return;
      event.preventDefault();
      action.run();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);
}
