import Database from 'better-sqlite3';
import { type ErrorCode, ThroughlineError } from '../../shared/errors.ts';

/** How long a statement waits for another process to finish its transaction, in milliseconds. */
export const busyTimeoutMs = 5000;

/** Numbers in the file header that say whose a SQLite file is ("TLKV", "TLCH", "TLPR"). */
export const applicationIds = { kvCache: 0x544c_4b56, chunkStore: 0x544c_4348, project: 0x544c_5052 } as const;

/**
 * Turns an error of SQLite or of the file system into a sentence and a next step; ours pass through.
 * `doing` completes "... could not be ...": `read`, `written`, `opened`.
 */
export function databaseError(error: unknown, file: string, doing: string): ThroughlineError {
  if (error instanceof ThroughlineError) return error;
  const failed = (why: string, hint: string, kind: ErrorCode = 'database') =>
    new ThroughlineError(kind, `${file} could not be ${doing}: ${why}.`, hint, { cause: error });
  const code = codeOf(error);
  if (isDamage(error))
    return failed(
      'it is damaged, or not a database',
      'Restore the file from a backup, or delete it if it is only a cache.',
    );
  switch (primaryCode(code)) {
    case 'SQLITE_FULL':
    case 'ENOSPC':
    case 'EDQUOT':
      return failed(
        'the disk is full',
        'Free some space and try again. What was stored before is still there.',
        'disk-full',
      );
    case 'SQLITE_BUSY':
    case 'SQLITE_LOCKED':
      return failed(
        'another process is using it',
        'Close the other window or command that has it open, then try again.',
      );
    case 'SQLITE_READONLY':
    case 'SQLITE_PERM':
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return failed('the system does not allow writing there', 'Check the permissions of the file and its folder.');
    case 'SQLITE_CANTOPEN':
    case 'ENOENT':
    case 'ENOTDIR':
    case 'EISDIR':
      return failed('there is no such file or folder, or it cannot be opened', 'Check that the folder exists.');
    case 'SQLITE_IOERR':
      return failed(`the disk reported an error (${code})`, 'Check the disk, and that it has free space.');
    default:
      return failed(error instanceof Error ? error.message : String(error), 'Please report this.');
  }
}

/** Whether SQLite says that the file's content is broken, as opposed to being out of reach. */
export function isDamage(error: unknown): boolean {
  const code = codeOf(error);
  return /^SQLITE_(CORRUPT|NOTADB|FORMAT)/.test(code) || code === 'SQLITE_IOERR_SHORT_READ';
}

/** Whether the error comes from the surroundings (disk, other processes, permissions): trying again may help. */
export function isPassing(error: unknown): boolean {
  const code = codeOf(error);
  if (code === 'SQLITE_IOERR_SHORT_READ') return false;
  return /^SQLITE_(FULL|BUSY|LOCKED|READONLY|PERM|CANTOPEN|IOERR|NOMEM|INTERRUPT|PROTOCOL)/.test(code);
}

/** Whether somebody else has the file at the moment. */
export function isBusy(error: unknown): boolean {
  return /^SQLITE_(BUSY|LOCKED)/.test(codeOf(error));
}

/** Whether the file is out of reach: the disk went away, or it is another file by now. Opening it again may help. */
export function isOutOfReach(error: unknown): boolean {
  const code = codeOf(error);
  return code !== 'SQLITE_IOERR_SHORT_READ' && /^SQLITE_(IOERR|CANTOPEN|READONLY)/.test(code);
}

export function isSqliteError(error: unknown): boolean {
  return error instanceof Database.SqliteError;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** `SQLITE_IOERR_WRITE` -> `SQLITE_IOERR`; codes of the file system stay as they are. */
function primaryCode(code: string): string {
  return /^SQLITE_[A-Z]+/.exec(code)?.[0] ?? code;
}

/**
 * Opens (or creates) a database file; statements wait up to `timeoutMs` for another process's transaction.
 * The caller owns the connection. Throws what SQLite throws.
 */
export function connect(
  file: string,
  timeoutMs = busyTimeoutMs,
  options: { readonly readonly?: boolean } = {},
): Database.Database {
  return new Database(file, { ...options, timeout: timeoutMs });
}

/** Whether the file is an empty database: new, or killed before its first transaction was committed. */
export function isEmpty(db: Database.Database): boolean {
  return db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() === 0;
}

export function numberPragma(db: Database.Database, name: string): number {
  return Number(db.pragma(name, { simple: true }));
}

/** Moves the WAL into the database file and closes it. Idempotent; never throws: nothing committed depends on it. */
export function checkpointAndClose(db: Database.Database): void {
  if (!db.open) return;
  try {
    db.pragma('wal_checkpoint(TRUNCATE)');
  } catch {}
  try {
    db.close();
  } catch {}
}
