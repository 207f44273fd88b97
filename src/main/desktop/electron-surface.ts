/**
 * The part of Electron that the desktop host uses, and nothing else. `real-electron.ts` checks that Electron satisfies
 * it; tests/fakes/fake-electron.ts is the other one that does. Positions and sizes are in device-independent pixels.
 */

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Cancellable {
  preventDefault(): void;
}

export interface AppSurface {
  readonly isPackaged: boolean;
  getVersion(): string;
  getPath(name: 'userData' | 'documents'): string;
  requestSingleInstanceLock(): boolean;
  whenReady(): Promise<void>;
  /** Asks to quit; `before-quit` may refuse. */
  quit(): void;
  /** Ends the process without asking. */
  exit(code?: number): void;
  addRecentDocument(path: string): void;
  on(event: 'second-instance', listener: (event: Cancellable, argv: string[], folder: string) => void): unknown;
  on(event: 'open-file', listener: (event: Cancellable, path: string) => void): unknown;
  on(event: 'before-quit', listener: (event: Cancellable) => void): unknown;
  on(event: 'window-all-closed' | 'activate', listener: () => void): unknown;
  on(event: 'web-contents-created', listener: (event: Cancellable, contents: ContentsSurface) => void): unknown;
}

/** Encrypts with a key of the system's keychain. To be asked once the app is ready. */
export interface SafeStorageSurface {
  isEncryptionAvailable(): boolean;
  /** On Linux alone. */
  getSelectedStorageBackend?(): string;
  encryptString(text: string): Buffer;
  /** @throws for what another key encrypted */
  decryptString(encrypted: Buffer): string;
}

/** Privileges of a scheme, to be asked for before the app is ready. */
export interface SchemeRegistration {
  scheme: string;
  privileges: { standard: boolean; secure: boolean; supportFetchAPI: boolean; stream: boolean };
}

export interface ProtocolSurface {
  registerSchemesAsPrivileged(schemes: SchemeRegistration[]): void;
}

export interface SessionSurface {
  readonly protocol: { handle(scheme: string, handler: (request: Request) => Promise<Response>): void };
  readonly webRequest: {
    onBeforeRequest(
      listener: (details: { url: string }, callback: (response: { cancel?: boolean }) => void) => void,
    ): void;
  };
  setPermissionRequestHandler(
    handler: (
      contents: ContentsSurface,
      permission: string,
      callback: (granted: boolean) => void,
      details?: { readonly requestingUrl?: string; readonly mediaTypes?: readonly string[] },
    ) => void,
  ): void;
  setPermissionCheckHandler(
    handler: (
      contents: ContentsSurface | null,
      permission: string,
      origin?: string,
      details?: { readonly mediaType?: string },
    ) => boolean,
  ): void;
  setDevicePermissionHandler(handler: () => boolean): void;
  setDisplayMediaRequestHandler(handler: null): void;
}

export interface FrameSurface {
  readonly url: string;
  postMessage(channel: string, message: unknown, transfer?: PortSurface[]): void;
}

export interface ContentsSurface {
  readonly mainFrame: FrameSurface;
  undo(): void;
  redo(): void;
  send(channel: string, ...args: unknown[]): void;
  setWindowOpenHandler(handler: (details: { url: string }) => { action: 'deny' }): void;
  on(event: 'will-navigate' | 'will-redirect', listener: (event: Cancellable, url: string) => void): unknown;
  on(event: 'will-frame-navigate', listener: (event: Cancellable & { readonly url: string }) => void): unknown;
  on(event: 'will-attach-webview', listener: (event: Cancellable) => void): unknown;
  on(event: 'render-process-gone', listener: (event: Cancellable, details: { reason: string }) => void): unknown;
}

export interface WindowOptions extends Partial<Rectangle> {
  title: string;
  show: boolean;
  minWidth: number;
  minHeight: number;
  backgroundColor: string;
  webPreferences: WebPreferences;
}

/** Every switch that matters to safety, said out loud even where it is Electron's default. */
export interface WebPreferences {
  preload: string;
  contextIsolation: true;
  sandbox: true;
  nodeIntegration: false;
  nodeIntegrationInWorker: false;
  nodeIntegrationInSubFrames: false;
  webSecurity: true;
  webviewTag: false;
  allowRunningInsecureContent: false;
  experimentalFeatures: false;
  navigateOnDragDrop: false;
  spellcheck: false;
}

export interface WindowSurface {
  readonly webContents: ContentsSurface;
  loadURL(url: string): Promise<void>;
  show(): void;
  focus(): void;
  restore(): void;
  maximize(): void;
  destroy(): void;
  isDestroyed(): boolean;
  isMinimized(): boolean;
  isMaximized(): boolean;
  /** Where the window is, or would be if it were not maximised. */
  getNormalBounds(): Rectangle;
  /** 0 to 1; below 0 takes the bar away. */
  setProgressBar(fraction: number): void;
  setTitle(title: string): void;
  once(event: 'ready-to-show' | 'closed', listener: () => void): unknown;
  on(event: 'resize' | 'move', listener: () => void): unknown;
  on(event: 'close', listener: (event: Cancellable) => void): unknown;
}

export interface PortSurface {
  postMessage(message: unknown, transfer?: PortSurface[]): void;
  start(): void;
  close(): void;
  on(event: 'message', listener: (message: { data: unknown }) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
}

export interface IpcEvent {
  readonly sender: ContentsSurface;
  /** Null where the frame has gone. */
  readonly senderFrame: FrameSurface | null;
}

export interface IpcSurface {
  on(channel: string, listener: (event: IpcEvent, ...args: unknown[]) => void): unknown;
}

export interface FileFilter {
  name: string;
  extensions: string[];
}

export interface OpenOptions {
  title: string;
  defaultPath?: string;
  filters?: FileFilter[];
  properties: ('openFile' | 'openDirectory' | 'createDirectory')[];
}

export interface SaveOptions {
  title: string;
  defaultPath?: string;
  filters?: FileFilter[];
}

export interface MessageOptions {
  type: 'info' | 'question' | 'warning' | 'error';
  message: string;
  detail: string;
  buttons: string[];
  defaultId: number;
  cancelId: number;
}

export interface DialogSurface {
  showOpenDialog(window: WindowSurface, options: OpenOptions): Promise<{ canceled: boolean; filePaths: string[] }>;
  showSaveDialog(window: WindowSurface, options: SaveOptions): Promise<{ canceled: boolean; filePath: string }>;
  showMessageBox(options: MessageOptions): Promise<{ response: number }>;
  showErrorBox(title: string, content: string): void;
}

/** A menu item as Electron's template takes it. */
export interface MenuTemplateItem {
  label?: string;
  role?:
    | 'close'
    | 'copy'
    | 'cut'
    | 'hide'
    | 'hideOthers'
    | 'minimize'
    | 'paste'
    | 'quit'
    | 'selectAll'
    | 'services'
    | 'toggleDevTools'
    | 'togglefullscreen'
    | 'unhide'
    | 'window'
    | 'zoom';
  type?: 'normal' | 'separator' | 'submenu' | 'checkbox' | 'radio';
  accelerator?: string;
  registerAccelerator?: boolean;
  enabled?: boolean;
  checked?: boolean;
  submenu?: MenuTemplateItem[];
  click?: () => void;
}

export interface UtilitySurface {
  /** Undefined before it has started and after its end. */
  readonly pid: number | undefined;
  readonly stdout: NodeJS.ReadableStream | null;
  readonly stderr: NodeJS.ReadableStream | null;
  postMessage(message: unknown): void;
  kill(): boolean;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  once(event: 'exit', listener: (code: number) => void): unknown;
}

export interface DesktopElectron {
  readonly app: AppSurface;
  readonly protocol: ProtocolSurface;
  readonly ipc: IpcSurface;
  readonly dialog: DialogSurface;
  readonly safeStorage: SafeStorageSurface;
  readonly shell: { openExternal(url: string): Promise<void>; showItemInFolder(path: string): void };
  readonly nativeTheme: { themeSource: 'system' | 'light' | 'dark' };
  /** Work areas of every display, the primary one first. Only after the app is ready. */
  workAreas(): readonly Rectangle[];
  /** Only after the app is ready. */
  defaultSession(): SessionSurface;
  createWindow(options: WindowOptions): WindowSurface;
  createChannel(): { readonly port1: PortSurface; readonly port2: PortSurface };
  setMenu(template: MenuTemplateItem[]): void;
  forkUtility(
    entry: string,
    options: { serviceName: string; stdio: ('ignore' | 'pipe')[]; execArgv: string[] },
  ): UtilitySurface;
}
