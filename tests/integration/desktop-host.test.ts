// The desktop app's main process on a fake Electron and a real studio: what it lets in and out, and how it ends.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
import type { ContractRouterClient } from '@orpc/contract';
import { afterEach, expect, test } from 'vitest';
import { type DesktopOptions, runDesktop } from '../../src/main/desktop/desktop-host.ts';
import type { PortSurface } from '../../src/main/desktop/electron-surface.ts';
import { helpLinks } from '../../src/main/desktop/policy.ts';
import { Studio } from '../../src/main/studio/studio.ts';
import type { contract } from '../../src/shared/api/contract.ts';
import { desktopChannels } from '../../src/shared/api/desktop-channels.ts';
import { FakeContents, FakeElectron, FakeEvent, FakeFrame, settled } from '../fakes/fake-electron.ts';
import { type NamingApi, namingApi } from '../naming-api.ts';
import { smallDisk } from './export-fixtures.ts';
import { newShot } from './studio-options.ts';

const folders: string[] = [];
const studios: Studio[] = [];

/** Holds sooner or later, on a busy machine too. */
const eventually = <T>(value: () => T) => expect.poll(value, { timeout: 20_000 });

afterEach(async () => {
  for (const studio of studios.splice(0)) await studio.dispose();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** An app that has just been started. */
async function start(change: Partial<DesktopOptions> = {}, electron = new FakeElectron()) {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-desktop-'));
  folders.push(folder);
  const at = (...names: string[]) => join(folder, ...names);
  mkdirSync(at('page', 'assets'), { recursive: true });
  writeFileSync(at('page', 'index.html'), '<!doctype html><title>page</title>');
  writeFileSync(at('page', 'assets', 'app.js'), 'start()');
  writeFileSync(at('secret.json'), '{}');
  const started = await runDesktop({
    electron,
    openStudio: (host) => {
      const info = { host: 'desktop', versions: {}, fallbackReason: null, platform: 'linux' } as const;
      const studio = new Studio({
        host: { ...host, info },
        configFolder: at('config'),
        cacheFolder: at('cache'),
        projectsFolder: at('projects'),
        modelsFolder: join(folder, 'models'),
        filmsFolder: at('films'),
        modelFolder: at('no-model'),
        sampleProjectFolder: at('sample'),
        sampleStory: at('sample.json'),
      });
      studios.push(studio);
      return studio;
    },
    pageFolder: at('page'),
    preload: at('preload.cjs'),
    windowStateFile: at('window.json'),
    licencesFile: at('THIRD_PARTY_LICENSES.txt'),
    documentsFolder: at('documents'),
    platform: 'linux',
    argv: ['/opt/throughline'],
    workingFolder: folder,
    ...change,
  });
  await settled();
  return { electron, started, at, load: (path: string, init?: RequestInit) => load(electron, path, init) };
}

/** The page loads something. */
async function load(electron: FakeElectron, url: string, init?: RequestInit): Promise<Response> {
  const handler = electron.session.schemes.get('throughline');
  if (!handler) throw new Error('the scheme is not served');
  return handler(new Request(url, init));
}

/** What the preload script does: asks for a port, and speaks the contract over it. */
function connect(electron: FakeElectron): NamingApi<ContractRouterClient<typeof contract>> {
  const { webContents } = electron.window;
  electron.sendFromPage(desktopChannels.connect, { sender: webContents, senderFrame: webContents.mainFrame });
  const [port] = webContents.mainFrame.received.at(-1)?.ports ?? [];
  if (!port) throw new Error('no port was handed over');
  port.start();
  const client: ContractRouterClient<typeof contract> = createORPCClient(
    new RPCLink({ port: port as PortSurface & { on: never } }),
  );
  return namingApi(client, () => studios.at(-1)?.projects.current?.project.state ?? null);
}

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

test('the memory views have a window of their own: locked up like the first, with the API, and gone with it', async () => {
  const { electron } = await start();
  const { webContents } = electron.window;
  const address = 'throughline://app/?view=memory&of=editor-1';
  for (const strange of [
    'throughline://app/?view=settings&of=a',
    'throughline://app/?view=memory&of=a%2Fb',
    'throughline://app/secret?view=memory&of=a',
    'https://example.com/?view=memory&of=a',
  ]) {
    expect(webContents.openWindow(strange)).toBe('deny');
  }
  expect(electron.windows).toHaveLength(1);
  expect(webContents.openWindow(`${address}&more=1#x`)).toBe('deny'); // the host makes it, the page does not
  expect(webContents.openWindow(address)).toBe('deny');
  expect(electron.windows).toHaveLength(2);
  const memory = electron.windows[1] as (typeof electron.windows)[number];
  expect(memory.webContents.mainFrame.url).toBe(address);
  expect(memory.options.webPreferences).toEqual(electron.windows[0]?.options.webPreferences);
  electron.sendFromPage(desktopChannels.connect, {
    sender: memory.webContents,
    senderFrame: memory.webContents.mainFrame,
  });
  expect(memory.webContents.mainFrame.received.at(-1)?.ports).toHaveLength(1);
  electron.windows[0]?.destroy();
  expect(memory.isDestroyed()).toBe(true);
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

test('a page that is loaded again gets a new port, and the old one is closed', async () => {
  const { electron } = await start();
  const first = connect(electron);
  expect(await first.host()).toMatchObject({ host: 'desktop' });
  const second = connect(electron);
  expect(await second.host()).toMatchObject({ host: 'desktop' });
  expect(electron.window.webContents.mainFrame.received).toHaveLength(2);
});

test('a second instance leaves, and its file is opened in the first', async () => {
  const other = new FakeElectron();
  other.app.otherInstance = true;
  const { started } = await start({}, other);
  expect(started).toBe(false);
  expect(other.windows).toEqual([]);

  const { electron, at } = await start();
  electron.window.minimized = true;
  electron.app.emit('second-instance', new FakeEvent(), ['/opt/throughline', 'gone.throughline'], at());
  await eventually(() => electron.errors.length).toBe(1);
  expect(electron.window.minimized).toBe(false);
  expect(electron.windows).toHaveLength(1);
  expect(electron.errors).toMatchObject([{ title: 'gone.throughline could not be opened' }]);
});

test('a new project shows in title, menus and recent documents, and is opened by its file the next time', async () => {
  const { electron, at } = await start();
  const api = connect(electron);
  const { file } = await api.projects.create({ file: at('Salt.throughline'), title: 'Salt' });
  await eventually(() => electron.window.title).toBe('Salt - Throughline');
  expect(electron.app.recent).toEqual([file]);
  electron.choose('File', 'Export Film…');
  expect(electron.window.webContents.sent).toEqual([[desktopChannels.command, 'export']]);
  electron.app.quit();
  await eventually(() => electron.app.hasQuit).toBe(true);

  const again = await start({ argv: ['/opt/throughline', file] });
  expect(again.electron.errors).toEqual([]);
  await eventually(() => again.electron.window.title).toBe('Salt - Throughline');
});

test('macOS: a file given before the app was ready is opened', async () => {
  const { electron: before, at } = await start();
  const { file } = await connect(before).projects.create({ file: at('Early.throughline'), title: 'Early' });
  before.app.quit();
  await eventually(() => before.app.hasQuit).toBe(true);

  const electron = new FakeElectron();
  const event = new FakeEvent();
  const ready = Promise.withResolvers<void>();
  electron.app.whenReady = () => ready.promise;
  const running = start({ platform: 'darwin' }, electron);
  electron.app.emit('open-file', event, file);
  expect(event.defaultPrevented).toBe(true);
  ready.resolve();
  await running;
  await eventually(() => electron.window.title).toBe('Early - Throughline');
});

test('quitting waits for the studio, then goes through; the window’s place is kept', async () => {
  const { electron, at } = await start();
  electron.window.bounds = { x: 30, y: 40, width: 1000, height: 700 };
  expect(electron.window.close()).toBe(false);
  expect(electron.app.hasQuit).toBe(false);
  electron.app.quit(); // asked twice
  await eventually(() => electron.app.hasQuit).toBe(true);
  expect(electron.questions).toEqual([]);
  const next = await start({ windowStateFile: at('window.json') });
  expect(next.electron.window.options).toMatchObject({ x: 30, y: 40, width: 1000, height: 700 });
});

test('asks before quitting while something is being made', async () => {
  const { electron } = await start();
  const studio = studios.at(-1);
  const job = {
    id: 'a',
    title: '',
    shotIds: [],
    chunksDone: 1,
    chunksTotal: 4,
    now: null,
    secondsLeft: null,
    error: null,
  };
  studio?.hub.publish({ type: 'queue', queue: { paused: false, jobs: [{ ...job, state: 'running' }] } });
  await eventually(() => electron.window.progress).toBe(0.25);

  electron.app.quit();
  await settled();
  expect(electron.questions).toMatchObject([{ buttons: ['Keep Going', 'Quit'] }]);
  expect(electron.app.hasQuit).toBe(false);

  electron.answers = [1];
  electron.app.quit();
  await eventually(() => electron.app.hasQuit).toBe(true);
});

test('a page that died is shown again, and nothing else is lost', async () => {
  const { electron } = await start();
  electron.window.webContents.mainFrame.url = 'about:blank';
  electron.window.webContents.emit('render-process-gone', new FakeEvent(), { reason: 'crashed' });
  await settled();
  expect(electron.questions).toMatchObject([{ buttons: ['Show It Again', 'Quit'] }]);
  expect(electron.window.webContents.mainFrame.url).toBe('throughline://app/');
});

test('macOS: the app outlives its window, and makes another when it is called', async () => {
  const { electron } = await start({ platform: 'darwin' });
  expect(electron.window.close()).toBe(true);
  electron.app.emit('window-all-closed');
  expect(electron.app.hasQuit).toBe(false);
  electron.app.emit('activate');
  expect(electron.windows).toHaveLength(2);
});

test('menus: theme, licences and links', async () => {
  const { electron, at } = await start();
  electron.choose('View', 'Theme', 'Light');
  await eventually(() => electron.nativeTheme.themeSource).toBe('light');
  electron.choose('Help', 'Licences');
  expect(electron.shown).toEqual([at('THIRD_PARTY_LICENSES.txt')]);
  electron.choose('Help', 'About Models');
  expect(electron.opened).toEqual([helpLinks.models]);
});

test('quitting with changes that cannot be saved asks: stay, or a copy elsewhere', async () => {
  const disk = smallDisk('size=1m');
  if (disk === null) return; // only where this process may mount
  const { electron, at } = await start();
  const api = connect(electron);
  await api.projects.create({ file: join(disk, 'Salt.throughline'), title: 'Salt' });
  try {
    writeFileSync(join(disk, 'filler'), Buffer.alloc(2 * 1024 ** 2));
  } catch {}
  const project = studios.at(-1)?.workspace.project;
  for (let i = 0; i < 60 && project?.state.save.state !== 'failed'; i++) {
    const shot = newShot(`${i} ${'y'.repeat(3900)}`, 1);
    await api.document.apply({ commands: [{ type: 'add-shot', parent: null, shot }], gesture: null });
    await project?.saved();
  }

  electron.app.quit();
  await eventually(() => electron.questions.length).toBe(1);
  expect(electron.questions).toMatchObject([
    {
      message: expect.stringMatching(/^The last changes of "Salt" are not saved: .*full/),
      buttons: ['Stay', 'Save a Copy…', 'Quit Without Saving'],
    },
  ]);
  await settled();
  expect(electron.app.hasQuit).toBe(false);
  expect((await api.host()).host).toBe('desktop');

  electron.answers = [1];
  electron.chosenFile = at('Elsewhere.throughline');
  electron.app.quit();
  await eventually(() => electron.app.hasQuit).toBe(true);
  const shots = project?.document.shots.length;
  await start({ argv: ['/opt/throughline', at('Elsewhere.throughline')] });
  await eventually(() => studios.at(-1)?.projects.current?.project.document.shots.length).toBe(shots);
});
