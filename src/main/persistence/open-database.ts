import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import type Database from 'better-sqlite3';
import { ThroughlineError } from '../../shared/errors.ts';
import { makeFolder } from '../files/index.ts';
import { busyTimeoutMs, connect, databaseError } from './database.ts';
import { migrate, refuseStrangers, type SchemaHistory } from './migrations.ts';
import { readHeader, readLog } from './write-ahead-log.ts';

export interface OpenDatabaseOptions {
  /** How long to wait for another process that is writing, in milliseconds; 5000 by default. */
  readonly busyTimeoutMs?: number;
  /**
   * False where everything lies elsewhere too: a cut of power may take what was written last, and nothing waits for the
   * disk. The file stays whole.
   */
  readonly isDurable?: boolean;
}

/**
 * Opens (or creates, with its folder) a database of chunks for safe writing, and brings it up to date. It is not read as
 * a whole, which takes long for a large one: every chunk is checked against its digest when it is read. The caller owns
 * the connection.
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
    makeFolder(path.dirname(file));
    requireWhole(file);
    db = connect(file, options.busyTimeoutMs ?? busyTimeoutMs);
    refuseStrangers(db, file, history);
    // Takes effect in a new file only; lets deleteUnused give space back.
    db.pragma('auto_vacuum = INCREMENTAL');
    db.pragma('journal_mode = WAL');
    db.pragma(`synchronous = ${options.isDurable === false ? 'NORMAL' : 'FULL'}`);
    const { backup } = await migrate(db, file, history);
    db.pragma('foreign_keys = ON');
    return { db, backup };
  } catch (error) {
    db?.close();
    throw databaseError(error, file, 'opened');
  }
}

/** A file that was cut off is told without reading it. Nobody in this process has it open. */
function requireWhole(file: string): void {
  if (!existsSync(file) || readLog(file)) return; // what is only in the log is not in the file yet
  const dueBytes = readHeader(file)?.dueBytes ?? 0;
  const { size } = statSync(file);
  if (size < dueBytes) throw damaged(file, `it has ${size} bytes instead of ${dueBytes}`);
}

export function damaged(file: string, what: string, cause?: unknown): ThroughlineError {
  return new ThroughlineError(
    'database',
    `${file} is damaged: ${what}.`,
    'Restore it from a backup; or delete it, and its chunks are generated again.',
    { cause },
  );
}
