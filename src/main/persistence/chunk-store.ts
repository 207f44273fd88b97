import { createHash } from 'node:crypto';
import { crc32, deflateSync, inflateSync } from 'node:zlib';
import type Database from 'better-sqlite3';
import { z } from 'zod';
import { ThroughlineError } from '../../shared/errors.ts';
import { chunkKey } from '../../shared/keys.ts';
import { readRecord } from '../../shared/record-versions.ts';
import {
  type ChunkArtifact,
  chunkArtifactSchema,
  chunkStoreHistory,
  type StoredChunk,
  storedChunkSchema,
} from './chunk-schema.ts';
import { checkpointAndClose, databaseError, isSqliteError, numberPragma } from './database.ts';
import { damaged, type OpenDatabaseOptions, openDatabase } from './open-database.ts';
import type { PutChunk } from './project-file-types.ts';

export interface ChunkStoreUsage {
  readonly chunks: number;
  /** Bytes of latents, records (compressed) and media. */
  readonly bytes: number;
  /** Bytes of the database file on disk, its WAL not counted. */
  readonly fileBytes: number;
}

/** A record is no longer than this, unpacked: what says otherwise is not ours. */
const longestRecordBytes = 256 * 2 ** 20;

/** SHA-256 of latents as they are stored (fp32, little-endian), 64 hex digits. */
export function latentsDigest(latents: Float32Array): string {
  return digestOf(bytesOf(latents));
}

/**
 * Committed chunks, in a SQLite file: immutable, each written in one transaction that survives a kill and, once
 * {@link put} has returned, a power cut. Several processes may have the same file open; a writer waits for another
 * for some seconds and then fails with `database`.
 *
 * Every method throws ThroughlineError `database` if the file is out of reach, full, or damaged.
 * Owner: whoever opened it; call {@link dispose}.
 */
export class ChunkStore {
  /** The copy that was made because an older file had to be brought up to date. */
  readonly backup: string | undefined;
  readonly #file: string;
  readonly #db: Database.Database;
  #disposed = false;

  private constructor(file: string, db: Database.Database, backup: string | undefined) {
    this.#file = file;
    this.#db = db;
    this.backup = backup;
  }

  /**
   * Opens the store at `file`, or creates it (and its folder), and brings it up to date. What is in it is checked when
   * it is read.
   *
   * @param options `busyTimeoutMs`: how long to wait for another process that is writing; 5000 by default
   * @throws ThroughlineError `database` if the file is damaged, newer than this version, or something else altogether.
   *   It is never changed or deleted then.
   */
  static async open(file: string, options: OpenDatabaseOptions = {}): Promise<ChunkStore> {
    const { db, backup } = await openDatabase(file, chunkStoreHistory, options);
    return new ChunkStore(file, db, backup);
  }

  /** The store in a database that holds more than chunks; disposing of the store closes the database. */
  static inside(file: string, db: Database.Database): ChunkStore {
    return new ChunkStore(file, db, undefined);
  }

  /** A chunk without its latents; undefined if it is not stored. */
  get(key: string): StoredChunk | undefined {
    return this.#guard('read', () => {
      const row = this.#db.prepare(`SELECT ${describingColumns}, crc32 FROM chunk WHERE key = ?`).get(key) as
        | (DescribingRow & { crc32: number })
        | undefined;
      if (!row) return undefined;
      if (checksum(row) !== row.crc32) throw damaged(this.#file, `the description of chunk ${key} was altered`);
      try {
        return storedChunkSchema.parse({
          key: row.key,
          parentKey: row.parent_key,
          model: JSON.parse(row.model),
          recipe: JSON.parse(row.recipe),
          latentsDigest: row.latents_digest,
          parentLatentsDigest: row.parent_latents_digest,
          record: readRecord(unpack(row.record), this.#file).value,
          device: row.device,
          elapsedMs: row.elapsed_ms,
          createdAt: new Date(row.created_at),
        });
      } catch (error) {
        throw damaged(this.#file, `the description of chunk ${key} cannot be read`, error);
      }
    });
  }

  has(key: string): boolean {
    return this.#guard('read', () => this.#has(key));
  }

  /** Whether a chunk is stored, and all that is kept of it is as it was written. */
  isWhole(key: string): boolean {
    return this.#guard('read', () => this.#isWhole(key));
  }

  /**
   * Clean latents of a chunk, [chunkFrames, channels, height, width], in new memory owned by the caller, checked
   * against their digest.
   * @throws ThroughlineError `database` also if the chunk is not stored
   */
  latents(key: string): Float32Array {
    return this.#guard('read', () => {
      const row = this.#db.prepare('SELECT latents, latents_digest AS digest FROM chunk WHERE key = ?').get(key) as
        | { latents: Buffer; digest: string }
        | undefined;
      if (!row) {
        throw new ThroughlineError('database', `Chunk ${key} is not in ${this.#file}.`, 'Generate it first.');
      }
      // Damage may change even a column's type.
      if (!(row.latents instanceof Uint8Array) || digestOf(row.latents) !== row.digest)
        throw damaged(this.#file, `the latents of chunk ${key} were altered`);
      // Copied, because what SQLite returns need not be aligned.
      return new Float32Array(new Uint8Array(row.latents).buffer);
    });
  }

  /**
   * Commits a chunk, in one transaction. Storing the same chunk with the same latents again changes nothing; one that
   * was altered on the disk is replaced.
   *
   * @returns whether it was new, or replaced one that was altered
   * @throws ThroughlineError `internal` for an artifact that contradicts itself; `database` if the key is stored with
   *   other latents (the message names both digests), or it cannot be written. Nothing has then changed.
   */
  put(artifact: ChunkArtifact): boolean {
    return this.#put(artifact, false).isNew;
  }

  /** As {@link put}, but other latents than those that are stored take their place. */
  replace(artifact: ChunkArtifact): PutChunk {
    const { replaced, dependants } = this.#put(artifact, true);
    return { replaced, dependants };
  }

  #put(artifact: ChunkArtifact, mayReplace: boolean): PutChunk & { readonly isNew: boolean } {
    const { key, recipe, latents, ...facts } = parse(artifact);
    const row: DescribingRow = {
      key,
      parent_key: facts.parentKey,
      chunk_index: recipe.chunkIndex,
      latents_digest: latentsDigest(latents),
      parent_latents_digest: facts.parentLatentsDigest,
      device: facts.device,
      elapsed_ms: facts.elapsedMs,
      created_at: Date.now(),
      model: JSON.stringify(facts.model),
      recipe: JSON.stringify(recipe),
      record: deflateSync(JSON.stringify(facts.record)),
    };
    return this.#write(() => {
      const stored = this.#db.prepare('SELECT latents_digest FROM chunk WHERE key = ?').pluck().get(key);
      const replaced = stored !== undefined && stored !== row.latents_digest;
      if (stored !== undefined && this.#isWhole(key)) {
        if (!replaced) return { isNew: false, replaced, dependants: [] };
        if (!mayReplace) throw conflict(key, String(stored), row.latents_digest);
      }
      this.#db.prepare('DELETE FROM chunk WHERE key = ?').run(key);
      const values = describing.map((column) => `@${column}`).join(', ');
      this.#db
        .prepare(`INSERT INTO chunk (${describingColumns}, crc32, latents) VALUES (${values}, @crc32, @latents)`)
        .run({ ...row, crc32: checksum(row), latents: bytesOf(latents) });
      return { isNew: true, replaced, dependants: replaced ? this.#dependants(key, row.latents_digest) : [] };
    });
  }

  /** Whether a chunk was made after another result of its parent than the one that is stored now. */
  isOutdated(key: string): boolean {
    return this.#guard(
      'read',
      () =>
        this.#db
          .prepare(`SELECT 1 FROM chunk AS made JOIN chunk AS parent ON parent.key = made.parent_key
            WHERE made.key = ? AND made.parent_latents_digest <> parent.latents_digest`)
          .get(key) !== undefined,
    );
  }

  /** Chunks that were made after other bits of `key` than these, and what was made after them. */
  #dependants(key: string, digest: string): string[] {
    return this.#db
      .prepare(`WITH RECURSIVE after (key) AS (
          SELECT key FROM chunk WHERE parent_key = ? AND parent_latents_digest IS NOT ?
          UNION SELECT chunk.key FROM chunk JOIN after ON chunk.parent_key = after.key
        ) SELECT key FROM after`)
      .pluck()
      .all(key, digest) as string[];
  }

  /** Those of `keys` that are not stored, in the same order. */
  missing(keys: readonly string[]): string[] {
    return this.#guard('read', () => keys.filter((key) => !this.#has(key)));
  }

  usage(): ChunkStoreUsage {
    return this.#guard('read', () => {
      const { chunks, bytes } = this.#db
        .prepare(`SELECT count(*) AS chunks, ${sumOfBytes} AS bytes FROM chunk`)
        .get() as {
        chunks: number;
        bytes: number;
      };
      return { chunks, bytes, fileBytes: numberPragma(this.#db, 'page_count') * numberPragma(this.#db, 'page_size') };
    });
  }

  /**
   * Deletes every chunk that is not in `keepKeys`, with its media, and gives the space back to the disk.
   * With `dryRun` it only says what that would free.
   */
  deleteUnused(keepKeys: Iterable<string>, { dryRun = false } = {}): { chunks: number; bytes: number } {
    const keep = JSON.stringify([...keepKeys]);
    const unused = 'FROM chunk WHERE key NOT IN (SELECT value FROM json_each(?))';
    const freed = this.#write(() => {
      const counted = this.#db.prepare(`SELECT count(*) AS chunks, ${sumOfBytes} AS bytes ${unused}`).get(keep);
      if (!dryRun) this.#db.prepare(`DELETE ${unused}`).run(keep);
      return counted as { chunks: number; bytes: number };
    });
    if (!dryRun) this.#guard('written', () => this.#db.pragma('incremental_vacuum'));
    return freed;
  }

  /** Counts uses of the store, by whatever process: what is used after this has a higher turn. */
  turn(): number {
    return this.#guard('read', () => this.#db.prepare(`SELECT ${lastTurn}`).pluck().get() as number);
  }

  /** Notes that these chunks were used now: the others are the first to go when the store shrinks. */
  touch(keys: readonly string[]): void {
    this.#write(() =>
      this.#db
        .prepare(`INSERT OR REPLACE INTO chunk_use (chunk_key, turn)
          SELECT key, ${lastTurn} + 1 FROM chunk WHERE key IN (SELECT value FROM json_each(?))`)
        .run(JSON.stringify(keys)),
    );
  }

  /**
   * Deletes chunks, those that were used longest ago first and the end of a story before its beginning, until the rest
   * takes no more than `budgetBytes`, and gives the space back to the disk. What was used after `turn` stays. The order
   * is that of use, by a counter: a clock that was wrong once changes nothing.
   */
  shrinkTo(budgetBytes: number, turn: number): { chunks: number; bytes: number } {
    const freed = { chunks: 0, bytes: 0 };
    const excess = this.usage().bytes - budgetBytes;
    if (excess <= 0) return freed;
    this.#write(() => {
      const oldest = this.#db
        .prepare(`SELECT key, ${bytesOfRow} AS bytes FROM chunk LEFT JOIN chunk_use ON chunk_key = key
          WHERE coalesce(turn, 0) <= ? ORDER BY coalesce(turn, 0), chunk_index DESC`)
        .all(turn) as { key: string; bytes: number }[];
      const remove = this.#db.prepare('DELETE FROM chunk WHERE key = ?');
      for (const { key, bytes } of oldest) {
        if (freed.bytes >= excess) break;
        remove.run(key);
        freed.chunks++;
        freed.bytes += bytes;
      }
    });
    this.#guard('written', () => this.#db.pragma('incremental_vacuum'));
    return freed;
  }

  /** Checkpoints the WAL and closes the file. Idempotent. */
  dispose(): void {
    this.#disposed = true;
    checkpointAndClose(this.#db);
  }

  #has(key: string): boolean {
    return this.#db.prepare('SELECT 1 FROM chunk WHERE key = ?').get(key) !== undefined;
  }

  #isWhole(key: string): boolean {
    const row = this.#db.prepare(`SELECT ${describingColumns}, crc32, latents FROM chunk WHERE key = ?`).get(key) as
      | (DescribingRow & { readonly crc32: number; readonly latents: unknown })
      | undefined;
    if (!row || checksum(row) !== row.crc32) return false;
    return row.latents instanceof Uint8Array && digestOf(row.latents) === row.latents_digest;
  }

  #write<Result>(action: () => Result): Result {
    return this.#guard('written', () => this.#db.transaction(action).immediate());
  }

  #guard<Result>(doing: string, action: () => Result): Result {
    if (this.#disposed) throw new ThroughlineError('internal', `${this.#file} is closed.`, 'Please report this.');
    try {
      return action();
    } catch (error) {
      throw isSqliteError(error) ? databaseError(error, this.#file, doing) : error;
    }
  }
}

/** All that is kept of a chunk but its latents, as the table has it. */
interface DescribingRow {
  readonly key: string;
  readonly parent_key: string | null;
  readonly chunk_index: number;
  readonly latents_digest: string;
  readonly parent_latents_digest: string | null;
  readonly device: string;
  readonly elapsed_ms: number;
  /** Milliseconds since 1970. */
  readonly created_at: number;
  /** JSON. */
  readonly model: string;
  /** JSON. */
  readonly recipe: string;
  /** JSON, deflated. */
  readonly record: Buffer;
}

/** Fixed for ever: the checksums of stored chunks are made in this order. */
const describing = [
  ...(['key', 'parent_key', 'chunk_index', 'latents_digest', 'parent_latents_digest'] as const),
  ...(['device', 'elapsed_ms', 'created_at', 'model', 'recipe', 'record'] as const),
];
const describingColumns = describing.join(', ');

function checksum(row: DescribingRow): number {
  return describing.reduce((sum, column) => {
    const value = row[column];
    return crc32(value instanceof Uint8Array ? value : `${column}=${value}\n`, sum);
  }, 0);
}

function unpack(record: Uint8Array): unknown {
  return JSON.parse(inflateSync(record, { maxOutputLength: longestRecordBytes }).toString());
}

const lastTurn = '(SELECT coalesce(max(turn), 0) FROM chunk_use)';

/** Bytes that a row of `chunk` holds, its media included. */
const bytesOfRow = `length(latents) + length(record) +
  (SELECT coalesce(sum(length(data)), 0) FROM media WHERE media.chunk_key = chunk.key)`;
/** Bytes that the rows of `chunk` in a query hold. */
const sumOfBytes = `coalesce(sum(${bytesOfRow}), 0)`;

function parse(artifact: ChunkArtifact): ChunkArtifact {
  const parsed = chunkArtifactSchema.safeParse(artifact);
  if (!parsed.success) throw contradiction(artifact.key, z.prettifyError(parsed.error));
  const { key, parentKey, model, recipe, record } = parsed.data;
  const due = chunkKey({ parentKey, model, recipe });
  if (key !== due) throw contradiction(key, `the key of its recipe is ${due}`);
  if (record.chunkIndex !== recipe.chunkIndex) {
    throw contradiction(key, `its record is of chunk ${record.chunkIndex}, its recipe of chunk ${recipe.chunkIndex}`);
  }
  return parsed.data;
}

function bytesOf(latents: Float32Array): Buffer {
  return Buffer.from(latents.buffer, latents.byteOffset, latents.byteLength);
}

function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function contradiction(key: string, what: string): ThroughlineError {
  return new ThroughlineError('internal', `Chunk ${key} was not stored: ${what}.`, 'Please report this.');
}

function conflict(key: string, stored: string, given: string): ThroughlineError {
  return new ThroughlineError(
    'database',
    `Chunk ${key} is already stored with other latents: ${stored} are stored, ${given} were given.`,
    'The same recipe gave two results, perhaps on two devices. The stored one is kept.',
  );
}
