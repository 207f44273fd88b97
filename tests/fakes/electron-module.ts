// Stands in for the module `electron` when a built main script runs under plain Node: the same names, a fake behind.
// It prints one line of JSON when a window has been filled, or could not be, and quits the app at a line on stdin.
import type { WindowOptions } from '../../src/main/desktop/electron-surface.ts';
import { FakeElectron, FakeWindow } from './fake-electron.ts';

const fake = new FakeElectron();

export const app = fake.app;
export const dialog = fake.dialog;
export const ipcMain = fake.ipc;
export const nativeTheme = fake.nativeTheme;
export const protocol = fake.protocol;
export const safeStorage = fake.safeStorage;
export const shell = fake.shell;
export const session = { defaultSession: fake.session };
export const Menu = { buildFromTemplate: (template: FakeElectron['menu']) => template, setApplicationMenu: () => {} };
export const utilityProcess = { fork: (entry: string) => fake.forkUtility(entry) };
const display = { id: 1, workArea: fake.displays[0] };
export const screen = { getPrimaryDisplay: () => display, getAllDisplays: () => [display] };

export class BrowserWindow extends FakeWindow {
  constructor(options: WindowOptions) {
    super(options);
    fake.adopt(this);
    this.once('ready-to-show', () => void report());
  }
}

const channel = () => fake.createChannel();
export class MessageChannelMain {
  readonly port1: ReturnType<typeof channel>['port1'];
  readonly port2: ReturnType<typeof channel>['port2'];
  constructor() {
    ({ port1: this.port1, port2: this.port2 } = channel());
  }
}

app.exit = (code = 0) => {
  console.log(JSON.stringify({ errors: fake.errors }));
  process.exit(code);
};

async function report(): Promise<void> {
  const page = await fake.session.schemes.get('throughline')?.(new Request('throughline://app/'));
  const { url } = fake.window.webContents.mainFrame;
  const { preload } = fake.window.options.webPreferences;
  console.log(JSON.stringify({ url, preload, status: page?.status, html: await page?.text(), errors: fake.errors }));
  await new Promise((resolve) => process.stdin.once('data', resolve));
  app.quit();
  while (!app.hasQuit) await new Promise((resolve) => setTimeout(resolve, 10));
  process.exit(0);
}
