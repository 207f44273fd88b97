import { crc32 } from 'node:zlib';
import type Database from 'better-sqlite3';
import {
  type Asset,
  type AssetKind,
  assetKinds,
  type DerivedKind,
  soundFactsSchema,
} from '../../../shared/assets/asset.ts';
import { ThroughlineError } from '../../../shared/errors.ts';
import { footageFactsSchema } from '../../../shared/footage.ts';
import { damaged } from '../open-database.ts';
import { assetPieceBytes } from './asset-schema.ts';

/** What an asset is begun with. */
export interface NewAsset {
  readonly kind: AssetKind;
  readonly name: string;
}

/** What is known of an asset once all of it has come. */
export interface AssetContent {
  /** SHA-256 of its bytes, 64 hex digits. */
  readonly digest: string;
  readonly mediaType: string;
  /** What its kind says of it, as JSON can hold it. */
  readonly facts: unknown;
}

/** What of an asset is asked for: the file as it came, or something derived from it. */
export type AssetPart = 'original' | DerivedKind;

/** What a clean-up would free, or has freed. */
export interface FreedAssets {
  readonly assets: number;
  readonly bytes: number;
}

interface AssetRow {
  readonly id: number;
  readonly kind: string;
  readonly digest: string;
  readonly name: string;
  readonly media_type: string;
  readonly size_bytes: number;
  readonly facts: string | null;
}

/**
 * Assets in a project file. Written bit by bit under a number, and seen by nobody before {@link finish}; what a killed
 * process left half-written goes when the file is opened next.
 *
 * Lives in the database of whoever made it, who also wraps what SQLite throws. Methods that write are called inside a
 * transaction.
 */
export class AssetStore {
  readonly #db: Database.Database;
  readonly #file: string;

  constructor(db: Database.Database, file: string) {
    this.#db = db;
    this.#file = file;
  }

  /** Removes what was begun and never finished. */
  dropUnfinished(): void {
    this.#db.prepare('DELETE FROM asset WHERE derived_from IS NULL AND digest IS NULL').run();
  }

  /** Begins an asset. @returns its number, for {@link append} */
  begin({ kind, name }: NewAsset): number {
    const { lastInsertRowid } = this.#db
      .prepare('INSERT INTO asset (kind, name, media_type, size_bytes, created_at) VALUES (?, ?, ?, 0, ?)')
      .run(kind, name, '', Date.now());
    return Number(lastInsertRowid);
  }

  /** Begins what is derived from an asset that is being written. */
  beginDerived(from: number, kind: DerivedKind): number {
    const { lastInsertRowid } = this.#db
      .prepare(`INSERT INTO asset (derived_from, kind, name, media_type, size_bytes, created_at)
        SELECT id, ?, '', '', 0, created_at FROM asset WHERE id = ?`)
      .run(kind, from);
    return Number(lastInsertRowid);
  }

  /**
   * Adds the next piece: {@link assetPieceBytes}, or less where it is the last.
   * @throws ThroughlineError `database` if it is not there any more: the file was opened anew meanwhile
   */
  append(number: number, bytes: Uint8Array): void {
    const size = this.#db.prepare('SELECT size_bytes FROM asset WHERE id = ? AND digest IS NULL').pluck().get(number);
    if (typeof size !== 'number') throw lost();
    if (size % assetPieceBytes !== 0 || bytes.length > assetPieceBytes) {
      throw new ThroughlineError('internal', 'A piece of an asset has the wrong size.', 'Please report this.');
    }
    this.#db
      .prepare('INSERT INTO asset_piece VALUES (?, ?, ?, ?)')
      .run(number, size / assetPieceBytes, crc32(bytes), bytes);
    this.#db.prepare('UPDATE asset SET size_bytes = ? WHERE id = ?').run(size + bytes.length, number);
  }

  /** Makes an asset, with what was derived from it, part of the project. One of the same content takes its place. */
  finish(number: number, { digest, mediaType, facts }: AssetContent): Asset {
    const known = this.find(digest);
    if (known) {
      this.drop(number);
      return known;
    }
    const { changes } = this.#db
      .prepare('UPDATE asset SET digest = ?, media_type = ?, facts = ? WHERE id = ? AND derived_from IS NULL')
      .run(digest, mediaType, JSON.stringify(facts), number);
    const asset = this.find(digest);
    if (changes === 0 || !asset) throw lost();
    return asset;
  }

  /** Gives up what was begun. */
  drop(number: number): void {
    this.#db.prepare('DELETE FROM asset WHERE id = ? AND derived_from IS NULL AND digest IS NULL').run(number);
  }

  /** In the order they came. What was damaged on the disk is left out. */
  list(): Asset[] {
    return (this.#db.prepare(`SELECT ${columns} FROM asset WHERE ${isWhole} ORDER BY id`).all() as AssetRow[]).flatMap(
      (row) => assetOf(row) ?? [],
    );
  }

  find(digest: string): Asset | null {
    const row = this.#db.prepare(`SELECT ${columns} FROM asset WHERE ${isWhole} AND digest = ?`).get(digest);
    return row === undefined ? null : assetOf(row as AssetRow);
  }

  /** Size of a part, in bytes; null if there is no such part. */
  size(digest: string, part: AssetPart): number | null {
    return this.#partRow(digest, part)?.size_bytes ?? null;
  }

  /**
   * Bytes of a part, from `start` up to `end`, cut off where it ends; null if there is no such part.
   * @throws ThroughlineError `database` if they were altered on the disk
   */
  read(digest: string, part: AssetPart, start: number, end: number): Uint8Array | null {
    const row = this.#partRow(digest, part);
    return row && this.readNumbered(row.id, start, end);
  }

  /** As {@link read}, of one that may still be being written. */
  readNumbered(number: number, start: number, end: number): Uint8Array {
    const size = this.#db.prepare('SELECT size_bytes FROM asset WHERE id = ?').pluck().get(number);
    if (typeof size !== 'number') throw lost();
    const from = Math.min(Math.max(0, start), size);
    const to = Math.min(Math.max(from, end), size);
    const bytes = new Uint8Array(to - from);
    const piece = this.#db.prepare('SELECT crc32, data FROM asset_piece WHERE asset = ? AND place = ?');
    for (let at = from; at < to; ) {
      const place = Math.floor(at / assetPieceBytes);
      const row = piece.get(number, place) as { crc32: number; data: unknown } | undefined;
      const first = place * assetPieceBytes;
      const due = Math.min(assetPieceBytes, size - first);
      if (!(row?.data instanceof Uint8Array) || row.data.length !== due || crc32(row.data) !== row.crc32)
        throw damaged(this.#file, 'part of a sound or picture was altered');
      const part = row.data.subarray(at - first, Math.min(due, to - first));
      bytes.set(part, at - from);
      at += part.length;
    }
    return bytes;
  }

  /**
   * Deletes assets that nothing names any more: not the document, an undo step, a named version, a take, a chunk that was made from it, or what else
   * is kept of the project. With `dryRun` only counts.
   */
  deleteUnused(dryRun: boolean): FreedAssets {
    const unused = this.#db
      .prepare(`SELECT id, size_bytes + (SELECT coalesce(sum(size_bytes), 0) FROM asset AS made WHERE made.derived_from = asset.id) AS bytes
        FROM asset WHERE ${isWhole}
          AND NOT EXISTS (SELECT 1 FROM document WHERE instr(data, digest))
          AND NOT EXISTS (SELECT 1 FROM revision WHERE instr(delta, digest))
          AND NOT EXISTS (SELECT 1 FROM version WHERE instr(data, digest))
          AND NOT EXISTS (SELECT 1 FROM chunk WHERE instr(recipe, digest))
          AND NOT EXISTS (SELECT 1 FROM take WHERE instr(keys, digest))
          AND NOT EXISTS (SELECT 1 FROM fact WHERE instr(value, digest))`)
      .all() as { id: number; bytes: number }[];
    const remove = this.#db.prepare('DELETE FROM asset WHERE id = ?');
    if (!dryRun) for (const { id } of unused) remove.run(id);
    return { assets: unused.length, bytes: unused.reduce((sum, { bytes }) => sum + bytes, 0) };
  }

  #partRow(digest: string, part: AssetPart): { readonly id: number; readonly size_bytes: number } | null {
    const original = this.#db.prepare(`SELECT id, size_bytes FROM asset WHERE ${isWhole} AND digest = ?`).get(digest) as
      | { id: number; size_bytes: number }
      | undefined;
    if (!original || part === 'original') return original ?? null;
    return (
      (this.#db
        .prepare('SELECT id, size_bytes FROM asset WHERE derived_from = ? AND kind = ?')
        .get(original.id, part) as { id: number; size_bytes: number } | undefined) ?? null
    );
  }
}

const columns = 'id, kind, digest, name, media_type, size_bytes, facts';
const isWhole = 'derived_from IS NULL AND digest IS NOT NULL';

/** Null for a row that was damaged on the disk. */
function assetOf({ digest, kind, name, media_type, size_bytes, facts }: AssetRow): Asset | null {
  const known = assetKinds.find((candidate) => candidate === kind);
  if (!known) return null;
  const asset = { id: digest, kind: known, name, mediaType: media_type, sizeBytes: size_bytes, sound: null };
  try {
    switch (known) {
      case 'sound':
        return { ...asset, sound: soundFactsSchema.parse(JSON.parse(facts ?? '')) };
      case 'footage':
        return { ...asset, footage: footageFactsSchema.parse(JSON.parse(facts ?? '')) };
      case 'picture':
        return asset;
    }
  } catch {
    return null;
  }
}

function lost(): ThroughlineError {
  return new ThroughlineError(
    'database',
    'The file that was being added is not there any more: the project was opened anew meanwhile.',
    'Add it again.',
  );
}
