import type Database from 'better-sqlite3';
import { ThroughlineError } from '../../../shared/errors.ts';
import { freeBytesAt } from '../../files/index.ts';
import { checkpointAndClose, databaseError, isSqliteError, numberPragma } from '../database.ts';
import { diskNearlyFull, overBudget } from './kv-cache-errors.ts';
import { isRuined, type KvCacheIdentity, openKvCacheFile, removeKvCacheFile } from './kv-cache-file.ts';
import { KvPages, type PageBytes, PageDamage, type PageRef } from './kv-pages.ts';
import { KvStates } from './kv-states.ts';

export interface KvCacheOptions extends KvCacheIdentity {
  /** Bytes of pages and descriptions that may stay stored. The file itself may be up to a quarter larger. */
  readonly budgetBytes: number;
  /**
   * Bytes of the disk that are left to others: a film's chunks must find room where states of memory, which can be
   * rebuilt, would take the last of it. Half a gibibyte by default.
   */
  readonly leaveFreeBytes?: number;
  /** Bytes that may still be written beside the file; asks the disk by default. */
  readonly freeBytes?: () => number;
}

/** What {@link KvCache.putState} stores. */
export interface NewKvState {
  /** What is needed to rebuild the state around its pages; the cache does not look into it. JSON. */
  readonly description: string;
  /** Every page of the state, in an order that {@link StoredKvState.pages} keeps. */
  readonly pages: readonly PageRef[];
  /** Called, in order, for those pages only that are not stored yet. The cache keeps no reference to the result. */
  readonly read: (ref: PageRef) => PageBytes;
}

/** What {@link KvCache.getState} found. */
export interface StoredKvState {
  readonly description: string;
  readonly pages: readonly PageRef[];
  /**
   * The bytes of one of `pages`, owned by the caller, checked against their checksum.
   * @throws ThroughlineError `database` if the page is damaged, or gone because the state was evicted meanwhile. A
   *   damaged page has then been dropped along with every state that needs it: replay instead, and store again.
   */
  readonly load: (ref: PageRef) => PageBytes;
}

export interface KvCacheUsage {
  /** Bytes of pages and descriptions. */
  readonly bytes: number;
  readonly states: number;
  /** K and V of one frame and layer count as one. */
  readonly pages: number;
  readonly budgetBytes: number;
  /** Bytes of the database file on disk, its WAL not counted. */
  readonly fileBytes: number;
}

const defaultLeaveFreeBytes = 512 * 2 ** 20;
/** Part of the budget by which the file may exceed it before free space is given back to the disk. */
const slack = 0.25;

/**
 * The memory states of chunks, in a SQLite file of the engine process. Pages are immutable and shared between states.
 *
 * **It is only a cache.** Every method may throw a ThroughlineError `database` (disk full, damaged, locked by another
 * process for too long), and the caller treats that as "not cached": it goes on rendering, and replays where it would
 * have restored. A failed call leaves the cache as it was. If SQLite finds the file itself damaged, the cache is
 * deleted and made anew before the error is thrown, so that later calls work again.
 *
 * Owner: whoever opened it; call {@link dispose}.
 */
export class KvCache {
  readonly #file: string;
  readonly #options: KvCacheOptions;
  #db: Database.Database;
  #pages: KvPages;
  #states: KvStates;
  #disposed = false;

  private constructor(file: string, options: KvCacheOptions, db: Database.Database) {
    this.#file = file;
    this.#options = options;
    this.#db = db;
    this.#pages = new KvPages(db);
    this.#states = new KvStates(db);
  }

  /**
   * Opens or creates the cache at `file` (and its folder), and evicts down to the budget. `discarded` is a sentence: why the
   * cache that was there has been thrown away.
   *
   * @throws ThroughlineError `database` if the file belongs to another program or cannot be opened or written;
   *   `bad-input` if the budget is not a positive number
   */
  static open(file: string, options: KvCacheOptions): { cache: KvCache; discarded?: string } {
    if (!(options.budgetBytes > 0)) {
      throw new ThroughlineError(
        'bad-input',
        `The cache's budget is ${options.budgetBytes} bytes.`,
        'Give it a positive number of bytes.',
      );
    }
    const { db, discarded } = openKvCacheFile(file, options);
    const cache = new KvCache(file, options, db);
    try {
      cache.evict();
    } catch (error) {
      if (!(error instanceof ThroughlineError) || !isRuined(error.cause)) {
        cache.dispose();
        throw error;
      }
      return { cache, discarded: 'The cache file was damaged.' };
    }
    return discarded === undefined ? { cache } : { cache, discarded };
  }

  /**
   * Those of `refs` whose bytes {@link putState} would ask for: for callers that must fetch them from a device,
   * which takes an await, before they call it.
   */
  missingPages(refs: readonly PageRef[]): PageRef[] {
    return this.#guard('read', () => refs.filter((ref) => !this.#pages.find(ref)));
  }

  /**
   * Stores a state under its chunk's key, in one transaction, and evicts others to stay within the budget. A state
   * that is already stored only counts as used.
   *
   * @throws ThroughlineError `database` if it cannot be stored, also because it and the pinned states exceed the budget;
   *   and whatever `read` throws. Nothing has then changed.
   */
  putState(chunkKey: string, state: NewKvState): void {
    const room = this.#guard('read', () => this.#room());
    this.#write('written', () => {
      if (this.#states.touch(chunkKey)) return;
      const ids: number[] = [];
      let bytes = Buffer.byteLength(state.description);
      for (const ref of state.pages) {
        const page = this.#pages.find(ref) ?? this.#pages.insert(ref, state.read(ref));
        ids.push(...page.ids);
        bytes += page.bytes;
        if (bytes > Math.min(this.#options.budgetBytes, room)) throw this.#overfull(chunkKey);
      }
      const id = this.#states.insert(chunkKey, state.description, state.pages, ids);
      this.#evictExcept(id, room);
      if (this.#isOverfull(room)) throw this.#overfull(chunkKey);
    });
    this.#shrink();
  }

  /** The state after a chunk, or undefined where none is stored (or it was damaged, and has been dropped). Counts as a use. */
  getState(chunkKey: string): StoredKvState | undefined {
    const state = this.#guard('read', () => this.#states.find(chunkKey));
    if (!state) return undefined;
    if (!state.isSound) {
      this.#drop(() => this.#states.idsOf(chunkKey));
      return undefined;
    }
    try {
      this.#write('written', () => this.#states.touch(chunkKey));
    } catch (error) {
      // A full disk or a busy file does not make the state unreadable.
      if (!(error instanceof ThroughlineError) || isRuined(error.cause)) throw error;
    }
    return { description: state.description, pages: state.pages, load: (ref) => this.#load(ref) };
  }

  /**
   * Drops what an earlier making of a chunk left: its state, and every state that rests on a page of its passes. For a
   * chunk that is made anew: its numbers may be others (another device), and pages are found by name, not by content.
   */
  forget(chunkKey: string): void {
    // Nearly always there is nothing, and then nothing is written.
    if (this.#guard('read', () => this.#states.idsFrom(chunkKey)).length === 0) return;
    this.#drop(() => this.#states.idsFrom(chunkKey));
  }

  /** The last of `chunkKeys` whose state is stored: given root first, the nearest ancestor. Does not count as a use. */
  hasState(chunkKeys: readonly string[]): string | undefined {
    return this.#guard('read', () => this.#states.findLast(chunkKeys));
  }

  /** Keeps a state from being evicted, until {@link unpin}. False if it is not stored. */
  pin(chunkKey: string): boolean {
    return this.#write('written', () => this.#states.setPinned(chunkKey, true));
  }

  /** False if the state is not stored. */
  unpin(chunkKey: string): boolean {
    return this.#write('written', () => this.#states.setPinned(chunkKey, false));
  }

  /** Drops states, least recently used first, until the budget holds or only pinned ones are left. Returns how many. */
  evict(): number {
    const room = this.#guard('read', () => this.#room());
    const dropped = this.#write('written', () => {
      // Only damage leaves such pages behind.
      this.#db.exec('DELETE FROM kv_page WHERE NOT EXISTS (SELECT 1 FROM kv_state_page WHERE page_id = kv_page.id)');
      return this.#evictExcept(null, room);
    });
    this.#shrink();
    return dropped;
  }

  usage(): KvCacheUsage {
    return this.#guard('read', () => ({
      bytes: this.#bytes(),
      states: this.#states.count,
      pages: this.#pages.usage().pages,
      budgetBytes: this.#options.budgetBytes,
      fileBytes: this.#fileBytes(),
    }));
  }

  /**
   * Drops everything, pinned states too, and gives the space back to the disk. Works on a full disk as well, where
   * SQLite could not even delete a row: the file is deleted and made anew.
   */
  clear(): void {
    this.#guard('deleted', () => this.#startAnew());
  }

  /** Checkpoints the WAL and closes the file. Idempotent. */
  dispose(): void {
    this.#disposed = true;
    checkpointAndClose(this.#db);
  }

  #load(ref: PageRef): PageBytes {
    try {
      return this.#guard('read', () => this.#pages.load(ref));
    } catch (error) {
      if (error instanceof ThroughlineError && error.cause instanceof PageDamage) {
        this.#drop(() => this.#states.idsWith(ref));
      }
      throw error;
    }
  }

  /** Drops states by their row ids, and the pages that nobody else needs. */
  #drop(ids: () => readonly number[]): void {
    this.#write('written', () => {
      for (const id of new Set(ids())) this.#states.remove(id);
    });
  }

  #evictExcept(spared: number | null, room: number): number {
    let dropped = 0;
    while (this.#isOverfull(room)) {
      const id = this.#states.leastUsed(spared);
      if (id === undefined) break;
      this.#states.remove(id);
      dropped++;
    }
    return dropped;
  }

  #bytes(): number {
    return this.#pages.usage().bytes + this.#states.bytes;
  }

  #fileBytes(): number {
    return numberPragma(this.#db, 'page_count') * numberPragma(this.#db, 'page_size');
  }

  /**
   * Bytes that the file may have now, so that the disk keeps what is to be left free. Infinite where that is no matter.
   * Free pages of the file count as room: it does not grow for what is put there.
   */
  #room(): number {
    const growth = this.#freeBytes() - (this.#options.leaveFreeBytes ?? defaultLeaveFreeBytes);
    const room = Math.max(0, this.#fileBytes() + growth);
    return room >= this.#options.budgetBytes * (1 + slack) ? Number.POSITIVE_INFINITY : room;
  }

  #isOverfull(room: number): boolean {
    return this.#bytes() > this.#options.budgetBytes || this.#usedBytes() > room;
  }

  /** Bytes of the file that hold something. */
  #usedBytes(): number {
    return this.#fileBytes() - numberPragma(this.#db, 'freelist_count') * numberPragma(this.#db, 'page_size');
  }

  #freeBytes(): number {
    return this.#options.freeBytes?.() ?? freeBytesAt(this.#file);
  }

  /**
   * Gives free space back where the file is well above its budget: after the budget was lowered, mostly. Where the disk
   * is nearly full, all of it. What had to be stored is committed by then, so a failure is left for the next time.
   */
  #shrink(): void {
    try {
      this.#guard('written', () => {
        const { budgetBytes } = this.#options;
        const room = this.#room();
        const isTight = this.#fileBytes() > room;
        const excess = this.#fileBytes() - Math.min(room, budgetBytes);
        if (excess <= (isTight ? 0 : budgetBytes * slack)) return;
        this.#db.pragma(`incremental_vacuum(${Math.ceil(excess / numberPragma(this.#db, 'page_size'))})`);
        if (isTight) this.#db.pragma('wal_checkpoint(TRUNCATE)');
      });
    } catch {}
  }

  #overfull(chunkKey: string): ThroughlineError {
    const { budgetBytes } = this.#options;
    return this.#bytes() > budgetBytes ? overBudget(chunkKey, budgetBytes) : diskNearlyFull(chunkKey);
  }

  #write<Result>(doing: string, action: () => Result): Result {
    return this.#guard(doing, () => this.#db.transaction(action).immediate());
  }

  #guard<Result>(doing: string, action: () => Result): Result {
    if (this.#disposed) throw new ThroughlineError('internal', 'The K/V cache is closed.', 'Please report this.');
    // Making a damaged cache anew may have failed, for want of space.
    if (!this.#db.open) this.#reopen();
    try {
      return action();
    } catch (error) {
      if (isRuined(error)) this.#startAnew();
      if (error instanceof PageDamage) {
        const hint = 'The state is replayed instead.';
        throw new ThroughlineError('database', `In ${this.#file} ${error.message}.`, hint, { cause: error });
      }
      // Anything else is the caller's own, from its `read`.
      throw isSqliteError(error) ? databaseError(error, this.#file, doing) : error;
    }
  }

  #startAnew(): void {
    // Not checkpointed: that would need space, for content that is about to go.
    this.#db.close();
    removeKvCacheFile(this.#file);
    this.#reopen();
  }

  #reopen(): void {
    this.#db = openKvCacheFile(this.#file, this.#options).db;
    this.#pages = new KvPages(this.#db);
    this.#states = new KvStates(this.#db);
  }
}
