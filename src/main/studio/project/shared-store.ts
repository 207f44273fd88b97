import type { ProjectStore } from '../../persistence/index.ts';

/** A project file that several use: closed once the last of them is done with it. */
export class SharedStore {
  readonly store: ProjectStore;
  #users = 0;
  #closed: Promise<void> | null = null;

  constructor(store: ProjectStore) {
    this.store = store;
  }

  /** @returns says that this user is done; settles once the file is closed, if it was the last. Idempotent. */
  use(): () => Promise<void> {
    this.#users++;
    let done = false;
    return async () => {
      if (!done) {
        done = true;
        this.#users--;
      }
      if (this.#users === 0) this.#closed ??= this.store.close();
      await this.#closed;
    };
  }
}
