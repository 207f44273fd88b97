import type Database from 'better-sqlite3';
import { z } from 'zod';
import type { ChunkSummary } from '../../shared/api/types.ts';
import { ThroughlineError } from '../../shared/errors.ts';
import { chunkKeySchema, shotIdSchema, type Take } from '../../shared/project/document.ts';
import { limits } from '../../shared/project/limits.ts';
import { modelSchema } from './chunk-schema.ts';
import type { ProjectContents, StoredJob } from './project-file-types.ts';

type Read = Pick<
  ProjectContents,
  'data' | 'number' | 'at' | 'revisions' | 'chunks' | 'takes' | 'jobs' | 'facts' | 'skipped'
>;

const madeWithSchema = z.object({ digest: z.string(), width: z.int().min(1), height: z.int().min(1) });

/** Of what a chunk says of its model; null where that was damaged, which costs nothing but the knowledge. */
function madeWithOf(model: unknown): unknown {
  try {
    const { digest, video } = modelSchema.parse(JSON.parse(String(model)));
    return { digest, width: video.width, height: video.height };
  } catch {
    return null;
  }
}

const chunkRow: z.ZodType<ChunkSummary> = z.object({
  key: chunkKeySchema,
  frameCount: z.int().min(1),
  device: z.string(),
  madeWith: z.preprocess(madeWithOf, madeWithSchema.nullable()),
  createdAt: z.string(),
});

const takeRow = z.object({
  id: z.string().min(1),
  shotId: shotIdSchema,
  prompt: z.string(),
  seed: z.int().min(0),
  keys: z.preprocess((text) => JSON.parse(String(text)), z.array(chunkKeySchema)),
  createdAt: z.string(),
});

const jobRow: z.ZodType<StoredJob> = z.object({
  id: z.string().min(1),
  data: z.string().refine((text) => JSON.parse(text) !== null),
});

/**
 * What a project holds besides its pictures. A row that was damaged on the disk is left out and counted: one of them
 * must not cost the others. Throws what SQLite throws, and ThroughlineError `database` where there is no storyboard.
 */
export function readContents(db: Database.Database, file: string): Read {
  const length = db.prepare('SELECT length(data) FROM document').pluck().get();
  if (typeof length !== 'number') {
    throw new ThroughlineError(
      'database',
      `${file} holds no storyboard.`,
      'It was made by another program, or is damaged: restore it from a backup. It was not changed.',
    );
  }
  if (length > limits.storedDocument) {
    throw new ThroughlineError(
      'database',
      `The storyboard in ${file} is ${length} characters long, which none of ours is.`,
      'Restore the file from a backup. It was not changed.',
    );
  }
  const document = db.prepare('SELECT number, at, data FROM document').get() as Pick<Read, 'number' | 'at' | 'data'>;
  const chunks = sound(
    chunkRow,
    db
      .prepare(`SELECT key, frame_count AS frameCount, device, model AS madeWith, strftime('%FT%TZ', created_at / 1000, 'unixepoch') AS createdAt
        FROM chunk JOIN chunk_frames ON chunk_key = key ORDER BY chunk.rowid`)
      .all(),
  );
  const takes = readTakes(db);
  const jobs = sound(jobRow, db.prepare('SELECT id, data FROM job ORDER BY position').all());
  const facts = db.prepare('SELECT name, value FROM fact').all() as { name: string; value: string }[];
  return {
    ...document,
    revisions: db.prepare('SELECT id, label, gesture, delta FROM revision ORDER BY id').all() as Read['revisions'],
    chunks: chunks.rows,
    takes: takes.rows,
    jobs: jobs.rows,
    facts: Object.fromEntries(facts.map(({ name, value }) => [name, value])),
    skipped: { chunks: chunks.skipped, takes: takes.skipped, jobs: jobs.skipped },
  };
}

/** In the order they were made, whatever the clock said then. */
export function readTakes(db: Database.Database): { readonly rows: Take[]; readonly skipped: number } {
  const rows = db
    .prepare(`SELECT id, shot_id AS shotId, prompt, seed, keys,
      strftime('%FT%TZ', created_at / 1000, 'unixepoch') AS createdAt FROM take ORDER BY rowid`)
    .all();
  return sound(takeRow, rows);
}

function sound<Row>(schema: z.ZodType<Row>, rows: readonly unknown[]): { rows: Row[]; skipped: number } {
  const kept = rows.flatMap((row) => {
    try {
      return [schema.parse(row)];
    } catch {
      return [];
    }
  });
  return { rows: kept, skipped: rows.length - kept.length };
}
