import { renameSync } from 'node:fs';
import type Database from 'better-sqlite3';
import type { Ancestor } from '../../shared/api/types.ts';
import type { Asset, DerivedKind } from '../../shared/assets/asset.ts';
import { ThroughlineError } from '../../shared/errors.ts';
import type { Take } from '../../shared/project/document.ts';
import {
  type AssetContent,
  type AssetPart,
  AssetStore,
  type FreedAssets,
  type NewAsset,
} from './assets/asset-store.ts';
import { takeAssets } from './assets/take-assets.ts';
import type { ChunkArtifact, StoredChunk } from './chunk-schema.ts';
import { ChunkStore } from './chunk-store.ts';
import { databaseError, isDamage } from './database.ts';
import { type Fallbacks, goodDocumentFact, noteGoodDocument, readFallbacks } from './good-document.ts';
import { partialFileFor, removePartial } from './partial-file.ts';
import { isWholeWebp } from './pictures.ts';
import { ProjectConnection } from './project-connection.ts';
import { readContents, readTakes } from './project-contents.ts';
import { createProjectFile, endSession, finishCopy, openProjectDatabase, writeWithMark } from './project-database.ts';
import type {
  ChunkMedia,
  DocumentChange,
  NamedVersion,
  ProjectContents,
  ProjectUsage,
  PutChunk,
  StoredJob,
} from './project-file-types.ts';

/** So many chunks, the newest, are measured for estimates. */
const measuredChunks = 30;

/**
 * One project in one SQLite file: document, history, takes, jobs, and every generated chunk with its pictures. While it
 * is open nobody else can open it. Every write is one transaction that survives a kill and, once it has returned, a
 * power cut; it returns only if the file is still where it was opened.
 *
 * Synchronous: it lives in a thread of its own (project-file-thread.ts). Every method throws ThroughlineError
 * `database` if the file is out of reach, moved, or damaged, and `disk-full`. After a disk was out of reach the file is
 * opened again by itself, if it is as it was.
 */
export class ProjectFile {
  readonly #connection: ProjectConnection;

  private constructor(connection: ProjectConnection) {
    this.#connection = connection;
  }

  /**
   * Opens the project at `file`.
   * @param newDocument makes a new project with this document (JSON) instead; the file must not be there yet
   */
  static async open(file: string, newDocument: string | null): Promise<ProjectFile> {
    if (newDocument !== null) await createProjectFile(file, newDocument);
    const opened = await openProjectDatabase(file);
    try {
      const project = new ProjectFile(new ProjectConnection(file, opened));
      writeWithMark(opened.db, () => project.#assets.dropUnfinished());
      return project;
    } catch (error) {
      endSession(file, opened.id, opened.db);
      throw databaseError(error, file, 'opened');
    }
  }

  get #db(): Database.Database {
    return this.#connection.db;
  }

  get #chunks(): ChunkStore {
    return ChunkStore.inside(this.#connection.file, this.#db);
  }

  get #assets(): AssetStore {
    return new AssetStore(this.#db, this.#connection.file);
  }

  /** Assets of the project, in the order they came. */
  assets(): Asset[] {
    return this.#connection.read(() => this.#assets.list());
  }

  /** Begins an asset, in pieces; see {@link AssetStore} for these. */
  beginAsset(asset: NewAsset): number {
    return this.#connection.write(() => this.#assets.begin(asset));
  }

  beginDerived(from: number, kind: DerivedKind): number {
    return this.#connection.write(() => this.#assets.beginDerived(from, kind));
  }

  appendToAsset(number: number, bytes: Uint8Array): void {
    this.#connection.write(() => this.#assets.append(number, bytes));
  }

  finishAsset(number: number, content: AssetContent): Asset {
    return this.#connection.write(() => this.#assets.finish(number, content));
  }

  dropAsset(number: number): void {
    this.#connection.write(() => this.#assets.drop(number));
  }

  /** Copies assets out of a project file that is not open; see {@link takeAssets}. */
  takeAssets(from: string, digests: readonly string[]): Promise<Asset[]> {
    return takeAssets(from, digests, (work) => this.#connection.write(() => work(this.#assets)));
  }

  readAsset(id: string, part: AssetPart, start: number, end: number): Uint8Array | null {
    return this.#connection.read(() => this.#assets.read(id, part, start, end));
  }

  readUnfinished(number: number, start: number, end: number): Uint8Array {
    return this.#connection.read(() => this.#assets.readNumbered(number, start, end));
  }

  /** Deletes assets that nothing of the project names. With `dryRun` only counts. */
  deleteUnusedAssets(dryRun: boolean): FreedAssets {
    if (dryRun) return this.#connection.read(() => this.#assets.deleteUnused(true));
    const freed = this.#connection.write(() => this.#assets.deleteUnused(false));
    if (freed.assets > 0) this.#connection.giveBackSpace();
    return freed;
  }

  /** Everything that is kept in memory while a project is open. */
  contents(): ProjectContents {
    return this.#connection.read(() => {
      const { facts, ...contents } = readContents(this.#db, this.#connection.file);
      const { [goodDocumentFact]: _, ...others } = facts;
      const { crashed, withoutLog, backup } = this.#connection.found;
      return { ...contents, assets: this.#assets.list(), facts: others, crashed, withoutLog, backup };
    });
  }

  /** Notes that the storyboard, as it is stored, can be read: {@link fallbacks} begins with it. */
  noteGood(): void {
    this.#connection.write(() => noteGoodDocument(this.#db));
  }

  /** Storyboards to fall back on where the one that is stored cannot be read, the best first. */
  fallbacks(): Fallbacks {
    return this.#connection.read(() => readFallbacks(this.#db));
  }

  /** Stores the document after a change, and the steps that undo and redo it. */
  saveDocument({ data, number, at, dropAfter, put, keepFrom }: DocumentChange): void {
    this.#connection.write(() => {
      this.#db.prepare('UPDATE document SET data = ?, number = ?, at = ?').run(data, number, at);
      if (dropAfter !== null) this.#db.prepare('DELETE FROM revision WHERE id > ?').run(dropAfter);
      this.#db.prepare('DELETE FROM revision WHERE id < ?').run(keepFrom);
      const insert = this.#db.prepare('INSERT OR REPLACE INTO revision VALUES (@id, @label, @gesture, @delta)');
      for (const revision of put) insert.run(revision);
    });
    this.#connection.noteNumber(number);
  }

  /** Names a state of the document. */
  addVersion(name: string, data: string): void {
    this.#connection.write(() =>
      this.#db.prepare('INSERT INTO version (name, created_at, data) VALUES (?, ?, ?)').run(name, Date.now(), data),
    );
  }

  /** Newest first. */
  versions(): NamedVersion[] {
    return this.#connection.read(
      () =>
        this.#db
          .prepare(`SELECT id, name, strftime('%FT%TZ', created_at / 1000, 'unixepoch') AS createdAt
            FROM version ORDER BY id DESC`)
          .all() as NamedVersion[],
    );
  }

  /** Whether there was one of that number. */
  renameVersion(id: number, name: string): boolean {
    return this.#connection.write(
      () => this.#db.prepare('UPDATE version SET name = ? WHERE id = ?').run(name, id).changes > 0,
    );
  }

  /** Takes a named version away; what is stored for it stays until it is cleaned up. Whether there was one. */
  deleteVersion(id: number): boolean {
    return this.#connection.write(() => this.#db.prepare('DELETE FROM version WHERE id = ?').run(id).changes > 0);
  }

  /** The document (JSON) of a named version; null if there is none. */
  versionDocument(id: number): string | null {
    return this.#connection.read(
      () => (this.#db.prepare('SELECT data FROM version WHERE id = ?').pluck().get(id) as string | undefined) ?? null,
    );
  }

  /**
   * Commits a chunk with its pictures and, where it completes a shot, the take: all of it or nothing. One whose pictures
   * were damaged, or that was made after another result of its parent, is replaced, also by other bits.
   */
  putChunk(artifact: ChunkArtifact, frameCount: number, media: readonly ChunkMedia[], take: Take | null): PutChunk {
    const put = this.#connection.write(() => {
      const mayReplace = !this.#hasPictures(artifact.key) || this.#chunks.isOutdated(artifact.key);
      const changed = mayReplace ? this.#chunks.replace(artifact) : nothingReplaced;
      if (!mayReplace) this.#chunks.put(artifact);
      this.#db.prepare('INSERT OR REPLACE INTO chunk_frames VALUES (?, ?)').run(artifact.key, frameCount);
      const insert = this.#db.prepare('INSERT OR REPLACE INTO media VALUES (?, ?, ?)');
      for (const { kind, data } of media) insert.run(artifact.key, kind, data);
      if (take) this.#insertTake(take);
      return changed;
    });
    this.#connection.noteContent();
    this.#connection.moveLog(); // a chunk took long to make: whoever moves the file alone shall have it
    return put;
  }

  chunk(key: string): StoredChunk | null {
    return this.#connection.read(() => this.#chunks.get(key) ?? null);
  }

  /**
   * Looks through chunks, in the order they are stored, for those whose data or pictures were altered on the disk.
   * @param after 0 to begin, then `next` of the answer before
   * @param count how many to look at
   */
  findDamaged(after: number, count: number): { damaged: string[]; next: number | null } {
    return this.#connection.read(() => {
      const rows = this.#db
        .prepare('SELECT rowid AS id, key FROM chunk WHERE rowid > ? ORDER BY rowid LIMIT ?')
        .all(after, count) as { id: number; key: string }[];
      const damaged = rows.filter(({ key }) => !this.#isSound(key));
      return { damaged: damaged.map(({ key }) => key), next: rows.length < count ? null : (rows.at(-1)?.id ?? null) };
    });
  }

  #isSound(key: string): boolean {
    try {
      return this.#chunks.isWhole(key) && this.#hasPictures(key);
    } catch (error) {
      if (error instanceof ThroughlineError && isDamage(error.cause)) return false; // of this row alone
      throw error;
    }
  }

  #hasPictures(key: string): boolean {
    const kinds: readonly ChunkMedia['kind'][] = ['strip.webp', 'thumb.webp'];
    return kinds.every((kind) => isWholeWebp(this.media(key, kind)));
  }

  /** What a chunk was made after, root first, as far back as it is stored. */
  ancestors(key: string): Ancestor[] {
    return this.#connection.read(
      () =>
        this.#db
          .prepare(`WITH RECURSIVE line (key) AS (
              SELECT parent_key FROM chunk WHERE key = ?
              UNION SELECT chunk.parent_key FROM chunk JOIN line USING (key)
            )
            SELECT key, chunk_index AS chunkIndex, recipe ->> '$.prompt' AS prompt
            FROM chunk JOIN line USING (key) ORDER BY chunk_index`)
          .all(key) as Ancestor[],
    );
  }

  /** Clean latents; null if the chunk is not stored. */
  latents(key: string): Float32Array | null {
    return this.#connection.read(() => (this.#chunks.has(key) ? this.#chunks.latents(key) : null));
  }

  media(key: string, kind: ChunkMedia['kind']): Uint8Array | null {
    return this.#connection.read(
      () =>
        (this.#db.prepare('SELECT data FROM media WHERE chunk_key = ? AND kind = ?').pluck().get(key, kind) as
          | Buffer
          | undefined) ?? null,
    );
  }

  /** Oldest first. */
  takes(): Take[] {
    return this.#connection.read(() => readTakes(this.#db).rows);
  }

  putTake(take: Take): void {
    this.#connection.write(() => this.#insertTake(take));
  }

  /** Replaces the queue, in order. */
  saveJobs(jobs: readonly StoredJob[]): void {
    this.#connection.write(() => {
      this.#db.prepare('DELETE FROM job').run();
      const insert = this.#db.prepare('INSERT INTO job VALUES (?, ?, ?)');
      for (const [position, { id, data }] of jobs.entries()) insert.run(id, position, data);
    });
  }

  setFact(name: string, value: string): void {
    this.#connection.write(() => this.#db.prepare('INSERT OR REPLACE INTO fact VALUES (?, ?)').run(name, value));
    this.#connection.noteContent();
  }

  usage(): ProjectUsage {
    return this.#connection.read(() => {
      const { chunks, bytes, fileBytes } = this.#chunks.usage();
      const times = this.#db
        .prepare('SELECT elapsed_ms FROM chunk ORDER BY rowid DESC LIMIT ?')
        .pluck()
        .all(measuredChunks) as number[];
      return { chunks, bytes, fileBytes, recentElapsedMs: times };
    });
  }

  /** Deletes chunks that are not in `keep`, and takes that lose one of theirs. With `dryRun` only counts. */
  deleteUnused(keep: readonly string[], dryRun: boolean): { chunks: number; bytes: number } {
    const freed = this.#connection.write(() => {
      const counted = this.#chunks.deleteUnused(keep, { dryRun: true });
      if (dryRun) return counted;
      const kept = JSON.stringify(keep);
      this.#db.prepare('DELETE FROM chunk WHERE key NOT IN (SELECT value FROM json_each(?))').run(kept);
      this.#db
        .prepare(
          `DELETE FROM take WHERE CASE WHEN json_valid(keys)
            THEN EXISTS (SELECT 1 FROM json_each(keys) WHERE value NOT IN (SELECT key FROM chunk)) END`,
        )
        .run();
      return counted;
    });
    if (!dryRun) {
      this.#connection.noteContent();
      this.#connection.giveBackSpace();
    }
    return freed;
  }

  /** A complete copy at `target`, which appears only when it is whole; a file already there is replaced. */
  async copyTo(target: string): Promise<void> {
    const partial = partialFileFor(target);
    try {
      await this.#db.backup(partial);
      finishCopy(partial);
      renameSync(partial, target);
    } catch (error) {
      throw databaseError(error, target, 'written');
    } finally {
      removePartial(partial);
    }
  }

  /** @throws ThroughlineError `database` unless the file is where it was opened */
  requireInPlace(): void {
    this.#connection.requireInPlace();
  }

  /** Notes a clean end, moves the log into the file and closes it. Idempotent. */
  close(): void {
    this.#connection.close();
  }

  #insertTake({ id, shotId, prompt, seed, keys, createdAt }: Take): void {
    this.#db
      .prepare('INSERT OR IGNORE INTO take VALUES (?, ?, ?, ?, ?, ?)')
      .run(id, shotId, prompt, seed, JSON.stringify(keys), Date.parse(createdAt));
  }
}

const nothingReplaced: PutChunk = { replaced: false, dependants: [] };
