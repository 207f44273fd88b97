import { EventEmitter } from 'node:events';
import { MessageChannel } from 'node:worker_threads';
import type {
  AppSurface,
  ContentsSurface,
  DesktopElectron,
  FrameSurface,
  IpcEvent,
  MenuTemplateItem,
  MessageOptions,
  OpenOptions,
  PortSurface,
  Rectangle,
  SaveOptions,
  SchemeRegistration,
  SessionSurface,
  UtilitySurface,
  WindowOptions,
  WindowSurface,
} from '../../src/main/desktop/electron-surface.ts';

/** An event as Electron gives it to those who may refuse. */
export class FakeEvent {
  defaultPrevented = false;
  preventDefault(): void {
    this.defaultPrevented = true;
  }
}

/** Settles once everything that was set going has had its turn. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

export class FakeApp extends EventEmitter implements AppSurface {
  isPackaged = false;
  /** Whether another instance runs already. */
  otherInstance = false;
  readonly recent: string[] = [];
  exitCode: number | null = null;
  /** Quitting got through. */
  hasQuit = false;
  readonly #fake: FakeElectron;

  constructor(fake: FakeElectron) {
    super();
    this.#fake = fake;
  }

  getVersion(): string {
    return '0.1.0';
  }
  getPath(name: string): string {
    return `/fake/${name}`;
  }
  requestSingleInstanceLock(): boolean {
    return !this.otherInstance;
  }
  async whenReady(): Promise<void> {}
  addRecentDocument(path: string): void {
    this.recent.push(path);
  }
  exit(code = 0): void {
    this.exitCode = code;
  }
  /** As Electron does: asks, then closes every window, each of which may refuse. */
  quit(): void {
    const event = new FakeEvent();
    this.emit('before-quit', event);
    if (event.defaultPrevented) return;
    for (const window of this.#fake.windows) if (!window.close()) return;
    this.hasQuit = true;
  }
}

export class FakeFrame implements FrameSurface {
  url: string;
  readonly received: { channel: string; message: unknown; ports: PortSurface[] }[] = [];

  constructor(url: string) {
    this.url = url;
  }
  postMessage(channel: string, message: unknown, ports: PortSurface[] = []): void {
    this.received.push({ channel, message, ports });
  }
}

export class FakeContents extends EventEmitter implements ContentsSurface {
  readonly mainFrame = new FakeFrame('about:blank');
  readonly sent: unknown[][] = [];
  readonly textEdits: string[] = [];
  #open: (details: { url: string }) => { action: 'deny' | 'allow' } = () => ({ action: 'allow' });

  undo(): void {
    this.textEdits.push('undo');
  }
  redo(): void {
    this.textEdits.push('redo');
  }
  send(channel: string, ...args: unknown[]): void {
    this.sent.push([channel, ...args]);
  }
  setWindowOpenHandler(handler: (details: { url: string }) => { action: 'deny' }): void {
    this.#open = handler;
  }
  /** The page calls window.open. */
  openWindow(url: string): 'deny' | 'allow' {
    return this.#open({ url }).action;
  }
  /** The page tries to go elsewhere; true if it got there. */
  navigate(event: 'will-navigate' | 'will-redirect' | 'will-frame-navigate', url: string): boolean {
    const asked = Object.assign(new FakeEvent(), { url });
    this.emit(event, asked, url);
    return !asked.defaultPrevented;
  }
}

export class FakeWindow extends EventEmitter implements WindowSurface {
  readonly webContents = new FakeContents();
  readonly options: WindowOptions;
  bounds: Rectangle;
  title: string;
  progress = -1;
  visible = false;
  maximized = false;
  minimized = false;
  destroyed = false;

  constructor(options: WindowOptions) {
    super();
    this.options = options;
    this.title = options.title;
    this.bounds = { x: 0, y: 0, width: 800, height: 600, ...options };
  }
  async loadURL(url: string): Promise<void> {
    this.webContents.mainFrame.url = url;
    this.emit('ready-to-show');
  }
  show(): void {
    this.visible = true;
  }
  focus(): void {}
  restore(): void {
    this.minimized = false;
  }
  maximize(): void {
    this.maximized = true;
  }
  destroy(): void {
    this.destroyed = true;
    this.emit('closed');
  }
  isDestroyed(): boolean {
    return this.destroyed;
  }
  isMinimized(): boolean {
    return this.minimized;
  }
  isMaximized(): boolean {
    return this.maximized;
  }
  getNormalBounds(): Rectangle {
    const { x, y, width, height } = this.bounds;
    return { x, y, width, height };
  }
  setProgressBar(fraction: number): void {
    this.progress = fraction;
  }
  setTitle(title: string): void {
    this.title = title;
  }
  /** The person closes it; false if that was refused. */
  close(): boolean {
    if (this.destroyed) return true;
    const event = new FakeEvent();
    this.emit('close', event);
    if (!event.defaultPrevented) this.destroy();
    return !event.defaultPrevented;
  }
}

export class FakeSession implements SessionSurface {
  readonly schemes = new Map<string, (request: Request) => Promise<Response>>();
  readonly protocol = {
    handle: (scheme: string, handler: (request: Request) => Promise<Response>) =>
      void this.schemes.set(scheme, handler),
  };
  #request: Parameters<SessionSurface['webRequest']['onBeforeRequest']>[0] = (_, callback) => callback({});
  readonly webRequest: SessionSurface['webRequest'] = {
    onBeforeRequest: (listener) => {
      this.#request = listener;
    },
  };
  #permission: Parameters<SessionSurface['setPermissionRequestHandler']>[0] = (_contents, _name, callback) =>
    callback(true);
  #check: (contents: ContentsSurface | null, permission: string) => boolean = () => true;
  #device: () => boolean = () => true;
  displayMedia: null | undefined = undefined;

  setPermissionRequestHandler(handler: Parameters<SessionSurface['setPermissionRequestHandler']>[0]): void {
    this.#permission = handler;
  }
  setPermissionCheckHandler(handler: (contents: ContentsSurface | null, permission: string) => boolean): void {
    this.#check = handler;
  }
  setDevicePermissionHandler(handler: () => boolean): void {
    this.#device = handler;
  }
  setDisplayMediaRequestHandler(handler: null): void {
    this.displayMedia = handler;
  }
  /** Whether the page is given a permission, by asking or without. */
  grants(permission: string): boolean {
    let asked = true;
    this.#permission(new FakeContents(), permission, (granted) => {
      asked = granted;
    });
    return asked || this.#check(null, permission) || this.#device();
  }
  /** Whether a request of the page leaves it. */
  letsThrough(url: string): boolean {
    let cancelled = false;
    this.#request({ url }, ({ cancel }) => {
      cancelled = cancel ?? false;
    });
    return !cancelled;
  }
}

/** A port as Electron's main process has it: an emitter whose messages are events. */
class FakePort extends EventEmitter implements PortSurface {
  readonly port: MessageChannel['port1'];

  constructor(port: MessageChannel['port1']) {
    super();
    this.port = port;
    port.on('message', (data) => this.emit('message', { data }));
    port.on('close', () => this.emit('close'));
    port.unref();
  }
  postMessage(message: unknown): void {
    this.port.postMessage(message);
  }
  start(): void {
    this.port.start();
  }
  close(): void {
    this.port.close();
  }
}

export class FakeUtility extends EventEmitter implements UtilitySurface {
  pid: number | undefined = undefined;
  readonly stdout = null;
  readonly stderr = null;
  readonly entry: string;
  readonly posted: unknown[] = [];
  killed = false;

  constructor(entry: string) {
    super();
    this.entry = entry;
  }
  postMessage(message: unknown): void {
    this.posted.push(message);
  }
  kill(): boolean {
    this.killed = true;
    this.emit('exit', 15);
    return true;
  }
}

/** Electron without Electron: what it was told, and what it would say. Owns nothing. */
export class FakeElectron implements DesktopElectron {
  readonly app = new FakeApp(this);
  readonly session = new FakeSession();
  readonly windows: FakeWindow[] = [];
  readonly utilities: FakeUtility[] = [];
  readonly schemes: SchemeRegistration[] = [];
  readonly opened: string[] = [];
  readonly shown: string[] = [];
  readonly errors: { title: string; content: string }[] = [];
  readonly questions: MessageOptions[] = [];
  readonly fileQuestions: (OpenOptions | SaveOptions)[] = [];
  /** The next answers of the person; none is the way out. */
  answers: number[] = [];
  chosenFile: string | null = null;
  menu: MenuTemplateItem[] = [];
  displays: readonly Rectangle[] = [{ x: 0, y: 0, width: 1920, height: 1080 }];

  readonly protocol = {
    registerSchemesAsPrivileged: (schemes: SchemeRegistration[]) => void this.schemes.push(...schemes),
  };
  readonly ipcEmitter = new EventEmitter();
  readonly ipc = this.ipcEmitter;
  readonly nativeTheme: DesktopElectron['nativeTheme'] = { themeSource: 'system' };
  readonly shell = {
    openExternal: async (url: string) => void this.opened.push(url),
    showItemInFolder: (path: string) => void this.shown.push(path),
  };
  /** As on a Linux without a keyring. */
  readonly safeStorage: DesktopElectron['safeStorage'] = {
    isEncryptionAvailable: () => true,
    getSelectedStorageBackend: () => 'basic_text',
    encryptString: (text) => Buffer.from(text),
    decryptString: (bytes) => bytes.toString(),
  };
  readonly dialog = {
    showOpenDialog: async (_window: WindowSurface, options: OpenOptions) => {
      this.fileQuestions.push(options);
      return { canceled: this.chosenFile === null, filePaths: this.chosenFile === null ? [] : [this.chosenFile] };
    },
    showSaveDialog: async (_window: WindowSurface, options: SaveOptions) => {
      this.fileQuestions.push(options);
      return { canceled: this.chosenFile === null, filePath: this.chosenFile ?? '' };
    },
    showMessageBox: async (options: MessageOptions) => {
      this.questions.push(options);
      return { response: this.answers.shift() ?? options.cancelId };
    },
    showErrorBox: (title: string, content: string) => void this.errors.push({ title, content }),
  };

  workAreas(): readonly Rectangle[] {
    return this.displays;
  }
  defaultSession(): SessionSurface {
    return this.session;
  }
  createWindow(options: WindowOptions): FakeWindow {
    return this.adopt(new FakeWindow(options));
  }
  /** A window that was made elsewhere becomes one of the app's. */
  adopt(window: FakeWindow): FakeWindow {
    this.windows.push(window);
    this.app.emit('web-contents-created', new FakeEvent(), window.webContents);
    return window;
  }
  createChannel(): { port1: FakePort; port2: FakePort } {
    const { port1, port2 } = new MessageChannel();
    return { port1: new FakePort(port1), port2: new FakePort(port2) };
  }
  setMenu(template: MenuTemplateItem[]): void {
    this.menu = template;
  }
  forkUtility(entry: string): FakeUtility {
    const utility = new FakeUtility(entry);
    this.utilities.push(utility);
    return utility;
  }

  /** The window that is open; throws where there is none. */
  get window(): FakeWindow {
    const window = this.windows.findLast(({ destroyed }) => !destroyed);
    if (!window) throw new Error('no window is open');
    return window;
  }
  /** A page sends a message to the main process. */
  sendFromPage(channel: string, event: IpcEvent, ...args: unknown[]): void {
    this.ipcEmitter.emit(channel, event, ...args);
  }
  /** Chooses an item by its labels. */
  choose(...labels: readonly string[]): void {
    let items = this.menu;
    for (const label of labels) {
      const item = items.find((candidate) => candidate.label === label);
      if (!item) throw new Error(`no menu item ${label} among ${items.map((one) => one.label ?? one.role).join(', ')}`);
      if (item.submenu) items = item.submenu;
      else item.click?.();
    }
  }
}
