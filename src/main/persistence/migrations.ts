import { closeSync, openSync, readSync, renameSync } from 'node:fs';
import type Database from 'better-sqlite3';
import { ThroughlineError } from '../../shared/errors.ts';
import { databaseError, isEmpty, numberPragma } from './database.ts';
import { partialFileFor, removePartial } from './partial-file.ts';

/** One step of a schema. Never edited once released: a change is a new step. */
export interface Migration {
  /** What it does, in a few words; shown when it fails. */
  readonly what: string;
  /** Runs inside a transaction with foreign keys off; they are checked before it is committed. Synchronous. */
  readonly up: (db: Database.Database) => void;
}

export interface SchemaHistory {
  /** Goes into the header of the file; a file with another one is refused. */
  readonly applicationId: number;
  /** What the file is to a person: `project`. */
  readonly kind: string;
  /** What is in it can be made again: no copy is kept of an older one, which may be large. */
  readonly isCache?: boolean;
  /** Step i leads from version i to version i + 1. */
  readonly migrations: readonly Migration[];
}

/**
 * Brings a database to the newest version, each step in one transaction: killed at any moment, the file is at a whole
 * version and the next call goes on from there. An older file that holds something is copied beforehand (no cache is), through
 * SQLite's backup API, to the path that is returned.
 *
 * @throws ThroughlineError `database` for a file of another program or a newer version, which is left untouched, or
 *   if the backup or a step fails, which leaves the file as it was before that step
 */
export async function migrate(
  db: Database.Database,
  file: string,
  history: SchemaHistory,
): Promise<{ backup?: string }> {
  const { migrations } = history;
  const version = refuseStrangers(db, file, history);
  if (version === migrations.length) return {};

  const backup = version === 0 || history.isCache ? undefined : await backUp(db, file, version);
  db.pragma('foreign_keys = OFF');
  try {
    while (numberPragma(db, 'user_version') < migrations.length) step(db, file, history);
  } finally {
    db.pragma('foreign_keys = ON');
  }
  return backup === undefined ? {} : { backup };
}

/**
 * Returns the file's version: 0 for a new, empty file. Changes nothing.
 * @throws ThroughlineError `database` for a file of another program or a newer version
 */
export function refuseStrangers(db: Database.Database, file: string, history: SchemaHistory): number {
  const application = numberPragma(db, 'application_id');
  if (application === 0 && isEmpty(db)) return 0;
  if (application !== history.applicationId) {
    throw new ThroughlineError(
      'database',
      `${file} is a database, but not a Throughline ${history.kind}.`,
      'Choose another file. This one was not touched.',
    );
  }
  const version = numberPragma(db, 'user_version');
  if (version > history.migrations.length) throw newer(file, version, history);
  return version;
}

function step(db: Database.Database, file: string, { applicationId, migrations }: SchemaHistory): void {
  let what = '';
  try {
    db.transaction(() => {
      // Asked again under the write lock: another process may have taken this step meanwhile.
      const version = numberPragma(db, 'user_version');
      const migration = migrations[version];
      if (!migration) return;
      what = migration.what;
      migration.up(db);
      const broken = db.pragma('foreign_key_check') as unknown[];
      if (broken.length > 0) throw new Error(`it left ${broken.length} rows that refer to nothing`);
      db.pragma(`application_id = ${applicationId}`);
      db.pragma(`user_version = ${version + 1}`);
    }).immediate();
  } catch (error) {
    throw databaseError(error, file, what ? `brought up to date (${what})` : 'brought up to date');
  }
}

/** A copy beside the file, complete or not there at all; none if another process has brought the file up to date meanwhile. */
async function backUp(db: Database.Database, file: string, version: number): Promise<string | undefined> {
  const backup = `${file}.v${version}.backup`;
  const partial = partialFileFor(backup);
  try {
    removePartial(partial);
    await db.backup(partial);
    if (versionInHeader(partial) !== version) return undefined;
    renameSync(partial, backup);
    return backup;
  } catch (error) {
    throw databaseError(error, backup, 'written as a backup');
  } finally {
    removePartial(partial);
  }
}

/** `user_version`, read without opening the database, which would leave a WAL beside it. */
function versionInHeader(file: string): number {
  const bytes = Buffer.alloc(4);
  const descriptor = openSync(file, 'r');
  readSync(descriptor, bytes, 0, bytes.length, 60);
  closeSync(descriptor);
  return bytes.readUInt32BE();
}

function newer(file: string, version: number, { kind, migrations }: SchemaHistory): ThroughlineError {
  return new ThroughlineError(
    'database',
    `${file} was made by a newer Throughline (${kind} format ${version}; this one knows up to ${migrations.length}).`,
    'Update Throughline. The file was not touched.',
  );
}
