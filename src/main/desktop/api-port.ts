import type { AnyRouter } from '@orpc/server';
import { RPCHandler } from '@orpc/server/message-port';
import { desktopChannels } from '../../shared/api/desktop-channels.ts';
import type { DesktopElectron, IpcEvent, PortSurface, WindowSurface } from './electron-surface.ts';
import { isAppPage } from './policy.ts';

/**
 * Hands the API to the app's own page, over a message port, each time the page asks. Whoever else sends a message, a
 * frame within the page included, hears nothing.
 * @param window the window of now; null while there is none
 */
export function serveApi(
  electron: Pick<DesktopElectron, 'ipc' | 'createChannel'>,
  window: () => WindowSurface | null,
  router: AnyRouter,
): void {
  const handler = new RPCHandler(router);
  let last: PortSurface | null = null;
  electron.ipc.on(desktopChannels.connect, (event) => {
    const frame = ownFrame(event, window());
    if (!frame) return;
    last?.close(); // of the page before it was loaded again
    const { port1, port2 } = electron.createChannel();
    handler.upgrade(port1);
    port1.start();
    last = port1;
    frame.postMessage(desktopChannels.port, null, [port2]);
  });
  const inText = (channel: string, act: (event: IpcEvent) => void): void => {
    electron.ipc.on(channel, (event) => {
      if (ownFrame(event, window())) act(event);
    });
  };
  inText(desktopChannels.undoText, ({ sender }) => sender.undo());
  inText(desktopChannels.redoText, ({ sender }) => sender.redo());
}

/** The frame a message came from, if it is the main frame of `window` and shows the app's page; else null. */
function ownFrame({ sender, senderFrame }: IpcEvent, window: WindowSurface | null): IpcEvent['senderFrame'] {
  if (!window || window.isDestroyed() || sender !== window.webContents || !senderFrame) return null;
  return senderFrame === sender.mainFrame && isAppPage(senderFrame.url) ? senderFrame : null;
}
