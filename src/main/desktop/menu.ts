import { basename } from 'node:path';
import type { MenuCommand } from '../../shared/api/desktop-bridge.ts';
import type { Settings } from '../../shared/api/types.ts';
import type { MenuTemplateItem } from './electron-surface.ts';
import { helpLinks } from './policy.ts';

/** What the menus show. */
export interface MenuState {
  readonly platform: NodeJS.Platform;
  readonly hasProject: boolean;
  /** What undo and redo would do, in words; null where there is nothing. */
  readonly undo: string | null;
  readonly redo: string | null;
  readonly theme: Settings['theme'];
  /** Absolute paths, newest first. */
  readonly recent: readonly string[];
  /** Developer tools are offered where the app is run from its source. */
  readonly developer: boolean;
}

/** What choosing an item does. */
export type MenuAction =
  | { readonly kind: 'command'; readonly command: MenuCommand }
  | { readonly kind: 'open-recent'; readonly file: string }
  | { readonly kind: 'theme'; readonly theme: Settings['theme'] }
  | { readonly kind: 'link'; readonly url: string }
  | { readonly kind: 'licences' };

type Role = NonNullable<MenuTemplateItem['role']>;

/** One item of a menu, as data. */
export type MenuItem =
  | { readonly kind: 'separator' }
  | { readonly kind: 'role'; readonly role: Role }
  | { readonly kind: 'menu'; readonly label: string; readonly items: readonly MenuItem[]; readonly role?: Role }
  | {
      readonly kind: 'action';
      readonly label: string;
      readonly action: MenuAction;
      readonly keys?: string;
      readonly enabled?: boolean;
      /** Set for an item that shows a choice. */
      readonly chosen?: boolean;
    };

const separator: MenuItem = { kind: 'separator' };
const role = (name: Role): MenuItem => ({ kind: 'role', role: name });

function command(label: string, name: MenuCommand, keys?: string, enabled = true): MenuItem {
  const action = { kind: 'command', command: name } as const;
  return { kind: 'action', label, action, enabled, ...(keys === undefined ? {} : { keys }) };
}

/** The menus for a state: pure. */
export function describeMenus(state: MenuState): readonly MenuItem[] {
  const mac = state.platform === 'darwin';
  return [
    ...(mac ? [appMenu()] : []),
    fileMenu(state, mac),
    editMenu(state, mac),
    viewMenu(state),
    ...(mac ? [windowMenu()] : []),
    helpMenu(state),
  ];
}

function appMenu(): MenuItem {
  return {
    kind: 'menu',
    label: 'Throughline',
    items: [
      command('About Throughline', 'about'),
      separator,
      command('Settings…', 'settings', 'CmdOrCtrl+,'),
      separator,
      role('services'),
      separator,
      role('hide'),
      role('hideOthers'),
      role('unhide'),
      separator,
      role('quit'),
    ],
  };
}

function fileMenu({ hasProject, recent }: MenuState, mac: boolean): MenuItem {
  const recentItems: readonly MenuItem[] =
    recent.length === 0
      ? [
          {
            kind: 'action',
            label: 'No Recent Projects',
            action: { kind: 'command', command: 'open-project' },
            enabled: false,
          },
        ]
      : recent.map((file) => ({
          kind: 'action',
          // An ampersand would underline the letter after it.
          label: basename(file).replaceAll('&', '&&'),
          action: { kind: 'open-recent', file },
        }));
  return {
    kind: 'menu',
    label: 'File',
    items: [
      command('New Project', 'new-project', 'CmdOrCtrl+N'),
      command('Open…', 'open-project', 'CmdOrCtrl+O'),
      { kind: 'menu', label: 'Open Recent', items: recentItems },
      separator,
      command('Import Script…', 'import-script', 'CmdOrCtrl+I', hasProject),
      separator,
      command('Save a Version…', 'save-version', 'CmdOrCtrl+S', hasProject),
      command('Versions…', 'versions', undefined, hasProject),
      command('Save As…', 'save-as', 'CmdOrCtrl+Shift+S', hasProject),
      separator,
      command('Export Film…', 'export', 'CmdOrCtrl+Shift+E', hasProject),
      separator,
      ...(mac ? [role('close')] : [command('Settings…', 'settings', 'CmdOrCtrl+,'), separator, role('quit')]),
    ],
  };
}

function editMenu({ undo, redo }: MenuState, mac: boolean): MenuItem {
  // Always enabled: a text field with the focus has undo steps of its own, which only the page knows.
  return {
    kind: 'menu',
    label: 'Edit',
    items: [
      command(undo === null ? 'Undo' : `Undo ${undo}`, 'undo', 'CmdOrCtrl+Z'),
      command(redo === null ? 'Redo' : `Redo ${redo}`, 'redo', mac ? 'Cmd+Shift+Z' : 'Ctrl+Shift+Z'),
      separator,
      role('cut'),
      role('copy'),
      role('paste'),
      role('selectAll'),
      separator,
      command('Command Palette…', 'command-palette', 'CmdOrCtrl+K'),
    ],
  };
}

function viewMenu({ hasProject, theme, developer }: MenuState): MenuItem {
  const themes = { dark: 'Dark', light: 'Light', system: 'As the System' } as const;
  return {
    kind: 'menu',
    label: 'View',
    items: [
      command('Fit Story', 'fit', 'CmdOrCtrl+Shift+F', hasProject),
      command('Zoom In', 'zoom-in', 'CmdOrCtrl+Plus', hasProject),
      command('Zoom Out', 'zoom-out', 'CmdOrCtrl+-', hasProject),
      command('Actual Size', 'zoom-actual', 'CmdOrCtrl+0', hasProject),
      separator,
      command('Inspector', 'toggle-inspector', undefined, hasProject),
      command('Player', 'toggle-player', undefined, hasProject),
      command('Queue', 'toggle-queue', undefined, hasProject),
      separator,
      {
        kind: 'menu',
        label: 'Theme',
        items: (['dark', 'light', 'system'] as const).map((name) => ({
          kind: 'action',
          label: themes[name],
          action: { kind: 'theme', theme: name },
          chosen: name === theme,
        })),
      },
      separator,
      role('togglefullscreen'),
      ...(developer ? [role('toggleDevTools')] : []),
    ],
  };
}

function windowMenu(): MenuItem {
  return { kind: 'menu', label: 'Window', role: 'window', items: [role('minimize'), role('zoom')] };
}

function helpMenu({ platform }: MenuState): MenuItem {
  return {
    kind: 'menu',
    label: 'Help',
    items: [
      command('Keyboard Shortcuts', 'shortcuts'),
      { kind: 'action', label: 'About Models', action: { kind: 'link', url: helpLinks.models } },
      separator,
      { kind: 'action', label: 'Licences', action: { kind: 'licences' } },
      ...(platform === 'darwin' ? [] : [command('About Throughline', 'about')]),
    ],
  };
}

/** Electron's template for described menus. */
export function menuTemplate(items: readonly MenuItem[], choose: (action: MenuAction) => void): MenuTemplateItem[] {
  return items.map((item) => templateItem(item, choose));
}

function templateItem(item: MenuItem, choose: (action: MenuAction) => void): MenuTemplateItem {
  switch (item.kind) {
    case 'separator':
      return { type: 'separator' };
    case 'role':
      return { role: item.role };
    case 'menu':
      return {
        label: item.label,
        submenu: menuTemplate(item.items, choose),
        ...(item.role === undefined ? {} : { role: item.role }),
      };
    case 'action':
      return {
        label: item.label,
        enabled: item.enabled ?? true,
        click: () => choose(item.action),
        ...(item.keys === undefined ? {} : { accelerator: item.keys }),
        ...(item.chosen === undefined ? {} : { type: 'radio', checked: item.chosen }),
      };
  }
}
