import type { ContentsSurface, DesktopElectron, SessionSurface, WebPreferences } from './electron-surface.ts';
import { isAppPage, mayOpenOutside, mayRequest, memoryWindowUrl } from './policy.ts';

/** The switches of every window of ours. @param preload absolute path of the built preload script */
export function webPreferences(preload: string): WebPreferences {
  return {
    preload,
    contextIsolation: true,
    sandbox: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    webviewTag: false,
    allowRunningInsecureContent: false,
    experimentalFeatures: false,
    navigateOnDragDrop: false,
    spellcheck: false,
  };
}

/** The player fills the screen; nothing leaves the page by that. */
const onlyGranted = 'fullscreen';

/**
 * Refuses a page's every permission but two, device and screen, and every request to anything but the app. The
 * microphone is the app's own page's alone to ask for; the system asks the person.
 */
export function guardSession(session: SessionSurface): void {
  session.setPermissionRequestHandler((_contents, permission, callback, details) => {
    const kinds = details?.mediaTypes ?? [];
    const isMicrophone = permission === 'media' && kinds.length > 0 && kinds.every((kind) => kind === 'audio');
    callback(permission === onlyGranted || (isMicrophone && isAppPage(details?.requestingUrl ?? '')));
  });
  session.setPermissionCheckHandler(
    (_contents, permission, origin, details) =>
      permission === onlyGranted ||
      (permission === 'media' && details?.mediaType === 'audio' && isAppPage(origin ?? '')),
  );
  session.setDevicePermissionHandler(() => false);
  session.setDisplayMediaRequestHandler(null);
  session.webRequest.onBeforeRequest(({ url }, callback) => callback({ cancel: !mayRequest(url) }));
}

/**
 * Keeps contents on the app's own page: no navigation, no window that it opens itself, no webview. Links of ours open
 * outside.
 * @param onMemoryWindow makes the one other window there is, where the page asks for it; it is locked up like the first
 */
export function guardContents(
  contents: ContentsSurface,
  shell: DesktopElectron['shell'],
  onMemoryWindow: (url: string) => void,
): void {
  const stay = (event: { preventDefault(): void }, url: string): void => {
    if (!isAppPage(url)) event.preventDefault();
  };
  contents.on('will-navigate', stay);
  contents.on('will-redirect', stay);
  contents.on('will-frame-navigate', (event) => stay(event, event.url));
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    const memory = memoryWindowUrl(url);
    if (memory !== null) onMemoryWindow(memory);
    else if (mayOpenOutside(url)) void shell.openExternal(url).catch(() => {});
    return { action: 'deny' };
  });
}
