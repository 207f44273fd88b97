/**
 * What the desktop app adds to the page's `window`, as `throughlineDesktop`. The API itself goes over a message port:
 * the page posts `throughline-ready` to itself and is answered with `throughline-port` and the port.
 */

/** What a menu of the desktop app may ask of the page. */
export const menuCommands = [
  'new-project',
  'open-project',
  'import-script',
  'save-version',
  'versions',
  'save-as',
  'export',
  'undo',
  'redo',
  'fit',
  'zoom-in',
  'zoom-out',
  'zoom-actual',
  'toggle-inspector',
  'toggle-player',
  'toggle-queue',
  'command-palette',
  'settings',
  'shortcuts',
  'about',
] as const;

export type MenuCommand = (typeof menuCommands)[number];

export interface DesktopBridge {
  /** As Node names it: `darwin`, `linux`, `win32`. */
  readonly platform: string;
  /**
   * Calls `listener` for every command chosen in a menu. Undo and redo of a text field with the focus are done before
   * they get here. One listener; another takes its place.
   */
  onCommand(listener: (command: MenuCommand) => void): void;
  /** Absolute path of a file that was dropped on the page or chosen in it; empty for one that is on no disk. */
  pathForFile(file: File): string;
}
