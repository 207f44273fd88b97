import { existsSync, renameSync, rmSync } from 'node:fs';
import type Database from 'better-sqlite3';
import type { Ancestor } from '../../shared/api/types.ts';
import { ThroughlineError } from '../../shared/errors.ts';
import type { Take } from '../../shared/project/document.ts';
import type { ChunkArtifact, StoredChunk } from './chunk-schema.ts';
import { ChunkStore } from './chunk-store.ts';
import { checkpointAndClose, databaseError, isSqliteError } from './database.ts';
import { openDatabase } from './open-database.ts';
import { projectHistory } from './project-file-schema.ts';
import type {
  ChunkMedia,
  DocumentChange,
  NamedVersion,
  ProjectContents,
  ProjectUsage,
  StoredJob,
} from './project-file-types.ts';

/** Another window may take this long to close a file, in milliseconds. */
const patienceMs = 400;
/** So many chunks, the newest, are measured for estimates. */
const measuredChunks = 30;
/** So long after a write, in milliseconds, the file alone holds it. */
const tidyingAfterMs = 1500;
const inUse = 'in-use';

/**
 * One project in one SQLite file: document, history, takes, jobs, and every generated chunk with its pictures. While it
 * is open nobody else can open it. Every write is one transaction that survives a kill and, once it has returned, a
 * power cut.
 *
 * Synchronous: it lives in a thread of its own (project-file-thread.ts). Every method throws ThroughlineError
 * `database` if the file is out of reach, full, or damaged.
 */
export class ProjectFile {
  readonly #file: string;
  readonly #db: Database.Database;
  readonly #chunks: ChunkStore;
  readonly #backup: string | null;
  readonly #crashed: boolean;
  #tidying: NodeJS.Timeout | null = null;

  private constructor(file: string, db: Database.Database, backup: string | undefined) {
    this.#file = file;
    this.#db = db;
    this.#chunks = ChunkStore.inside(file, db);
    this.#backup = backup ?? null;
    this.#crashed = this.#fact(inUse) !== undefined;
    this.setFact(inUse, 'yes');
  }

  /**
   * Opens the project at `file`.
   * @param newDocument makes a new project with this document (JSON) instead; the file must not be there yet
   */
  static async open(file: string, newDocument: string | null): Promise<ProjectFile> {
    if (newDocument !== null && existsSync(file)) {
      throw new ThroughlineError('bad-input', `There is already a file ${file}.`, 'Choose another name.');
    }
    if (newDocument === null && !existsSync(file)) {
      throw new ThroughlineError('database', `There is no project ${file}.`, 'It may have been moved or deleted.');
    }
    const { db, backup } = await openDatabase(file, projectHistory, {
      busyTimeoutMs: patienceMs,
      exclusive: true,
    }).catch((error) => {
      throw inUseElsewhere(error, file);
    });
    try {
      const project = new ProjectFile(file, db, backup);
      if (newDocument !== null) project.#insertDocument(newDocument);
      return project;
    } catch (error) {
      checkpointAndClose(db);
      throw inUseElsewhere(databaseError(error, file, 'opened'), file);
    }
  }

  /** Everything that is kept in memory while a project is open. */
  contents(): ProjectContents {
    return this.#guard('read', () => {
      const document = this.#db.prepare('SELECT number, at, data FROM document').get() as
        | { number: number; at: number; data: string }
        | undefined;
      if (!document) {
        throw new ThroughlineError(
          'database',
          `${this.#file} holds no storyboard.`,
          'It was left half made; delete it and begin again.',
        );
      }
      return {
        ...document,
        revisions: this.#db
          .prepare('SELECT id, label, gesture, delta FROM revision ORDER BY id')
          .all() as ProjectContents['revisions'],
        chunks: this.#db
          .prepare(`SELECT key, frame_count AS frameCount, device, strftime('%FT%TZ', created_at / 1000, 'unixepoch') AS createdAt
            FROM chunk JOIN chunk_frames ON chunk_key = key ORDER BY created_at`)
          .all() as ProjectContents['chunks'],
        takes: this.takes(),
        jobs: this.#db.prepare('SELECT id, data FROM job ORDER BY position').all() as StoredJob[],
        facts: Object.fromEntries(
          (this.#db.prepare('SELECT name, value FROM fact').all() as { name: string; value: string }[]).map(
            ({ name, value }) => [name, value],
          ),
        ),
        crashed: this.#crashed,
        backup: this.#backup,
      };
    });
  }

  /** Stores the document after a change, and the steps that undo and redo it. */
  saveDocument({ data, number, at, dropAfter, put, keepFrom }: DocumentChange): void {
    this.#write(() => {
      this.#db.prepare('UPDATE document SET data = ?, number = ?, at = ?').run(data, number, at);
      if (dropAfter !== null) this.#db.prepare('DELETE FROM revision WHERE id > ?').run(dropAfter);
      this.#db.prepare('DELETE FROM revision WHERE id < ?').run(keepFrom);
      const insert = this.#db.prepare('INSERT OR REPLACE INTO revision VALUES (@id, @label, @gesture, @delta)');
      for (const revision of put) insert.run(revision);
    });
  }

  /** Names a state of the document. */
  addVersion(name: string, data: string): void {
    this.#write(() =>
      this.#db.prepare('INSERT INTO version (name, created_at, data) VALUES (?, ?, ?)').run(name, Date.now(), data),
    );
  }

  /** Newest first. */
  versions(): NamedVersion[] {
    return this.#guard(
      'read',
      () =>
        this.#db
          .prepare(`SELECT id, name, strftime('%FT%TZ', created_at / 1000, 'unixepoch') AS createdAt
            FROM version ORDER BY id DESC`)
          .all() as NamedVersion[],
    );
  }

  /** The document (JSON) of a named version; null if there is none. */
  versionDocument(id: number): string | null {
    return this.#guard(
      'read',
      () => (this.#db.prepare('SELECT data FROM version WHERE id = ?').pluck().get(id) as string | undefined) ?? null,
    );
  }

  /** Commits a chunk with its pictures and, where it completes a shot, the take: all of it or nothing. */
  putChunk(artifact: ChunkArtifact, frameCount: number, media: readonly ChunkMedia[], take: Take | null): void {
    this.#write(() => {
      this.#chunks.put(artifact);
      this.#db.prepare('INSERT OR REPLACE INTO chunk_frames VALUES (?, ?)').run(artifact.key, frameCount);
      const insert = this.#db.prepare('INSERT OR REPLACE INTO media VALUES (?, ?, ?)');
      for (const { kind, data } of media) insert.run(artifact.key, kind, data);
      if (take) this.#insertTake(take);
    });
  }

  chunk(key: string): StoredChunk | null {
    return this.#chunks.get(key) ?? null;
  }

  /**
   * Looks through chunks, in the order they are stored, for those whose data or pictures were altered on the disk.
   * @param after 0 to begin, then `next` of the answer before
   * @param count how many to look at
   */
  findDamaged(after: number, count: number): { damaged: string[]; next: number | null } {
    return this.#guard('read', () => {
      const rows = this.#db
        .prepare('SELECT rowid AS id, key FROM chunk WHERE rowid > ? ORDER BY rowid LIMIT ?')
        .all(after, count) as { id: number; key: string }[];
      const damaged = rows.filter(({ key }) => !this.#chunks.isWhole(key) || !this.#hasPictures(key));
      return { damaged: damaged.map(({ key }) => key), next: rows.length < count ? null : (rows.at(-1)?.id ?? null) };
    });
  }

  #hasPictures(key: string): boolean {
    const kinds: readonly ChunkMedia['kind'][] = ['strip.webp', 'thumb.webp'];
    return kinds.every((kind) => isWholeWebp(this.media(key, kind)));
  }

  /** What a chunk was made after, root first, as far back as it is stored. */
  ancestors(key: string): Ancestor[] {
    return this.#guard(
      'read',
      () =>
        this.#db
          .prepare(`WITH RECURSIVE line (key) AS (
              SELECT parent_key FROM chunk WHERE key = ?
              UNION ALL SELECT chunk.parent_key FROM chunk JOIN line USING (key)
            )
            SELECT key, chunk_index AS chunkIndex, recipe ->> '$.prompt' AS prompt
            FROM chunk JOIN line USING (key) ORDER BY chunk_index`)
          .all(key) as Ancestor[],
    );
  }

  /** Clean latents; null if the chunk is not stored. */
  latents(key: string): Float32Array | null {
    return this.#chunks.has(key) ? this.#chunks.latents(key) : null;
  }

  media(key: string, kind: ChunkMedia['kind']): Uint8Array | null {
    return this.#guard(
      'read',
      () =>
        (this.#db.prepare('SELECT data FROM media WHERE chunk_key = ? AND kind = ?').pluck().get(key, kind) as
          | Buffer
          | undefined) ?? null,
    );
  }

  /** Oldest first. */
  takes(): Take[] {
    const rows = this.#guard('read', () =>
      this.#db
        .prepare(`SELECT id, shot_id AS shotId, prompt, seed, keys,
          strftime('%FT%TZ', created_at / 1000, 'unixepoch') AS createdAt FROM take ORDER BY created_at, rowid`)
        .all(),
    ) as (Omit<Take, 'keys'> & { keys: string })[];
    return rows.map((row) => ({ ...row, keys: JSON.parse(row.keys) as string[] }));
  }

  putTake(take: Take): void {
    this.#write(() => this.#insertTake(take));
  }

  /** Replaces the queue, in order. */
  saveJobs(jobs: readonly StoredJob[]): void {
    this.#write(() => {
      this.#db.prepare('DELETE FROM job').run();
      const insert = this.#db.prepare('INSERT INTO job VALUES (?, ?, ?)');
      for (const [position, { id, data }] of jobs.entries()) insert.run(id, position, data);
    });
  }

  setFact(name: string, value: string): void {
    this.#write(() => this.#db.prepare('INSERT OR REPLACE INTO fact VALUES (?, ?)').run(name, value));
  }

  usage(): ProjectUsage {
    return this.#guard('read', () => {
      const { chunks, bytes, fileBytes } = this.#chunks.usage();
      const times = this.#db
        .prepare('SELECT elapsed_ms FROM chunk ORDER BY created_at DESC LIMIT ?')
        .pluck()
        .all(measuredChunks) as number[];
      return { chunks, bytes, fileBytes, recentElapsedMs: times };
    });
  }

  /** Deletes chunks that are not in `keep`, and takes that lose one of theirs. With `dryRun` only counts. */
  deleteUnused(keep: readonly string[], dryRun: boolean): { chunks: number; bytes: number } {
    const freed = this.#write(() => {
      const counted = this.#chunks.deleteUnused(keep, { dryRun: true });
      if (dryRun) return counted;
      const kept = JSON.stringify(keep);
      this.#db.prepare('DELETE FROM chunk WHERE key NOT IN (SELECT value FROM json_each(?))').run(kept);
      this.#db
        .prepare(
          'DELETE FROM take WHERE EXISTS (SELECT 1 FROM json_each(keys) WHERE value NOT IN (SELECT key FROM chunk))',
        )
        .run();
      return counted;
    });
    if (!dryRun) this.#guard('written', () => this.#db.pragma('incremental_vacuum'));
    return freed;
  }

  /** A complete copy at `target`, which appears only when it is whole; a file already there is replaced. */
  async copyTo(target: string): Promise<void> {
    const partial = `${target}.${process.pid}.part`;
    try {
      await this.#db.backup(partial);
      renameSync(partial, target);
    } catch (error) {
      throw databaseError(error, target, 'written');
    } finally {
      rmSync(partial, { force: true });
    }
  }

  /** Notes a clean end, moves the WAL into the file and closes it. Idempotent. */
  close(): void {
    if (this.#tidying) clearTimeout(this.#tidying);
    if (!this.#db.open) return;
    try {
      this.#db.prepare('DELETE FROM fact WHERE name = ?').run(inUse);
    } catch {} // a full disk must not keep the file open
    this.#chunks.dispose();
  }

  #insertDocument(data: string): void {
    this.#write(() => this.#db.prepare('INSERT INTO document VALUES (1, 0, 0, ?)').run(data));
  }

  #insertTake({ id, shotId, prompt, seed, keys, createdAt }: Take): void {
    this.#db
      .prepare('INSERT OR IGNORE INTO take VALUES (?, ?, ?, ?, ?, ?)')
      .run(id, shotId, prompt, seed, JSON.stringify(keys), Date.parse(createdAt));
  }

  #fact(name: string): string | undefined {
    return this.#guard('read', () => this.#db.prepare('SELECT value FROM fact WHERE name = ?').pluck().get(name)) as
      | string
      | undefined;
  }

  #write<Result>(action: () => Result): Result {
    this.#tidying ??= setTimeout(() => this.#moveLog(), tidyingAfterMs).unref();
    return this.#guard('written', () => this.#db.transaction(action).immediate());
  }

  /** Moves the WAL into the file itself: whoever copies only that, as sync tools do, has nearly everything. */
  #moveLog(): void {
    this.#tidying = null;
    try {
      if (this.#db.open) this.#db.pragma('wal_checkpoint(PASSIVE)');
    } catch {} // the WAL holds it all the same
  }

  #guard<Result>(doing: string, action: () => Result): Result {
    try {
      return action();
    } catch (error) {
      throw isSqliteError(error) ? databaseError(error, this.#file, doing) : error;
    }
  }
}

function inUseElsewhere(error: unknown, file: string): unknown {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (!/^SQLITE_(BUSY|LOCKED)/.test(code)) return error;
  return new ThroughlineError(
    'database',
    `${file} is open in another Throughline.`,
    'Go on in that window, or close it and open the project here again.',
    { cause: error },
  );
}

/** Whether bytes begin as a WebP picture does and are as long as they say. */
function isWholeWebp(bytes: Uint8Array | null): boolean {
  if (!bytes || bytes.length < 12) return false;
  const { buffer, byteOffset, byteLength } = bytes;
  const header = Buffer.from(buffer, byteOffset, byteLength);
  const named = header.toString('latin1', 0, 4) === 'RIFF' && header.toString('latin1', 8, 12) === 'WEBP';
  return named && header.readUInt32LE(4) + 8 === byteLength;
}
