import type { SaveState } from '../../../../shared/api/types.ts';
import type { DocumentChange } from '../../../persistence/index.ts';
import { shownError } from '../../shown-error.ts';
import type { DocumentHistory } from './document-history.ts';

/** A save that takes longer than this is announced before it is done, in milliseconds. */
const quietSaveMs = 40;
/** After a save failed (a full disk, say) it is tried again this often, in milliseconds. */
const saveAgainMs = 4000;

/**
 * Writes a document's changes as they happen, one transaction at a time, and says how that stands. `saved` is said only
 * when nothing is left to write.
 */
export class DocumentSaver {
  readonly #history: DocumentHistory;
  readonly #write: (change: DocumentChange) => Promise<unknown>;
  readonly #onState: (state: SaveState) => void;
  #state: SaveState = { state: 'saved' };
  #saving: Promise<void> | null = null;
  #suspension: Promise<unknown> | null = null;
  #retry: NodeJS.Timeout | null = null;

  constructor(
    history: DocumentHistory,
    write: (change: DocumentChange) => Promise<unknown>,
    onState: (state: SaveState) => void,
  ) {
    this.#history = history;
    this.#write = write;
    this.#onState = onState;
  }

  get state(): SaveState {
    return this.#state;
  }

  /** Something changed: it is written at once, or once what is being written is. */
  changed(): void {
    if (this.#suspension) this.#say({ state: 'saving' });
    else this.#saving ??= this.#saveAll();
  }

  /** Whether nothing is left to write, nor being written, at this very moment. */
  get isDone(): boolean {
    return this.#saving === null && this.#suspension === null && !this.#history.hasChange;
  }

  /** Waits until nothing is being written. */
  async settled(): Promise<void> {
    while (this.#saving) await this.#saving;
  }

  /** Writes all that is left, also what is changed meanwhile. @returns why that failed; null once all is written */
  async flush(): Promise<Extract<SaveState, { state: 'failed' }> | null> {
    await this.settled();
    while (this.#history.hasChange) {
      await this.#suspension;
      this.changed();
      await this.settled();
      if (this.#state.state === 'failed') return this.#state;
    }
    return null;
  }

  /** One at a time. Nothing is written while `work` is done; what is changed meanwhile is written after it. */
  async suspended<T>(work: () => Promise<T>): Promise<T> {
    const over = Promise.withResolvers<void>();
    this.#suspension = over.promise;
    try {
      await this.settled();
      return await work();
    } finally {
      this.#suspension = null;
      over.resolve();
      this.#saving ??= this.#saveAll();
    }
  }

  /** No further attempts. */
  stop(): void {
    if (this.#retry) clearTimeout(this.#retry);
  }

  async #saveAll(): Promise<void> {
    await Promise.resolve(); // so that #saving is set before it is cleared
    // One event a change where the disk is quick; windows show changes of their own before we do.
    const announce = setTimeout(() => this.#say({ state: 'saving' }), quietSaveMs);
    let failure: unknown = null;
    while (failure === null && !this.#suspension) {
      const change = this.#history.takeChange();
      if (!change) break;
      try {
        await this.#write(change);
      } catch (error) {
        this.#history.giveBack(change);
        failure = error ?? new Error('it failed');
      }
    }
    clearTimeout(announce);
    // At once with the last look for changes: one that comes a moment later begins anew.
    this.#saving = null;
    this.stop();
    if (failure !== null) {
      this.#retry = setTimeout(() => this.changed(), saveAgainMs).unref();
      this.#say({ state: 'failed', error: shownError(failure) });
    } else if (!this.#history.hasChange) {
      this.#say({ state: 'saved' });
    }
  }

  #say(state: SaveState): void {
    this.#state = state;
    this.#onState(state);
  }
}
