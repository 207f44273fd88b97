import { randomInt } from 'node:crypto';
import { existsSync, linkSync, renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import type Database from 'better-sqlite3';
import { ThroughlineError } from '../../shared/errors.ts';
import { type FileId, fileIdOf, isSameFile, makeFolder, requireRegularFile, requireWritable } from '../files/index.ts';
import { checkpointAndClose, connect, databaseError, isBusy, isSqliteError, numberPragma } from './database.ts';
import { migrate, refuseStrangers } from './migrations.ts';
import { damaged } from './open-database.ts';
import { partialFileFor, removePartial } from './partial-file.ts';
import { projectHistory } from './project-file-schema.ts';
import { addsNothing, logOf, readHeader, readLog } from './write-ahead-log.ts';

/** Another window may take this long to close a file, in milliseconds. */
const patienceMs = 400;
/** Fact that is there while a project is open; after a crash it says where it was open. */
const inUse = 'in-use';
/** What an older Throughline wrote there. */
const olderInUse = 'yes';
/** Tables of blobs. They are checked row by row in the background: reading them here would read the whole project. */
const largeTables = ['chunk', 'media', 'asset_piece'];

/** A connection that nobody shares, and what was found on the way to it. */
export interface ProjectDatabase {
  readonly db: Database.Database;
  readonly id: FileId | null;
  /** The copy made because an older file had to be brought up to date. */
  readonly backup: string | null;
  /** Whoever had it open before was ended without closing it. */
  readonly crashed: boolean;
  /** It was copied while it was open, without its log: what was changed last may be missing. */
  readonly withoutLog: boolean;
}

/**
 * Opens a project file for one process alone.
 *
 * A log that lies beside a database becomes part of it as soon as anybody opens it, whosesoever it is. So each opening
 * writes a mark of its own into the file (the schema cookie), in the mode without a log, and every transaction writes
 * the first page, with the mark, to the log: a log belongs to the file whose mark it bears. A file that was closed has
 * no log.
 *
 * @throws ThroughlineError `database` or `bad-input`: the file is damaged, newer than this version, something else, in
 *   use, or beside a log that is not its own. Neither the file nor the log has then changed.
 */
export async function openProjectDatabase(file: string): Promise<ProjectDatabase> {
  const opened = connectToProject(file);
  try {
    const { backup } = await migrate(opened.db, file, projectHistory);
    return { ...beginSession(file, opened), backup: backup ?? null };
  } catch (error) {
    checkpointAndClose(opened.db);
    throw databaseError(inUseElsewhere(error, file), file, 'opened');
  }
}

/**
 * Opens a file again that was open a moment ago and may have been out of reach meanwhile.
 * @param require looks at it before anything of it is changed, and throws what speaks against it
 * @throws as {@link openProjectDatabase}, and what `require` throws
 */
export function reopenProjectDatabase(file: string, require: (db: Database.Database) => void): ProjectDatabase {
  const opened = connectToProject(file);
  try {
    if (numberPragma(opened.db, 'user_version') !== projectHistory.migrations.length)
      throw damaged(file, 'its version');
    require(opened.db);
    return { ...beginSession(file, opened), backup: null };
  } catch (error) {
    checkpointAndClose(opened.db);
    throw databaseError(inUseElsewhere(error, file), file, 'opened');
  }
}

/**
 * Makes a new project file with this document (JSON): whole, or not there at all.
 * @throws ThroughlineError `bad-input` if there is a file already, `database` if it cannot be written
 */
export async function createProjectFile(file: string, document: string): Promise<void> {
  const exists = () => new ThroughlineError('bad-input', `There is already a file ${file}.`, 'Choose another name.');
  if (existsSync(file)) throw exists();
  const partial = partialFileFor(file);
  let db: Database.Database | undefined;
  try {
    makeFolder(path.dirname(file));
    requireWritable(file);
    removePartial(partial);
    db = connect(partial);
    // Takes effect in a new file only; lets deleteUnused give space back.
    db.pragma('auto_vacuum = INCREMENTAL');
    db.pragma('synchronous = FULL');
    await migrate(db, partial, projectHistory);
    db.prepare('INSERT INTO document VALUES (1, 0, 0, ?)').run(document);
    db.close();
    // A log that an earlier project of this name left behind would become part of the new one.
    if (readLog(file)) throw strayLog(file);
    giveName(partial, file, exists);
  } catch (error) {
    throw databaseError(error, file, 'written');
  } finally {
    db?.close();
    removePartial(partial);
  }
}

/** Notes a clean end and closes the file, which is then complete without its log. Never throws. */
export function endSession(file: string, id: FileId | null, db: Database.Database): void {
  if (!db.open) return;
  try {
    writeWithMark(db, () => db.prepare('DELETE FROM fact WHERE name = ?').run(inUse));
  } catch {} // a full disk must not keep the file open
  try {
    if (isSameFile(fileIdOf(file), id)) db.pragma('journal_mode = DELETE');
  } catch {} // the log beside it holds it all the same
  checkpointAndClose(db);
  // Of a file that was moved meanwhile an empty log stays at its old place.
  try {
    if (!isSameFile(fileIdOf(file), id) && statSync(logOf(file)).size === 0) rmSync(logOf(file));
  } catch {}
}

/** A transaction that puts the first page, with the file's mark, into the log as well. */
export function writeWithMark<Result>(db: Database.Database, action: () => Result): Result {
  return db
    .transaction(() => {
      db.pragma(`user_version = ${projectHistory.migrations.length}`);
      return action();
    })
    .immediate();
}

/** Gives a copy a mark of its own, and the mode of a closed file. The copy is open nowhere else. */
export function finishCopy(copy: string): void {
  const db = connect(copy);
  try {
    db.pragma('journal_mode = DELETE');
    db.prepare('DELETE FROM fact WHERE name = ?').run(inUse);
    setNewMark(db);
  } finally {
    db.close();
  }
}

type Connected = Pick<ProjectDatabase, 'db' | 'crashed' | 'withoutLog'>;

/** A connection to a file that was found sound, still without a change to it. */
function connectToProject(file: string): Connected {
  let db: Database.Database | undefined;
  try {
    requireRegularFile(file);
    requireWritable(file);
    const crashedLog = requireOwnLog(file);
    // Closing a connection that may write moves the log into the file: whatever can be refused is refused before.
    if (crashedLog) inspect(file);
    db = connectAlone(file);
    const place = inUseAt(db);
    if (!crashedLog) requireSound(db, file, place !== null);
    const withoutLog = !crashedLog && place !== null && place !== olderInUse;
    if (withoutLog && place !== file) {
      db.close(); // a second descriptor on an open file would drop its lock
      requireNoLogElsewhere(file, place);
      db = connectAlone(file);
    }
    return { db, crashed: place !== null, withoutLog };
  } catch (error) {
    db?.close();
    throw databaseError(inUseElsewhere(error, file), file, 'opened');
  }
}

/** Nobody else may read or write the file from the first statement on. */
function connectAlone(file: string): Database.Database {
  const db = connect(file, patienceMs);
  try {
    // Before anything is read, so that the index of the log is in our own memory and the lock covers everything.
    db.pragma('locking_mode = EXCLUSIVE');
    refuseStrangers(db, file, projectHistory);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** From here on the file is ours: nobody else can open it, and it bears a mark of its own. */
function beginSession(file: string, { db, crashed, withoutLog }: Connected): Omit<ProjectDatabase, 'backup'> {
  db.pragma('journal_mode = DELETE'); // takes a log of ours into the file
  db.pragma('synchronous = FULL');
  setNewMark(db);
  db.prepare('INSERT OR REPLACE INTO fact VALUES (?, ?)').run(inUse, file);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.pragma('foreign_keys = ON');
  // The log is there from the start: a file in use without one was moved or copied alone.
  writeWithMark(db, () => {});
  return { db, crashed, withoutLog, id: fileIdOf(file) };
}

function setNewMark(db: Database.Database): void {
  db.unsafeMode(true); // SQLite otherwise guards the cookie; nobody else reads this file meanwhile
  try {
    db.pragma(`schema_version = ${randomInt(1, 2 ** 31 - 1)}`);
  } finally {
    db.unsafeMode(false);
  }
}

/** Whether a log of this file's own lies beside it. @throws ThroughlineError `database` for another's */
function requireOwnLog(file: string): boolean {
  const header = readHeader(file);
  const log = readLog(file);
  if (!log) return false;
  if (!header) throw strayLog(file);
  if (!header.isSqlite) return false; // refused in a moment, by what it is
  const own = log.mark === null ? header.keepsLog : log.mark === header.mark;
  if (!own) throw strayLog(file);
  return true;
}

function strayLog(file: string): ThroughlineError {
  const log = logOf(file);
  return new ThroughlineError(
    'database',
    `Beside ${file} lies ${log}, the log of another state of this project: together they would give a mixture.`,
    `Nothing was changed. To open the project as it is in the file, move ${log} to another folder. The log holds what was changed last in the state it belongs to: to get that, put that state's file back beside it.`,
  );
}

/** Looks at a file with its log through a connection that cannot change either. */
function inspect(file: string): void {
  const index = `${file}-shm`;
  const indexWasThere = existsSync(index);
  const db = connect(file, patienceMs, { readonly: true });
  try {
    refuseStrangers(db, file, projectHistory);
    requireSound(db, file, true);
  } finally {
    db.close();
    if (!indexWasThere) rmSync(index, { force: true });
  }
}

/** @param whole reads the whole file: after a crash only */
function requireSound(db: Database.Database, file: string, whole: boolean): void {
  const tables = whole
    ? ['1']
    : (db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all() as string[])
        .filter((name) => !largeTables.includes(name) && !name.startsWith('sqlite_'))
        .map((name) => `'${name.replaceAll("'", "''")}'`);
  for (const table of tables) {
    const answer = db.pragma(`quick_check(${table})`, { simple: true });
    if (answer !== 'ok') throw damaged(file, String(answer));
  }
}

/** Where it was open when it was last left without being closed; null: it was closed. */
function inUseAt(db: Database.Database): string | null {
  try {
    return (db.prepare('SELECT value FROM fact WHERE name = ?').pluck().get(inUse) as string | undefined) ?? null;
  } catch (error) {
    if (isSqliteError(error)) return null; // an older file without this table
    throw error;
  }
}

/** A file that was moved alone while it was open has left its newest changes behind. */
function requireNoLogElsewhere(file: string, place: string): void {
  if (existsSync(place)) return; // it was copied: the log belongs to that one
  const log = readLog(place);
  if (!log || log.mark !== readHeader(file)?.mark || addsNothing(file, logOf(place), log)) return;
  throw new ThroughlineError(
    'database',
    `${file} was moved while it was open, without its log: what was changed last lies in ${logOf(place)}.`,
    `Nothing was changed. Move ${logOf(place)} to ${logOf(file)}, then open the project again. To go on without those changes, delete it.`,
  );
}

/** Gives a finished file its name; never in place of another. */
function giveName(partial: string, file: string, exists: () => Error): void {
  try {
    linkSync(partial, file);
  } catch (error) {
    if (existsSync(file)) throw exists();
    if (!(error instanceof Error)) throw error;
    renameSync(partial, file); // a file system without links
  }
}

/** Says who has a file that could not be had alone. */
function inUseElsewhere(error: unknown, file: string): unknown {
  if (!isBusy(error)) return error;
  const [who, hint] = isOpenInThroughline(file)
    ? ['open in another Throughline', 'Go on in that window, or close it and open the project here again.']
    : ['being used by another program', 'Close that program, or wait until it is done, and open the project again.'];
  return new ThroughlineError('database', `${file} is ${who}.`, hint, { cause: error });
}

/**
 * Throughline has a file for itself alone, readers included, keeps a log beside it, and needs no index file for the log;
 * other programs do.
 */
function isOpenInThroughline(file: string): boolean {
  const index = `${file}-shm`;
  if (existsSync(index) || !existsSync(logOf(file))) return false;
  const reader = connect(file, 0, { readonly: true });
  try {
    reader.prepare('SELECT count(*) FROM sqlite_schema').get();
    return false;
  } catch (error) {
    return isBusy(error);
  } finally {
    reader.close();
    rmSync(index, { force: true });
  }
}
