import type { EventHub } from '../event-hub.ts';
import { shownError } from '../shown-error.ts';

/** Writes the jobs of a queue, always the newest: what cannot be written is only gone after a restart. */
export class JobSaver {
  readonly #write: () => Promise<void>;
  readonly #hub: EventHub;
  #saving: Promise<void> | null = null;
  /** Whether what is written is not the newest. */
  #dirty = false;
  /** Whether the last attempt failed: that is said once. */
  #failed = false;

  /** @param write writes the jobs as they are now */
  constructor(write: () => Promise<void>, hub: EventHub) {
    this.#write = write;
    this.#hub = hub;
  }

  /** Whether nothing is left to be written, at this very moment. */
  get isDone(): boolean {
    return this.#saving === null;
  }

  /** The jobs have changed, and are written soon. */
  changed(): void {
    this.#dirty = true;
    this.#saving ??= this.#saveAll();
  }

  /** Waits until everything is written, as far as it can be. */
  async settled(): Promise<void> {
    while (this.#saving) await this.#saving;
  }

  async #saveAll(): Promise<void> {
    await Promise.resolve(); // so that #saving is set before it is cleared
    while (this.#dirty) {
      this.#dirty = false;
      try {
        await this.#write();
        this.#failed = false;
      } catch (error) {
        const { message, hint } = shownError(error);
        if (!this.#failed) this.#hub.notice('warning', `The queue was not saved: ${message}`, hint);
        this.#failed = true;
      }
    }
    // At once with the last look: what comes a moment later begins anew.
    this.#saving = null;
  }
}
