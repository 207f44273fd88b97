import { useEffect } from 'react';
import type { MenuCommand } from '../../shared/api/desktop-bridge.ts';
import { createProject } from '../actions/files.ts';
import { actions, usable } from '../actions/table.ts';
import { desktopBridge } from '../state/index.ts';
import { togglePane, useView } from '../state/view.ts';

/** The action that a menu's command means, where there is one of that name. */
const named: Partial<Record<MenuCommand, string>> = {
  'open-project': 'Open…',
  'import-script': 'Import a script…',
  'save-version': 'Name this version…',
  versions: 'Versions…',
  'save-as': 'Save a copy as…',
  export: 'Export…',
  undo: 'Undo',
  redo: 'Redo',
  fit: 'Fit the whole story',
  'zoom-in': 'Zoom in',
  'zoom-out': 'Zoom out',
  'zoom-actual': 'Zoom to actual size',
  'toggle-queue': 'Show the queue',
  'command-palette': 'Command palette',
  settings: 'Settings…',
  shortcuts: 'Keyboard shortcuts',
  about: 'About Throughline',
};

/** Does what the desktop app's menus ask for. */
export function useDesktopCommands(): void {
  useEffect(() => {
    desktopBridge()?.onCommand((command) => {
      // A menu's keys reach the app behind a window that holds all others.
      if (useView.getState().dialog) return;
      switch (command) {
        case 'new-project':
          void createProject();
          return;
        case 'toggle-inspector':
          togglePane('inspector');
          return;
        case 'toggle-player':
          togglePane('player');
          return;
        default: {
          const action = actions.find(({ name }) => name === named[command]);
          if (action && usable(action)) action.run();
        }
      }
    });
  }, []);
}
