// What the desktop app's main process lets in and out, on a fake Electron and a real studio.
import { expect, test } from 'vitest';
import { helpLinks } from '../../src/main/desktop/policy.ts';
import { desktopChannels } from '../../src/shared/api/desktop-channels.ts';
import { FakeContents, FakeEvent, FakeFrame } from '../fakes/fake-electron.ts';
import { connect, start } from './desktop-fixtures.ts';

test('the window is locked up: every switch that matters', async () => {
  const { electron } = await start();
  expect(electron.window.options.webPreferences).toMatchObject({
    contextIsolation: true,
    sandbox: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    webviewTag: false,
    allowRunningInsecureContent: false,
    navigateOnDragDrop: false,
  });
  expect(electron.window.webContents.mainFrame.url).toBe('throughline://app/');
  expect(electron.schemes).toEqual([
    { scheme: 'throughline', privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } },
  ]);
});

test('the page comes with a strict content policy, an error too', async () => {
  const { load } = await start();
  const page = await load('throughline://app/');
  expect(page.status).toBe(200);
  expect(await page.text()).toContain('<title>page</title>');
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
  for (const response of [
    page,
    await load('throughline://app/assets/app.js'),
    await load('throughline://app/none.js'),
  ]) {
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self'");
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  }
});

test('nothing outside the page’s folder, no other host, no other method', async () => {
  const { load, at } = await start();
  const status = async (url: string, init?: RequestInit) => (await load(url, init)).status;
  for (const path of [
    '../secret.json',
    '%2e%2e/secret.json',
    '..%2fsecret.json',
    '..%5csecret.json',
    at('secret.json'),
  ]) {
    expect(await status(`throughline://app/${path}`), path).toBe(404);
  }
  expect(await status('throughline://elsewhere/index.html')).toBe(404);
  expect(await status('throughline://app/media/../secret.json')).toBe(404);
  expect(await status('throughline://app/media/chunk/..%2f..%2fsecret.json/strip.webp')).toBe(404);
  expect(await status(`throughline://app/media/chunk/${'0'.repeat(64)}/strip.webp`)).toBe(404);
  expect(await status('throughline://app/', { method: 'POST', body: 'x' })).toBe(405);
  const head = await load('throughline://app/', { method: 'HEAD' });
  expect([head.status, await head.text()]).toEqual([200, '']);
});

test('the page cannot go elsewhere, nor open a window, nor hold a webview', async () => {
  const { electron } = await start();
  const { webContents } = electron.window;
  for (const event of ['will-navigate', 'will-redirect', 'will-frame-navigate'] as const) {
    for (const url of ['https://example.com/', 'file:///etc/passwd', 'throughline://other/', 'javascript:0']) {
      expect(webContents.navigate(event, url), `${event} ${url}`).toBe(false);
    }
    expect(webContents.navigate(event, 'throughline://app/')).toBe(true);
  }
  const webview = new FakeEvent();
  webContents.emit('will-attach-webview', webview);
  expect(webview.defaultPrevented).toBe(true);

  expect(webContents.openWindow('https://example.com/')).toBe('deny');
  expect(webContents.openWindow('throughline://app/')).toBe('deny');
  expect(electron.opened).toEqual([]);
  expect(webContents.openWindow(helpLinks.gpl)).toBe('deny');
  expect(electron.opened).toEqual([helpLinks.gpl]);
});

test('contents made by anyone are guarded as the window’s are', async () => {
  const { electron } = await start();
  const others = new FakeContents();
  electron.app.emit('web-contents-created', new FakeEvent(), others);
  expect(others.openWindow('https://example.com/')).toBe('deny');
  expect(others.navigate('will-navigate', 'https://example.com/')).toBe(false);
});

test('no permission but to fill the screen, no device, no screen, no request to anywhere', async () => {
  const { electron } = await start();
  for (const permission of [
    'media',
    'geolocation',
    'notifications',
    'clipboard-read',
    'fileSystem',
    'openExternal',
    'usb',
  ]) {
    expect(electron.session.grants(permission), permission).toBe(false);
  }
  expect(electron.session.grants('fullscreen')).toBe(true);
  expect(electron.session.displayMedia).toBeNull();
  expect(electron.session.letsThrough('throughline://app/assets/app.js')).toBe(true);
  expect(electron.session.letsThrough('https://example.com/collect')).toBe(false);
});

test('the API answers over the port, and parses what it is given', async () => {
  const { electron } = await start();
  const api = connect(electron);
  expect(await api.host()).toMatchObject({ host: 'desktop' });
  await expect(api.document.apply({ commands: [], gesture: null })).rejects.toMatchObject({
    data: { code: 'bad-input' },
  });
  await expect(api.queue.cancel({ jobId: '../..' })).rejects.toThrow();
  await expect(
    (api as unknown as { process: { exit(input: unknown): Promise<unknown> } }).process.exit({}),
  ).rejects.toThrow();
});

test('a port is for the window’s own page alone, and unknown messages are not heard', async () => {
  const { electron } = await start();
  const { webContents } = electron.window;
  const page = webContents.mainFrame;
  const child = new FakeFrame('throughline://app/');
  const stranger = new FakeContents();
  stranger.mainFrame.url = 'throughline://app/';
  electron.sendFromPage(desktopChannels.connect, { sender: webContents, senderFrame: child });
  electron.sendFromPage(desktopChannels.connect, { sender: webContents, senderFrame: null });
  electron.sendFromPage(desktopChannels.connect, { sender: stranger, senderFrame: stranger.mainFrame });
  page.url = 'https://example.com/';
  electron.sendFromPage(desktopChannels.connect, { sender: webContents, senderFrame: page });
  electron.sendFromPage(desktopChannels.undoText, { sender: webContents, senderFrame: page });
  expect([...page.received, ...child.received, ...stranger.mainFrame.received]).toEqual([]);
  expect(webContents.textEdits).toEqual([]);

  page.url = 'throughline://app/';
  electron.sendFromPage('throughline:anything', { sender: webContents, senderFrame: page }, { run: 'rm' });
  expect(electron.ipcEmitter.eventNames().toSorted()).toEqual(
    [desktopChannels.connect, desktopChannels.undoText, desktopChannels.redoText].toSorted(),
  );
  electron.sendFromPage(desktopChannels.undoText, { sender: webContents, senderFrame: page });
  expect(webContents.textEdits).toEqual(['undo']);
});
