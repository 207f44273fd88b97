import { z } from 'zod';
import { memoryRecordSchema } from './memory-record.ts';
import { seedSchema, storySchema, transitionSchema } from './story.ts';

const milliseconds = z.number().min(0);
const count = z.int().min(0);

/** One chunk as it stands in the film. */
export const reportChunkSchema = z.strictObject({
  /** 64 hex digits: see chunkKey. */
  key: z.string().regex(/^[0-9a-f]{64}$/),
  /** Shot it belongs to, counted from 0. */
  shotIndex: count,
  /** `made` in this run, or `stored` by an earlier one. */
  source: z.enum(['made', 'stored']),
  /** Device that made it. */
  device: z.string(),
  seed: seedSchema,
  transition: transitionSchema,
  /** Why its shot begins so, where that was left to us; of a shot's first chunk only. */
  transitionReason: z.string().optional(),
  /** What the model was told where that is not the shot's prompt; of a shot's first chunk only. */
  told: z.string().optional(),
  sampler: z.strictObject({ kind: z.enum(['renoise', 'euler']), steps: z.array(z.number()).min(1) }),
  pixelFrames: count,
  /** From asking for the chunk to having its frames, in this run; of a stored chunk, to decode it. */
  wallMs: milliseconds,
  memory: memoryRecordSchema,
});
export type ReportChunk = z.infer<typeof reportChunkSchema>;

/**
 * A full account of one render: what was asked, what made it, what was remembered for every chunk. Holds no paths
 * of the machine. `throughline inspect` reads it. Version 1.
 */
export const reportSchema = z.strictObject({
  format: z.literal('throughline-report'),
  version: z.literal(1),
  /** ISO 8601, UTC. */
  startedAt: z.iso.datetime(),
  story: storySchema,
  model: z.strictObject({
    name: z.string(),
    digest: z.string(),
    numericsVersion: count,
    device: z.string(),
    kvStorage: z.enum(['fp32', 'fp16', 'int8']),
    video: z.strictObject({ width: count, height: count, fps: z.number().positive() }),
    tokenGrid: z.strictObject({ rows: count, columns: count }),
    chunkFrames: z.int().min(1),
    layers: count,
    heads: count,
  }),
  chunks: z.array(reportChunkSchema),
  totals: z.strictObject({
    /** Chunks made in this run, and found from earlier ones. */
    made: count,
    stored: count,
    pixelFrames: count,
    filmSec: z.number().min(0),
    /** The whole run, without loading the model. */
    wallMs: milliseconds,
    /** Sum over the chunks made in this run. */
    makingMs: milliseconds,
    /** Seconds of film made per second of making; null where nothing was made. Above 1: faster than it plays. */
    realTimeFactor: z.number().min(0).nullable(),
  }),
});
export type Report = z.infer<typeof reportSchema>;
