import type Database from 'better-sqlite3';
import { ThroughlineError } from '../../shared/errors.ts';
import { fileIdOf, isSameFile } from '../files/index.ts';
import { databaseError, isOutOfReach, isSqliteError } from './database.ts';
import { endSession, type ProjectDatabase, reopenProjectDatabase, writeWithMark } from './project-database.ts';
import { type Fingerprint, fingerprintOf, isSameFingerprint, moved, replaced } from './project-fingerprint.ts';

/** So long after a write, in milliseconds, the file alone holds it. */
const tidyingAfterMs = 1500;

/**
 * The connection to a project's file, for as long as the project is open. A write returns only if the file is still where
 * it was opened. After a disk was out of reach the file is opened again by itself, if it is as it was: ask for
 * {@link db} every time.
 */
export class ProjectConnection {
  readonly file: string;
  #opened: ProjectDatabase;
  /** What the file must hold if it is to be the same after it was out of reach. */
  #known: Fingerprint;
  #closed = false;
  #tidying: NodeJS.Timeout | null = null;

  /** @param opened is this connection's from now on */
  constructor(file: string, opened: ProjectDatabase) {
    this.file = file;
    this.#opened = opened;
    this.#known = fingerprintOf(opened.db);
  }

  get db(): Database.Database {
    return this.#opened.db;
  }

  /** What was found when the file was opened. */
  get found(): Pick<ProjectDatabase, 'backup' | 'crashed' | 'withoutLog'> {
    return this.#opened;
  }

  /** @throws ThroughlineError `database` if the file is out of reach or damaged, and what `action` throws otherwise */
  read<Result>(action: () => Result): Result {
    return this.#guard('read', action);
  }

  /**
   * One transaction.
   * @throws ThroughlineError `database` if the file is out of reach, moved or damaged, `disk-full`, and what `action`
   *   throws otherwise
   */
  write<Result>(action: () => Result): Result {
    this.requireInPlace();
    this.#tidying ??= setTimeout(() => this.moveLog(), tidyingAfterMs).unref();
    const result = this.#guard('written', () => writeWithMark(this.db, action));
    // Only now it can be told that it went where the person will look for it.
    if (!isSameFile(fileIdOf(this.file), this.#opened.id)) {
      this.moveLog();
      throw moved(this.file);
    }
    return result;
  }

  /** Gives the space of what was deleted back to the disk. */
  giveBackSpace(): void {
    this.#guard('written', () => this.db.pragma('incremental_vacuum'));
  }

  /** After a write that changed more than the document: the file holds this from now on. */
  noteContent(): void {
    this.#known = fingerprintOf(this.db);
  }

  /** After a write that changed the document alone. */
  noteNumber(number: number): void {
    this.#known = { ...this.#known, number };
  }

  /** @throws ThroughlineError `database` unless the file is where it was opened */
  requireInPlace(): void {
    if (this.#closed || isSameFile(fileIdOf(this.file), this.#opened.id)) return;
    this.#recover(null);
  }

  /** Moves the log into the file itself: whoever copies only that, as sync tools do, has nearly everything. */
  moveLog(): void {
    if (this.#tidying) clearTimeout(this.#tidying);
    this.#tidying = null;
    try {
      if (this.db.open) this.db.pragma('wal_checkpoint(PASSIVE)');
    } catch {} // the log holds it all the same
  }

  /** Notes a clean end, moves the log into the file and closes it. Idempotent. */
  close(): void {
    if (this.#tidying) clearTimeout(this.#tidying);
    this.#closed = true;
    endSession(this.file, this.#opened.id, this.db);
  }

  #guard<Result>(doing: string, action: () => Result): Result {
    if (this.#closed) throw new ThroughlineError('internal', `${this.file} is closed.`, 'Please report this.');
    if (!this.db.open) this.#recover(null);
    try {
      return action();
    } catch (error) {
      const cause = error instanceof ThroughlineError ? error.cause : error;
      if (!isSqliteError(cause)) throw error;
      if (!isOutOfReach(cause)) throw databaseError(cause, this.file, doing);
      this.#recover(databaseError(cause, this.file, doing));
      return action();
    }
  }

  /**
   * Takes up the file again after it was out of reach: a disk that was away, a file that was moved and is back. It must
   * hold what it held; otherwise the old connection is kept, for a copy.
   * @throws `why` or, where the file lies elsewhere, a sentence about that
   */
  #recover(why: ThroughlineError | null): void {
    const there = fileIdOf(this.file);
    if (!there) {
      this.moveLog();
      throw moved(this.file);
    }
    // A second connection to the same file would wait for the first one's lock.
    if (isSameFile(there, this.#opened.id)) closeQuietly(this.db);
    let different: ThroughlineError | null = null;
    let opened: ProjectDatabase;
    try {
      opened = reopenProjectDatabase(this.file, (db) => {
        const found = fingerprintOf(db);
        if (isSameFingerprint(found, this.#known)) return;
        different = replaced(this.file, found.project === this.#known.project);
        throw different;
      });
    } catch (error) {
      throw different ?? why ?? error;
    }
    closeQuietly(this.db);
    this.#opened = { ...opened, crashed: this.#opened.crashed, backup: this.#opened.backup };
  }
}

function closeQuietly(db: Database.Database): void {
  try {
    db.close();
  } catch {} // its disk is gone
}
