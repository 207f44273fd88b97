import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type Database from 'better-sqlite3';
import { ThroughlineError } from '../../shared/errors.ts';
import { busyTimeoutMs, connect, databaseError } from './database.ts';
import { migrate, refuseStrangers, type SchemaHistory } from './migrations.ts';

export interface OpenDatabaseOptions {
  /** How long to wait for another process that is writing, in milliseconds; 5000 by default. */
  readonly busyTimeoutMs?: number;
  /** Nobody else may have the file open, as long as this connection lives; the system lets go of it if we are killed. */
  readonly exclusive?: boolean;
}

/**
 * Opens (or creates, with its folder) a database of chunks for safe writing, checks the whole file, and brings it up to
 * date. The caller owns the connection.
 *
 * @throws ThroughlineError `database` if the file is damaged, newer than this version, something else altogether, or in
 *   use. It is never changed or deleted then.
 */
export async function openDatabase(
  file: string,
  history: SchemaHistory,
  options: OpenDatabaseOptions = {},
): Promise<{ db: Database.Database; backup: string | undefined }> {
  let db: Database.Database | undefined;
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    db = connect(file, options.busyTimeoutMs ?? busyTimeoutMs);
    // Before anything is read, so that the index of the WAL is in our own memory and the lock covers everything.
    if (options.exclusive) db.pragma('locking_mode = EXCLUSIVE');
    refuseStrangers(db, file, history);
    const damage = db.pragma('quick_check(1)', { simple: true });
    if (damage !== 'ok') throw damaged(file, String(damage));
    // Takes effect in a new file only; lets deleteUnused give space back.
    db.pragma('auto_vacuum = INCREMENTAL');
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    const { backup } = await migrate(db, file, history);
    db.pragma('foreign_keys = ON');
    return { db, backup };
  } catch (error) {
    db?.close();
    throw databaseError(error, file, 'opened');
  }
}

export function damaged(file: string, what: string, cause?: unknown): ThroughlineError {
  return new ThroughlineError(
    'database',
    `${file} is damaged: ${what}.`,
    'Restore it from a backup; or delete it, and its chunks are generated again.',
    { cause },
  );
}
