import {
  app,
  BrowserWindow,
  dialog,
  ipcMain,
  Menu,
  MessageChannelMain,
  nativeTheme,
  protocol,
  safeStorage,
  screen,
  session,
  shell,
  utilityProcess,
} from 'electron';
import type { DesktopElectron } from './electron-surface.ts';

/** Electron itself, checked against the surface that the rest of the desktop host is written for. */
export const realElectron = {
  app,
  protocol,
  ipc: ipcMain,
  dialog: {
    // Every window comes from `createWindow` below.
    showOpenDialog: (window, options) => dialog.showOpenDialog(window as BrowserWindow, options),
    showSaveDialog: (window, options) => dialog.showSaveDialog(window as BrowserWindow, options),
    showMessageBox: (options) => dialog.showMessageBox(options),
    showErrorBox: (title, content) => dialog.showErrorBox(title, content),
  },
  shell,
  safeStorage,
  nativeTheme,
  workAreas: () => {
    const primary = screen.getPrimaryDisplay();
    const others = screen.getAllDisplays().filter((display) => display.id !== primary.id);
    return [primary, ...others].map((display) => display.workArea);
  },
  defaultSession: () => session.defaultSession,
  createWindow: (options) => new BrowserWindow(options),
  createChannel: () => new MessageChannelMain(),
  setMenu: (template) => Menu.setApplicationMenu(Menu.buildFromTemplate(template)),
  forkUtility: (entry, options) => utilityProcess.fork(entry, [], options),
} satisfies DesktopElectron;
