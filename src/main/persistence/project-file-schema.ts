import { assetTables } from './assets/asset-schema.ts';
import { chunkTables } from './chunk-schema.ts';
import { applicationIds } from './database.ts';
import type { SchemaHistory } from './migrations.ts';

/** A project file: a chunk store, and what the person made of it. Never edited once released; a change is a new step. */
export const projectHistory: SchemaHistory = {
  applicationId: applicationIds.project,
  kind: 'project',
  migrations: [
    chunkTables,
    {
      what: 'the document, its history, takes and jobs',
      up: (db) =>
        db.exec(`
          -- Frames of a chunk's pictures, so that a list of chunks need not read their records.
          CREATE TABLE chunk_frames (
            chunk_key TEXT PRIMARY KEY REFERENCES chunk (key) ON DELETE CASCADE,
            frame_count INTEGER NOT NULL
          ) STRICT;
          -- One row. \`at\`: the revision that \`data\` is the result of (0: none); later ones can be redone.
          CREATE TABLE document (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            number INTEGER NOT NULL, at INTEGER NOT NULL,
            data TEXT NOT NULL
          ) STRICT;
          CREATE TABLE revision (
            id INTEGER PRIMARY KEY,
            label TEXT NOT NULL, gesture TEXT, delta TEXT NOT NULL
          ) STRICT;
          CREATE TABLE version (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL, created_at INTEGER NOT NULL, data TEXT NOT NULL
          ) STRICT;
          CREATE TABLE take (
            id TEXT PRIMARY KEY,
            shot_id TEXT NOT NULL, prompt TEXT NOT NULL, seed INTEGER NOT NULL,
            keys TEXT NOT NULL, created_at INTEGER NOT NULL
          ) STRICT;
          CREATE TABLE job (id TEXT PRIMARY KEY, position INTEGER NOT NULL, data TEXT NOT NULL) STRICT;
          CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
        `),
    },
    assetTables,
  ],
};
