import type { Migration } from '../migrations.ts';

/** Bytes of every piece of an asset but its last. */
export const assetPieceBytes = 2 ** 20;

/**
 * Files that belong to a project, and what was derived from them, in pieces: neither writing nor reading one holds all
 * of it in memory. A row without a digest is still being written.
 */
export const assetTables: Migration = {
  what: 'assets: sounds and pictures',
  up: (db) =>
    db.exec(`
      CREATE TABLE asset (
        id INTEGER PRIMARY KEY,
        -- Null: an original. Derived content can be made again from the original, and goes with it.
        derived_from INTEGER REFERENCES asset (id) ON DELETE CASCADE,
        kind TEXT NOT NULL,
        digest TEXT, -- SHA-256 of its bytes
        name TEXT NOT NULL, media_type TEXT NOT NULL,
        size_bytes INTEGER NOT NULL, created_at INTEGER NOT NULL,
        facts TEXT -- JSON: what is known of an original
      ) STRICT;
      CREATE UNIQUE INDEX asset_digest ON asset (digest) WHERE derived_from IS NULL;
      CREATE UNIQUE INDEX asset_derived ON asset (derived_from, kind) WHERE derived_from IS NOT NULL;
      CREATE TABLE asset_piece (
        asset INTEGER NOT NULL REFERENCES asset (id) ON DELETE CASCADE,
        place INTEGER NOT NULL, -- counted from 0; each but the last has 1 MiB
        crc32 INTEGER NOT NULL,
        data BLOB NOT NULL,
        PRIMARY KEY (asset, place)
      ) STRICT;
    `),
};
