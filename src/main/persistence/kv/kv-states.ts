import { crc32 } from 'node:zlib';
import type Database from 'better-sqlite3';
import type { PageRef } from './kv-pages.ts';

/** A state as its rows have it. */
export interface StateRows {
  readonly description: string;
  readonly pages: readonly PageRef[];
  /** Whether this is what was stored. */
  readonly isSound: boolean;
}

/**
 * The rows of `kv_state` and `kv_state_page`: states, and which pages each needs. Throws what SQLite throws; transactions
 * are the caller's.
 */
export class KvStates {
  readonly #db: Database.Database;

  constructor(db: Database.Database) {
    this.#db = db;
  }

  /** The state after a chunk; undefined where none is stored. */
  find(chunkKey: string): StateRows | undefined {
    const row = this.#db.prepare('SELECT id, crc32, description FROM kv_state WHERE chunk_key = ?').get(chunkKey) as
      | { id: number; crc32: number; description: string }
      | undefined;
    if (!row) return undefined;
    const pages = this.#db
      .prepare(`
        SELECT pass_key AS passKey, frame, layer FROM kv_state_page JOIN kv_page ON kv_page.id = page_id
        WHERE state_id = ? AND position % 2 = 0 ORDER BY position`)
      .all(row.id) as PageRef[];
    const { description } = row;
    return { description, pages, isSound: checksum(chunkKey, description, pages) === row.crc32 };
  }

  /** The last of `chunkKeys` whose state is stored. */
  findLast(chunkKeys: readonly string[]): string | undefined {
    const find = this.#db.prepare('SELECT 1 FROM kv_state WHERE chunk_key = ?');
    return chunkKeys.findLast((key) => find.get(key) !== undefined);
  }

  /**
   * Stores a state that {@link find} did not find, as the one used last.
   * @param pageIds row ids of K and V of each of `pages`, in their order
   * @returns its row id
   */
  insert(chunkKey: string, description: string, pages: readonly PageRef[], pageIds: readonly number[]): number {
    const id = this.#db
      .prepare(`
        INSERT INTO kv_state (chunk_key, last_used, bytes, crc32, description)
        VALUES (?, (SELECT coalesce(max(last_used), 0) + 1 FROM kv_state), ?, ?, ?)`)
      .run(
        chunkKey,
        Buffer.byteLength(description),
        checksum(chunkKey, description, pages),
        description,
      ).lastInsertRowid;
    const refer = this.#db.prepare('INSERT INTO kv_state_page (state_id, position, page_id) VALUES (?, ?, ?)');
    for (const [position, page] of pageIds.entries()) refer.run(id, position, page);
    return Number(id);
  }

  /** It is the one used last from now on. False if it is not stored. */
  touch(chunkKey: string): boolean {
    return (
      this.#db
        .prepare('UPDATE kv_state SET last_used = (SELECT max(last_used) + 1 FROM kv_state) WHERE chunk_key = ?')
        .run(chunkKey).changes > 0
    );
  }

  /** False if it is not stored. */
  setPinned(chunkKey: string, pinned: boolean): boolean {
    const update = 'UPDATE kv_state SET pinned = ? WHERE chunk_key = ?';
    return this.#db.prepare(update).run(pinned ? 1 : 0, chunkKey).changes > 0;
  }

  /** Row id of the state after a chunk, where it is stored. */
  idsOf(chunkKey: string): number[] {
    return this.#ids('SELECT id FROM kv_state WHERE chunk_key = ?', chunkKey);
  }

  /** Row ids of the state after a chunk, and of every state that needs a page of the chunk's passes; each once. */
  idsFrom(chunkKey: string): number[] {
    return this.#ids(
      `SELECT id FROM kv_state WHERE chunk_key = @chunkKey
       UNION SELECT state_id FROM kv_state_page JOIN kv_page ON kv_page.id = page_id WHERE pass_key = @chunkKey`,
      { chunkKey },
    );
  }

  /** Row ids of the states that need a page; one may come several times. */
  idsWith({ passKey, frame, layer }: PageRef): number[] {
    return this.#ids(
      `SELECT state_id FROM kv_state_page JOIN kv_page ON kv_page.id = page_id
       WHERE pass_key = ? AND frame = ? AND layer = ?`,
      passKey,
      frame,
      layer,
    );
  }

  /** Row id of the least recently used state that is neither pinned nor `spared`; undefined where there is none. */
  leastUsed(spared: number | null): number | undefined {
    return this.#db
      .prepare('SELECT id FROM kv_state WHERE pinned = 0 AND id IS NOT ? ORDER BY last_used LIMIT 1')
      .pluck()
      .get(spared) as number | undefined;
  }

  /** Removes a state, and the pages that no other one needs. */
  remove(stateId: number): void {
    const pages = this.#db
      .prepare(`
        SELECT DISTINCT page_id FROM kv_state_page AS mine WHERE state_id = @stateId AND NOT EXISTS
          (SELECT 1 FROM kv_state_page AS other WHERE other.page_id = mine.page_id AND other.state_id <> @stateId)`)
      .pluck()
      .all({ stateId }) as number[];
    this.#db.prepare('DELETE FROM kv_state WHERE id = ?').run(stateId);
    const remove = this.#db.prepare('DELETE FROM kv_page WHERE id = ?');
    for (const page of pages) remove.run(page);
  }

  get count(): number {
    return this.#db.prepare('SELECT count(*) FROM kv_state').pluck().get() as number;
  }

  /** Of all descriptions. */
  get bytes(): number {
    return this.#db.prepare('SELECT coalesce(sum(bytes), 0) FROM kv_state').pluck().get() as number;
  }

  #ids(query: string, ...parameters: (string | number | Record<string, string>)[]): number[] {
    return this.#db
      .prepare(query)
      .pluck()
      .all(...parameters) as number[];
  }
}

/** Covers which pages a state needs, too: rows that were damaged may lead to others. */
function checksum(chunkKey: string, description: string, pages: readonly PageRef[]): number {
  const refs = pages.map(({ passKey, frame, layer }) => `${passKey} ${frame} ${layer}`);
  return crc32([chunkKey, description, ...refs].join('\n'));
}
