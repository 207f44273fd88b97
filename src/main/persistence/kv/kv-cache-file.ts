import { closeSync, existsSync, openSync, readSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import type Database from 'better-sqlite3';
import { z } from 'zod';
import { ThroughlineError } from '../../../shared/errors.ts';
import type { KvStorage } from '../../../shared/render.ts';
import { makeFolder } from '../../files/index.ts';
import {
  applicationIds,
  connect,
  databaseError,
  isEmpty,
  isPassing,
  isSqliteError,
  numberPragma,
} from '../database.ts';

/** What K/V depend on: a cache made under another identity is of no use. */
export interface KvCacheIdentity {
  readonly modelDigest: string;
  readonly numericsVersion: number;
  readonly kvStorage: KvStorage;
}

/** Raise it when the tables change: older caches are then thrown away, never migrated. */
const schemaVersion = 1;
/** Bytes. Rows are hundreds of KB to some MB: three times the write speed of SQLite's default 4096. */
const pageSize = 65_536;
/** Bytes. A WAL that one big state made longer is cut back to this. */
const walLimit = 64 * 2 ** 20;

// `bytes` and `crc32` stand before `data`, so that reading them does not walk the blob; the index makes the sum cheap.
const schema = `
  CREATE TABLE meta (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    model_digest TEXT NOT NULL, numerics_version INTEGER NOT NULL, kv_storage TEXT NOT NULL
  ) STRICT;
  CREATE TABLE kv_page (
    id INTEGER PRIMARY KEY,
    pass_key TEXT NOT NULL, frame INTEGER NOT NULL, layer INTEGER NOT NULL, kind TEXT NOT NULL CHECK (kind IN ('k', 'v')),
    bytes INTEGER NOT NULL, crc32 INTEGER NOT NULL, data BLOB NOT NULL,
    UNIQUE (pass_key, frame, layer, kind)
  ) STRICT;
  CREATE INDEX kv_page_bytes ON kv_page (bytes);
  CREATE TABLE kv_state (
    id INTEGER PRIMARY KEY,
    chunk_key TEXT NOT NULL UNIQUE,
    last_used INTEGER NOT NULL, pinned INTEGER NOT NULL DEFAULT 0,
    bytes INTEGER NOT NULL, crc32 INTEGER NOT NULL, description TEXT NOT NULL
  ) STRICT;
  CREATE INDEX kv_state_last_used ON kv_state (pinned, last_used);
  CREATE TABLE kv_state_page (
    state_id INTEGER NOT NULL REFERENCES kv_state (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    page_id INTEGER NOT NULL REFERENCES kv_page (id),
    PRIMARY KEY (state_id, position)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX kv_state_page_page ON kv_state_page (page_id);
`;

const metaSchema = z.strictObject({
  model_digest: z.string(),
  numerics_version: z.int(),
  kv_storage: z.string(),
});

/** A reason to throw the cache away; not an error of the caller. */
class Discard extends Error {}

/**
 * Opens the cache file, or makes a new one where there is none. One that is damaged, of another version, or made by
 * another model is thrown away and made anew; `discarded` is the reason, a sentence. The caller owns the connection.
 *
 * @throws ThroughlineError `database` if the file is another program's database, or cannot be opened or written
 */
export function openKvCacheFile(
  file: string,
  identity: KvCacheIdentity,
): { db: Database.Database; discarded?: string } {
  try {
    makeFolder(path.dirname(file));
    try {
      return { db: tryOpen(file, identity) };
    } catch (error) {
      if (!(error instanceof Discard) && !isRuined(error)) throw error;
      const reason = error instanceof Discard ? error.message : 'The cache file was damaged.';
      return { discarded: reason + removeKvCacheFile(file), db: tryOpen(file, identity) };
    }
  } catch (error) {
    throw databaseError(error, file, 'opened');
  }
}

/**
 * Whether an error of SQLite means that the cache's content cannot be trusted. Damage shows in many ways (a missing
 * table, a broken constraint), and nothing is lost by starting anew, so: whatever the surroundings did not cause.
 */
export function isRuined(error: unknown): boolean {
  return isSqliteError(error) && !isPassing(error);
}

/**
 * Deletes the cache file, its WAL first, so that what a kill leaves behind is a cache too. Something unrecognisable
 * under that name may be a person's own file: it is moved aside, and the sentence that says so is returned.
 */
export function removeKvCacheFile(file: string): string {
  const aside = `${file}.unrecognised`;
  const strange = existsSync(file) && !looksLikeCache(file);
  if (strange) renameSync(file, aside);
  for (const ending of ['-wal', '-shm', '']) rmSync(file + ending, { force: true });
  return strange ? ` It was not recognisable as a cache and was moved to ${aside}.` : '';
}

/** Recognises a cache by its header even where one half of it is destroyed. An empty file counts as one. */
function looksLikeCache(file: string): boolean {
  const header = Buffer.alloc(72);
  const descriptor = openSync(file, 'r');
  const length = readSync(descriptor, header, 0, header.length, 0);
  closeSync(descriptor);
  if (length === 0) return true;
  const isSqlite = header.toString('latin1', 0, 16) === 'SQLite format 3\0';
  return isSqlite || header.readUInt32BE(68) === applicationIds.kvCache;
}

function tryOpen(file: string, identity: KvCacheIdentity): Database.Database {
  const db = connect(file);
  try {
    const application = numberPragma(db, 'application_id');
    if (application !== applicationIds.kvCache) {
      if (application !== 0 || !isEmpty(db)) throw notOurs(file);
      // Neither can be changed once there is a page.
      db.pragma(`page_size = ${pageSize}`);
      db.pragma('auto_vacuum = INCREMENTAL');
    }
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = OFF');
    db.pragma('foreign_keys = ON');
    db.pragma(`journal_size_limit = ${walLimit}`);
    db.transaction(() => {
      // Asked again under the write lock: another process may have made it meanwhile.
      if (isEmpty(db)) create(db, identity);
    }).immediate();
    check(db, identity);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function create(db: Database.Database, identity: KvCacheIdentity): void {
  db.exec(schema);
  db.prepare('INSERT INTO meta VALUES (1, ?, ?, ?)').run(
    identity.modelDigest,
    identity.numericsVersion,
    identity.kvStorage,
  );
  db.pragma(`application_id = ${applicationIds.kvCache}`);
  db.pragma(`user_version = ${schemaVersion}`);
}

function check(db: Database.Database, identity: KvCacheIdentity): void {
  const version = numberPragma(db, 'user_version');
  if (version !== schemaVersion) {
    throw new Discard(`The cache was in format ${version}; this version uses format ${schemaVersion}.`);
  }
  const row = db.prepare('SELECT model_digest, numerics_version, kv_storage FROM meta').get();
  const meta = metaSchema.safeParse(row);
  if (!meta.success) throw new Discard('The cache does not say which model made it.');
  if (meta.data.model_digest !== identity.modelDigest) throw new Discard('The cache was made by another model.');
  if (meta.data.numerics_version !== identity.numericsVersion) {
    throw new Discard('The cache was made by a version that computes other numbers.');
  }
  if (meta.data.kv_storage !== identity.kvStorage) {
    throw new Discard(`The cache stores K/V as ${meta.data.kv_storage}, but ${identity.kvStorage} was asked for.`);
  }
}

function notOurs(file: string): ThroughlineError {
  return new ThroughlineError(
    'database',
    `${file} is a database of something else, so it is not used as a K/V cache.`,
    'Choose another file for the cache. This one was not touched.',
  );
}
