import type { AnyRouter } from '@orpc/server';
import { RPCHandler } from '@orpc/server/message-port';
import { desktopChannels } from '../../shared/api/desktop-channels.ts';
import type { DesktopElectron, IpcEvent, PortSurface, WindowSurface } from './electron-surface.ts';
import { isAppPage } from './policy.ts';

/**
 * Hands the API to the app's own page, over a message port, each time the page asks. Whoever else sends a message, a
 * frame within the page included, hears nothing.
 * @param windows those that there are now
 */
export function serveApi(
  electron: Pick<DesktopElectron, 'ipc' | 'createChannel'>,
  windows: () => readonly WindowSurface[],
  router: AnyRouter,
): void {
  const handler = new RPCHandler(router);
  const last = new WeakMap<WindowSurface, PortSurface>();
  electron.ipc.on(desktopChannels.connect, (event) => {
    const window = ownWindow(event, windows());
    const frame = event.senderFrame;
    if (!window || !frame) return;
    last.get(window)?.close(); // of the page before it was loaded again
    const { port1, port2 } = electron.createChannel();
    handler.upgrade(port1);
    port1.start();
    last.set(window, port1);
    frame.postMessage(desktopChannels.port, null, [port2]);
  });
  const inText = (channel: string, act: (event: IpcEvent) => void): void => {
    electron.ipc.on(channel, (event) => {
      if (ownWindow(event, windows())) act(event);
    });
  };
  inText(desktopChannels.undoText, ({ sender }) => sender.undo());
  inText(desktopChannels.redoText, ({ sender }) => sender.redo());
}

/** The window a message came from, if it came from its main frame and that shows the app's page; else undefined. */
function ownWindow({ sender, senderFrame }: IpcEvent, windows: readonly WindowSurface[]): WindowSurface | undefined {
  if (!senderFrame || senderFrame !== sender.mainFrame || !isAppPage(senderFrame.url)) return undefined;
  return windows.find((window) => !window.isDestroyed() && sender === window.webContents);
}
