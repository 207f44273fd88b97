import type { Cancellable, DesktopElectron } from './electron-surface.ts';

export interface QuitOptions {
  /** Whether something is being generated or exported now. */
  readonly isBusy: () => boolean;
  /** Ends the work and closes the project file; what it resolved after is on the disk. */
  readonly close: () => Promise<void>;
}

type QuitState = 'open' | 'asking' | 'closing' | 'closed';

/**
 * Lets the app quit only after the studio has closed the project, and asks first where something is being made.
 * Quitting twice does no harm.
 */
export class QuitGate {
  readonly #electron: Pick<DesktopElectron, 'app' | 'dialog'>;
  readonly #options: QuitOptions;
  #state: QuitState = 'open';

  constructor(electron: Pick<DesktopElectron, 'app' | 'dialog'>, options: QuitOptions) {
    this.#electron = electron;
    this.#options = options;
    electron.app.on('before-quit', (event) => this.#beforeQuit(event));
  }

  /** Whether everything is closed, and windows may go. */
  get isClosed(): boolean {
    return this.#state === 'closed';
  }

  #beforeQuit(event: Cancellable): void {
    if (this.#state === 'closed') return;
    event.preventDefault();
    if (this.#state !== 'open') return;
    void this.#leave();
  }

  async #leave(): Promise<void> {
    if (this.#options.isBusy()) {
      this.#state = 'asking';
      if (!(await this.#agreed())) {
        this.#state = 'open';
        return;
      }
    }
    this.#state = 'closing';
    const { app, dialog } = this.#electron;
    try {
      await this.#options.close();
    } catch (error) {
      dialog.showErrorBox(
        'Throughline could not close the project cleanly',
        `${error instanceof Error ? error.message : error}\n\nWhat was saved is kept; it is checked when you open it again.`,
      );
    }
    this.#state = 'closed';
    app.quit();
  }

  async #agreed(): Promise<boolean> {
    const { response } = await this.#electron.dialog.showMessageBox({
      type: 'question',
      message: 'Something is still being made. Quit anyway?',
      detail: 'What is finished is kept. The queue goes on from there when you open the project again.',
      buttons: ['Keep Going', 'Quit'],
      defaultId: 0,
      cancelId: 0,
    });
    return response === 1;
  }
}
