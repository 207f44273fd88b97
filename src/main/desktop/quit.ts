import { ThroughlineError } from '../../shared/errors.ts';
import type { Cancellable, DesktopElectron } from './electron-surface.ts';

export interface QuitOptions {
  /** Whether something is being generated or exported now. */
  readonly isBusy: () => boolean;
  /**
   * Ends the work and closes the project file; what it resolved after is on the disk.
   * @param discard whether changes that cannot be saved may be lost
   * @throws ThroughlineError `unsaved` where they may not: then nothing has ended
   */
  readonly close: (discard: boolean) => Promise<void>;
  /** Asks for another place and saves a copy there, to go on in. Returns whether that was done. */
  readonly saveCopy: () => Promise<boolean>;
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
    if (!(await this.#close())) {
      this.#state = 'open';
      return;
    }
    this.#state = 'closed';
    this.#electron.app.quit();
  }

  /** Returns whether all is closed; false where the person stays. */
  async #close(): Promise<boolean> {
    for (let discard = false; ; ) {
      try {
        await this.#options.close(discard);
        return true;
      } catch (error) {
        if (!(error instanceof ThroughlineError && error.code === 'unsaved')) {
          this.#electron.dialog.showErrorBox(
            'Throughline could not close the project cleanly',
            `${error instanceof Error ? error.message : error}\n\nWhat was saved is kept; it is checked when you open it again.`,
          );
          return true;
        }
        const answer = await this.#askUnsaved(error);
        if (answer === 'stay') return false;
        if (answer === 'discard') discard = true;
        else if (!(await this.#options.saveCopy())) return false;
      }
    }
  }

  async #askUnsaved({ message, hint }: ThroughlineError): Promise<'stay' | 'copy' | 'discard'> {
    const { response } = await this.#electron.dialog.showMessageBox({
      type: 'warning',
      message,
      detail: hint,
      buttons: ['Stay', 'Save a Copy…', 'Quit Without Saving'],
      defaultId: 0,
      cancelId: 0,
    });
    return (['stay', 'copy', 'discard'] as const)[response] ?? 'stay';
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
