import assert from 'node:assert/strict';
import { crc32 } from 'node:zlib';
import type Database from 'better-sqlite3';

/** One frame's K and V for one layer, as one pass made them. */
export interface PageRef {
  /** Names the pass (a commit or a recache) that computed the page; unique for ever, as pages are immutable. */
  readonly passKey: string;
  /** Latent frame, counted from the story's root. */
  readonly frame: number;
  readonly layer: number;
}

/** A page's content in the cache's storage type; see `encodeKv`. */
export interface PageBytes {
  readonly k: Uint8Array;
  readonly v: Uint8Array;
}

const kinds = ['k', 'v'] as const;
type Kind = (typeof kinds)[number];

interface PageRow {
  readonly id: number;
  readonly bytes: number;
  readonly crc32: number;
  readonly data: Buffer;
}

/** Thrown where a page is not what was stored. */
export class PageDamage extends Error {
  readonly ref: PageRef;

  constructor(ref: PageRef, what: string) {
    super(`the page of frame ${ref.frame}, layer ${ref.layer} (pass ${ref.passKey}) ${what}`);
    this.ref = ref;
  }
}

/** The rows of `kv_page`. Throws what SQLite throws; transactions are the caller's. */
export class KvPages {
  readonly #find: Database.Statement<[string, number, number, Kind], { id: number; bytes: number }>;
  readonly #read: Database.Statement<[string, number, number, Kind], PageRow>;
  readonly #insert: Database.Statement<[string, number, number, Kind, number, number, Uint8Array]>;
  readonly #usage: Database.Statement<[], { bytes: number; rows: number }>;

  constructor(db: Database.Database) {
    const where = 'FROM kv_page WHERE pass_key = ? AND frame = ? AND layer = ? AND kind = ?';
    this.#find = db.prepare(`SELECT id, bytes ${where}`);
    this.#read = db.prepare(`SELECT id, bytes, crc32, data ${where}`);
    this.#insert = db.prepare(
      'INSERT INTO kv_page (pass_key, frame, layer, kind, bytes, crc32, data) VALUES (?, ?, ?, ?, ?, ?, ?)',
    );
    this.#usage = db.prepare('SELECT coalesce(sum(bytes), 0) AS bytes, count(*) AS rows FROM kv_page');
  }

  /** Row ids and sizes of K and V, where both are stored. */
  find({ passKey, frame, layer }: PageRef): { ids: number[]; bytes: number } | undefined {
    const k = this.#find.get(passKey, frame, layer, 'k');
    const v = this.#find.get(passKey, frame, layer, 'v');
    return k && v && { ids: [k.id, v.id], bytes: k.bytes + v.bytes };
  }

  /** Stores a page that {@link find} did not find. */
  insert(ref: PageRef, page: PageBytes): { ids: number[]; bytes: number } {
    assert(Number.isSafeInteger(ref.frame) && Number.isSafeInteger(ref.layer), 'frame and layer are whole numbers');
    const ids = kinds.map((kind) => {
      const data = page[kind];
      const row = this.#insert.run(
        ref.passKey,
        ref.frame,
        ref.layer,
        kind,
        data.length,
        checksum(ref, kind, data),
        data,
      );
      return Number(row.lastInsertRowid);
    });
    return { ids, bytes: page.k.length + page.v.length };
  }

  /** @throws {@link PageDamage} if the page is missing or differs from what was stored */
  load(ref: PageRef): PageBytes {
    return { k: this.#load(ref, 'k'), v: this.#load(ref, 'v') };
  }

  /** Bytes of all pages; K and V together count as one page. */
  usage(): { bytes: number; pages: number } {
    const { bytes, rows } = this.#usage.get()!;
    return { bytes, pages: rows / kinds.length };
  }

  #load(ref: PageRef, kind: Kind): Uint8Array {
    const row = this.#read.get(ref.passKey, ref.frame, ref.layer, kind);
    if (!row) throw new PageDamage(ref, 'is not stored any more');
    // Damage may change even a column's type.
    if (!(row.data instanceof Uint8Array)) throw new PageDamage(ref, 'has no content');
    if (row.data.length !== row.bytes)
      throw new PageDamage(ref, `has ${row.data.length} bytes instead of ${row.bytes}`);
    if (checksum(ref, kind, row.data) !== row.crc32) throw new PageDamage(ref, 'does not match its checksum');
    return row.data;
  }
}

/** Covers what the page is as well as its bytes: a damaged index may lead to a sound row of another page. */
function checksum({ passKey, frame, layer }: PageRef, kind: Kind, data: Uint8Array): number {
  return crc32(data, crc32(`${passKey}\n${frame}\n${layer}\n${kind}`));
}
