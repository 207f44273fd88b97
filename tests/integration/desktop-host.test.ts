// The desktop app's main process on a fake Electron and a real studio: its windows and files, and how it ends.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { helpLinks } from '../../src/main/desktop/policy.ts';
import { desktopChannels } from '../../src/shared/api/desktop-channels.ts';
import { FakeElectron, FakeEvent, settled } from '../fakes/fake-electron.ts';
import { connect, eventually, start, studios } from './desktop-fixtures.ts';
import { smallDisk } from './export-fixtures.ts';
import { newShot } from './studio-options.ts';

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
