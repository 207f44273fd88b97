import { createHash } from 'node:crypto';
import { ThroughlineError } from '../../../shared/errors.ts';
import type { ProjectStore } from '../../persistence/index.ts';
import type { OpenedFile } from './open-file.ts';
import { mayChange, newlyOpen, type ProjectLife, type ProjectLifeEvent, reduceLife } from './project-life.ts';
import { SharedStore } from './shared-store.ts';

/** A file's content, and one of those who use it. */
interface SharedFile {
  readonly shared: SharedStore;
  /** Says that this project is done with the file. */
  readonly done: () => Promise<void>;
}

/** One file that a project lies in. */
interface Home extends SharedFile {
  readonly file: string;
  readonly cacheName: string;
}

/** Where an open project lies: its file, who still reads it, and how it goes to another one. */
export class ProjectPlace {
  #home: Home;
  #life: ProjectLife = newlyOpen;
  /** Settles once a move to another file is over. */
  #moved: Promise<unknown> = Promise.resolve();

  /** @param shared where the file is open already, and has one user more: this place, which `done` speaks for */
  constructor(file: string, opened: OpenedFile, shared?: SharedFile) {
    this.#home = homeOf(file, opened, shared);
  }

  get file(): string {
    return this.#home.file;
  }

  get store(): ProjectStore {
    return this.#home.shared.store;
  }

  /** Names the project's cache of memory states. */
  get cacheName(): string {
    return this.#home.cacheName;
  }

  get mayChange(): boolean {
    return mayChange(this.#life);
  }

  /** Whether it was left, but is still read. */
  get isLingering(): boolean {
    return this.#life.kind === 'left';
  }

  /** One user more of the file. Call it before anything is awaited: the file must not be closed meanwhile. */
  share(): SharedFile {
    const { shared } = this.#home;
    return { shared, done: shared.use() };
  }

  /** @throws ThroughlineError `other-project` once it may not be changed any more */
  require(title: string): void {
    if (this.mayChange) return;
    throw new ThroughlineError('other-project', `"${title}" is not open any more.`, 'Open it again to change it.');
  }

  /** Writes something else than the document: not while it goes to another file, where it would be missing. */
  async write<T>(write: (store: ProjectStore) => Promise<T>): Promise<T> {
    while (this.#life.kind === 'moving') await this.#moved;
    return write(this.store);
  }

  /**
   * Goes on in a copy of the file. What is written through {@link write} waits until it is there.
   * @param open reads the copy
   * @param bring writes there what was not written here yet, and calls `arrive` when nothing more is written here
   * @throws whatever they throw; then it stays where it was
   */
  async moveTo(
    file: string,
    open: () => Promise<OpenedFile>,
    bring: (store: ProjectStore, arrive: () => void) => Promise<void>,
  ): Promise<void> {
    this.#become('move-began');
    const moving = this.#copyAndGo(file, open, bring);
    this.#moved = moving.catch(() => {});
    try {
      await moving;
    } finally {
      this.#become('move-ended');
    }
  }

  async #copyAndGo(
    file: string,
    open: () => Promise<OpenedFile>,
    bring: (store: ProjectStore, arrive: () => void) => Promise<void>,
  ): Promise<void> {
    await this.store.copyTo(file);
    const there = homeOf(file, await open());
    const before = this.#home;
    try {
      await bring(there.shared.store, () => {
        this.#home = there;
      });
    } catch (error) {
      await there.done();
      throw error;
    }
    await before.done();
  }

  /**
   * Keeps the file open for whoever reads it, whatever becomes of the project.
   * @returns lets go of it; idempotent
   */
  hold(): () => void {
    this.#become('held');
    let held = true;
    return () => {
      if (held) this.#become('released');
      held = false;
    };
  }

  /** Its file is closed once nobody holds it; {@link closed} says when. */
  leave(): void {
    this.#become('left');
  }

  /** Settles once the file is closed, or is only held by others. */
  async closed(): Promise<void> {
    if (this.#life.kind === 'closed') await this.#home.done();
  }

  #become(event: ProjectLifeEvent): void {
    this.#life = reduceLife(this.#life, event);
    if (this.#life.kind === 'closed') void this.#home.done();
  }
}

/** The cache is the project's, wherever its file lies: a chunk's key names all that its memory state depends on. */
function homeOf(file: string, { store, id }: OpenedFile, { shared, done } = firstUseOf(store)): Home {
  return { file, shared, done, cacheName: createHash('sha256').update(id).digest('hex').slice(0, 24) };
}

function firstUseOf(store: ProjectStore): SharedFile {
  const shared = new SharedStore(store);
  return { shared, done: shared.use() };
}
