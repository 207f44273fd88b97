import { basename, join } from 'node:path';
import type { MenuCommand } from '../../shared/api/desktop-bridge.ts';
import { desktopChannels } from '../../shared/api/desktop-channels.ts';
import { receiveUpload } from '../studio/assets/receive-upload.ts';
import { createRouter } from '../studio/router.ts';
import { shownError } from '../studio/shown-error.ts';
import type { Studio, StudioHost } from '../studio/studio.ts';
import { serveApi } from './api-port.ts';
import { answerRequest } from './app-protocol.ts';
import { chooseFile } from './dialogs.ts';
import type { DesktopElectron, WindowSurface } from './electron-surface.ts';
import { guardContents, guardSession, webPreferences } from './guards.ts';
import { describeMenus, type MenuAction, menuTemplate } from './menu.ts';
import { fileToOpen, isOpenable } from './open-request.ts';
import { appOrigin, appScheme, mayOpenOutside } from './policy.ts';
import { QuitGate } from './quit.ts';
import { StudioWatch } from './studio-watch.ts';
import { readWindowState, smallestWindow, type WindowState, windowPlace, writeWindowState } from './window-state.ts';

export interface DesktopOptions {
  readonly electron: DesktopElectron;
  /** Opens the studio; called once, when the app is ready and no other instance runs. */
  readonly openStudio: (host: Pick<StudioHost, 'chooseFile' | 'reveal'>) => Studio;
  /** The built page, absolute. */
  readonly pageFolder: string;
  /** The built preload script, absolute. */
  readonly preload: string;
  /** Where the window was. */
  readonly windowStateFile: string;
  /** Text of every licence, shown by Help > Licences in its folder. */
  readonly licencesFile: string;
  /** Where file dialogs begin. */
  readonly documentsFolder: string;
  readonly platform: NodeJS.Platform;
  /** This process's command line, and where it was given. */
  readonly argv: readonly string[];
  readonly workingFolder: string;
}

/** The colours of the page's background, so that a window does not flash before its page is there. */
const backgrounds = { dark: '#141619', light: '#f6f6f4' } as const;

/** Of the memory window when it is first shown, in device-independent pixels. */
const memoryWindowSize = { width: 1180, height: 860 } as const;

/**
 * Runs the desktop app: one instance, one window, one studio. Returns once the window is on its way; the app then lives
 * on Electron's events.
 * @returns false where another instance runs already, which has been told to open our file
 */
export async function runDesktop(options: DesktopOptions): Promise<boolean> {
  const { app, protocol } = options.electron;
  if (!app.requestSingleInstanceLock()) {
    app.quit();
    return false;
  }
  protocol.registerSchemesAsPrivileged([
    { scheme: appScheme, privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } },
  ]);
  // macOS may say which file to open before the app is ready.
  const early: string[] = [];
  let host: DesktopHost | null = null;
  app.on('open-file', (event, path) => {
    event.preventDefault();
    if (!isOpenable(path)) return;
    if (host) host.openFile(path);
    else early.push(path);
  });
  app.on('second-instance', (_event, argv, folder) => host?.secondInstance(argv, folder));
  await app.whenReady();
  host = new DesktopHost(options);
  const first = early.at(-1) ?? fileToOpen(options.argv, options.workingFolder);
  await host.start(first);
  return true;
}

class DesktopHost {
  readonly #options: DesktopOptions;
  readonly #electron: DesktopElectron;
  readonly #studio: Studio;
  readonly #watch: StudioWatch;
  readonly #gate: QuitGate;
  #window: WindowSurface | null = null;
  /** The memory views in a window of their own; null while nobody has asked for it. */
  #memoryWindow: WindowSurface | null = null;
  #menus = '';
  #lastFile: string | null = null;

  constructor(options: DesktopOptions) {
    this.#options = options;
    const { electron } = options;
    this.#electron = electron;
    const session = electron.defaultSession();
    guardSession(session);
    electron.app.on('web-contents-created', (_event, contents) =>
      guardContents(contents, electron.shell, (url) => this.#showMemory(url)),
    );
    this.#studio = options.openStudio({
      chooseFile: async (purpose, suggestion) =>
        this.#window && chooseFile(electron.dialog, this.#window, purpose, options.documentsFolder, suggestion),
      reveal: (file) => electron.shell.showItemInFolder(file),
    });
    const media = (pathname: string) => this.#studio.media(pathname);
    const upload = (query: URLSearchParams, body: AsyncIterable<Uint8Array> | null) =>
      receiveUpload(this.#studio, query, body);
    session.protocol.handle(appScheme, (request) =>
      answerRequest(request, { pageFolder: options.pageFolder, media, upload }),
    );
    const windows = () => [this.#window, this.#memoryWindow].filter((window) => window !== null);
    serveApi(electron, windows, createRouter(this.#studio));
    this.#watch = new StudioWatch(this.#studio, () => this.#showState());
    this.#gate = new QuitGate(electron, {
      isBusy: () => this.#watch.isBusy,
      close: async (discard) => {
        await this.#studio.dispose({ discard });
        this.#watch.dispose();
      },
      saveCopy: () => this.#saveCopy(),
    });
    electron.app.on('activate', () => this.#present());
    electron.app.on('window-all-closed', () => {
      if (options.platform !== 'darwin') electron.app.quit();
    });
  }

  async start(file: string | null): Promise<void> {
    this.#showState();
    this.#present();
    if (file !== null) await this.#open(file);
    else await this.#studio.begin();
  }

  openFile(file: string): void {
    this.#present();
    void this.#open(file);
  }

  secondInstance(argv: readonly string[], folder: string): void {
    const file = fileToOpen(argv, folder);
    if (file === null) this.#present();
    else this.openFile(file);
  }

  async #open(file: string): Promise<void> {
    try {
      await this.#studio.projects.openFile(file);
    } catch (error) {
      const { message, hint } = shownError(error);
      this.#electron.dialog.showErrorBox(`${basename(file)} could not be opened`, `${message}\n\n${hint}`.trim());
    }
  }

  /** Brings the window to the front, or makes it. */
  #present(): void {
    const window = this.#window;
    if (!window || window.isDestroyed()) {
      this.#createWindow();
      return;
    }
    if (window.isMinimized()) window.restore();
    window.show();
    window.focus();
  }

  #createWindow(): void {
    const { preload, windowStateFile, platform } = this.#options;
    const { maximized, ...place } = windowPlace(readWindowState(windowStateFile), this.#electron.workAreas());
    const { theme } = this.#studio.settings;
    const window = this.#electron.createWindow({
      ...place,
      title: this.#watch.title,
      show: false,
      minWidth: smallestWindow.width,
      minHeight: smallestWindow.height,
      backgroundColor: backgrounds[theme === 'light' ? 'light' : 'dark'],
      webPreferences: webPreferences(preload),
    });
    this.#window = window;
    const keepPlace = (): void => {
      if (window.isMinimized()) return;
      const { x, y, width, height } = window.getNormalBounds();
      const state: WindowState = { x, y, width, height, maximized: window.isMaximized() };
      writeWindowState(windowStateFile, state);
    };
    window.once('ready-to-show', () => {
      if (maximized) window.maximize();
      window.show();
    });
    window.on('close', (event) => {
      keepPlace();
      if (this.#gate.isClosed || platform === 'darwin') return;
      // Elsewhere closing the window is quitting, and quitting waits for the studio.
      event.preventDefault();
      this.#electron.app.quit();
    });
    window.once('closed', () => {
      this.#window = null;
      // It follows the editor, and there is none any more.
      if (this.#memoryWindow && !this.#memoryWindow.isDestroyed()) this.#memoryWindow.destroy();
    });
    window.webContents.on('render-process-gone', (_event, { reason }) => void this.#pageDied(window, reason));
    window.loadURL(`${appOrigin}/`).catch((error) => {
      if (!window.isDestroyed()) this.#electron.dialog.showErrorBox('The window could not be filled', String(error));
    });
  }

  /** Brings the memory window to the front, or makes it. @param url of our page, checked */
  #showMemory(url: string): void {
    if (this.#memoryWindow && !this.#memoryWindow.isDestroyed()) {
      if (this.#memoryWindow.isMinimized()) this.#memoryWindow.restore();
      this.#memoryWindow.show();
      this.#memoryWindow.focus();
      return;
    }
    const window = this.#electron.createWindow({
      ...memoryWindowSize,
      title: 'Memory',
      show: false,
      minWidth: smallestWindow.width,
      minHeight: smallestWindow.height,
      backgroundColor: backgrounds[this.#studio.settings.theme === 'light' ? 'light' : 'dark'],
      webPreferences: webPreferences(this.#options.preload),
    });
    this.#memoryWindow = window;
    window.once('ready-to-show', () => window.show());
    window.once('closed', () => {
      this.#memoryWindow = null;
    });
    window.loadURL(url).catch(() => {
      if (!window.isDestroyed()) window.destroy();
    });
  }

  async #pageDied(window: WindowSurface, reason: string): Promise<void> {
    if (reason === 'clean-exit' || this.#gate.isClosed || window.isDestroyed()) return;
    const { response } = await this.#electron.dialog.showMessageBox({
      type: 'error',
      message: 'The window stopped working.',
      detail: `Nothing that was saved is lost, and what is being generated goes on. (${reason})`,
      buttons: ['Show It Again', 'Quit'],
      defaultId: 0,
      cancelId: 0,
    });
    if (response === 1) this.#electron.app.quit();
    else if (!window.isDestroyed()) await window.loadURL(`${appOrigin}/`).catch(() => {});
  }

  /** Title, menus, progress and theme as the studio's state has them. */
  #showState(): void {
    const { platform } = this.#options;
    const { app, nativeTheme } = this.#electron;
    nativeTheme.themeSource = this.#studio.settings.theme;
    if (this.#window && !this.#window.isDestroyed()) {
      this.#window.setTitle(this.#watch.title);
      this.#window.setProgressBar(this.#watch.progress ?? -1);
    }
    const file = this.#watch.project?.file ?? null;
    if (file !== null && file !== this.#lastFile) app.addRecentDocument(file);
    this.#lastFile = file;
    const recent = this.#studio.recent.list().filter(({ missing }) => !missing);
    const menus = describeMenus({
      platform,
      hasProject: this.#watch.project !== null,
      undo: this.#watch.project?.undo ?? null,
      redo: this.#watch.project?.redo ?? null,
      theme: this.#studio.settings.theme,
      recent: recent.map(({ file }) => file),
      developer: !app.isPackaged,
    });
    const described = JSON.stringify(menus);
    if (described === this.#menus) return;
    this.#menus = described;
    this.#electron.setMenu(menuTemplate(menus, (action) => this.#choose(action)));
  }

  #choose(action: MenuAction): void {
    switch (action.kind) {
      case 'command':
        this.#command(action.command);
        break;
      case 'open-recent':
        this.openFile(action.file);
        break;
      case 'theme':
        this.#studio.updateSettings({ theme: action.theme }).catch((error) => {
          const { message, hint } = shownError(error);
          this.#studio.hub.notice('error', message, hint);
        });
        break;
      case 'link':
        if (mayOpenOutside(action.url)) void this.#electron.shell.openExternal(action.url).catch(() => {});
        break;
      case 'licences':
        this.#electron.shell.showItemInFolder(this.#options.licencesFile);
        break;
    }
  }

  /** Saves the open project in a place that is asked for, and goes on there. Returns whether that was done. */
  async #saveCopy(): Promise<boolean> {
    const project = this.#studio.projects.current?.project;
    if (!project) return true;
    const chosen = await this.#studio.chooseFile('save-project', `${project.document.title} copy.throughline`);
    if (!chosen) return false;
    try {
      await this.#studio.projects.saveAs(project, chosen.file);
      return true;
    } catch (error) {
      const { message, hint } = shownError(error);
      this.#electron.dialog.showErrorBox('The copy could not be saved', `${message}\n\n${hint}`.trim());
      return false;
    }
  }

  #command(command: MenuCommand): void {
    this.#present();
    this.#window?.webContents.send(desktopChannels.command, command);
  }
}

/** Where the built parts lie, seen from the folder of the built main script. */
export function builtParts(mainFolder: string): { readonly pageFolder: string; readonly preload: string } {
  return { pageFolder: join(mainFolder, '../renderer'), preload: join(mainFolder, '../preload/preload.cjs') };
}
