import { z } from 'zod';
import { memoryRecordSchema } from '../../shared/memory-record.ts';
import { memorySettingsSchema } from '../../shared/memory-settings.ts';
import { recipeFirstFrameSchema, recipeFootageSchema, recipePictureSchema } from '../../shared/pictures.ts';
import { limits } from '../../shared/project/limits.ts';
import type { ChunkRecipe } from '../../shared/render.ts';
import { seedSchema, transitionSchema } from '../../shared/story.ts';
import { applicationIds } from './database.ts';
import type { Migration, SchemaHistory } from './migrations.ts';

export const digestSchema = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hex digits');

export const recipeSchema: z.ZodType<ChunkRecipe> = z.strictObject({
  chunkIndex: z.int().min(0),
  prompt: z.string(),
  seed: seedSchema,
  transition: transitionSchema,
  sampler: z.strictObject({ kind: z.enum(['renoise', 'euler']), steps: z.array(z.number()).min(1) }),
  memory: memorySettingsSchema,
  pictures: z.array(recipePictureSchema).max(limits.pictures).exactOptional(),
  firstFrame: recipeFirstFrameSchema.exactOptional(),
  footage: recipeFootageSchema.exactOptional(),
});

export const modelSchema = z.strictObject({
  digest: z.string().min(1),
  numericsVersion: z.int(),
  video: z.strictObject({ width: z.int().min(1), height: z.int().min(1), fps: z.number().positive() }),
  kvStorage: z.enum(['fp32', 'fp16', 'int8']),
});

/** What is kept of a chunk, besides its latents. */
const factsShape = {
  key: digestSchema,
  /** Null for the first chunk of a story. */
  parentKey: digestSchema.nullable(),
  /** What made it: with the recipe and the parent's key, all that goes into the key. */
  model: modelSchema,
  recipe: recipeSchema,
  /** SHA-256 of the latents that the parent had when this chunk was made from them; null without a parent. */
  parentLatentsDigest: digestSchema.nullable(),
  record: memoryRecordSchema,
  /** As the engine names it. */
  device: z.string().min(1),
  /** Wall time of making it, in milliseconds. */
  elapsedMs: z.number().min(0),
};

/** A finished chunk, as it is committed. */
export const chunkArtifactSchema = z.strictObject({
  ...factsShape,
  /** Clean latents, [chunkFrames, channels, height, width], row-major. */
  latents: z.instanceof(Float32Array),
});
export type ChunkArtifact = z.infer<typeof chunkArtifactSchema>;

/** A committed chunk, without its latents. */
export const storedChunkSchema = z.strictObject({
  ...factsShape,
  /** SHA-256 of the latents' bytes (fp32, little-endian), 64 hex digits. */
  latentsDigest: digestSchema,
  /** When it was committed. */
  createdAt: z.date(),
});
export type StoredChunk = z.infer<typeof storedChunkSchema>;

/** Chunks and their media. Small columns first, so that reading them does not walk the blobs. */
export const chunkTables: Migration = {
  what: 'chunks and their media',
  up: (db) =>
    db.exec(`
      CREATE TABLE chunk (
        key TEXT PRIMARY KEY,
        parent_key TEXT,
        chunk_index INTEGER NOT NULL,
        latents_digest TEXT NOT NULL, parent_latents_digest TEXT,
        device TEXT NOT NULL, elapsed_ms REAL NOT NULL, created_at INTEGER NOT NULL,
        crc32 INTEGER NOT NULL, -- of all other columns but the latents, which have their digest
        model TEXT NOT NULL, recipe TEXT NOT NULL,
        record BLOB NOT NULL,
        latents BLOB NOT NULL
      ) STRICT;
      CREATE INDEX chunk_parent ON chunk (parent_key);
      CREATE TABLE media (
        chunk_key TEXT NOT NULL REFERENCES chunk (key) ON DELETE CASCADE,
        kind TEXT NOT NULL,
        data BLOB NOT NULL,
        PRIMARY KEY (chunk_key, kind)
      ) STRICT;
    `),
};

/** A file of chunks alone, as the command line keeps one. A later step for chunks goes into project files as well. */
export const chunkStoreHistory: SchemaHistory = {
  applicationId: applicationIds.chunkStore,
  kind: 'chunk store',
  isCache: true,
  migrations: [
    chunkTables,
    {
      what: 'when chunks were last used',
      up: (db) =>
        db.exec(`
          CREATE TABLE chunk_use (
            chunk_key TEXT PRIMARY KEY REFERENCES chunk (key) ON DELETE CASCADE,
            used_at INTEGER NOT NULL -- milliseconds since 1970
          ) STRICT;
        `),
    },
    {
      what: 'the order in which chunks were used, whatever the clock says',
      up: (db) =>
        db.exec(`
          ALTER TABLE chunk_use RENAME COLUMN used_at TO turn; -- counts uses of the store
          -- What was used in the future was used under a clock that was wrong: it counts as oldest.
          UPDATE chunk_use SET turn = 0 WHERE turn > 1000 * unixepoch();
          UPDATE chunk_use SET turn = place FROM
            (SELECT chunk_key AS used, dense_rank() OVER (ORDER BY turn) AS place FROM chunk_use)
            WHERE used = chunk_key;
        `),
    },
  ],
};
