// Runs before the page, in a sandbox and a world of its own. It gives the page a port to the API, menu commands and the
// paths of dropped files: nothing else of Electron.
import { contextBridge, ipcRenderer, webUtils } from 'electron';
import { type DesktopBridge, type MenuCommand, menuCommands } from '../shared/api/desktop-bridge.ts';
import { desktopChannels, pageMessages } from '../shared/api/desktop-channels.ts';
import { takesText } from './text-focus.ts';

let listener: ((command: MenuCommand) => void) | null = null;

const bridge: DesktopBridge = {
  platform: process.platform,
  onCommand: (next) => {
    listener = next;
  },
  pathForFile: (file) => webUtils.getPathForFile(file),
};
contextBridge.exposeInMainWorld('throughlineDesktop', bridge);

window.addEventListener('message', (event) => {
  if (event.source === window && event.data === pageMessages.ready) ipcRenderer.send(desktopChannels.connect);
});

ipcRenderer.on(desktopChannels.port, (event) => {
  window.postMessage(pageMessages.port, window.origin, event.ports);
});

ipcRenderer.on(desktopChannels.command, (_event, command: unknown) => {
  if (!menuCommands.some((known) => known === command)) return;
  const inText = takesText(document.activeElement);
  if (inText && command === 'undo') ipcRenderer.send(desktopChannels.undoText);
  else if (inText && command === 'redo') ipcRenderer.send(desktopChannels.redoText);
  else listener?.(command as MenuCommand);
});
