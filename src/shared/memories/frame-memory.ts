import { z } from 'zod';
import { limits } from '../project/limits.ts';

/** `window`: recent frames only. `sink`: and the first frames (LongLive). `nam`: and the retrieved bank (MemFlow). `nam+sma`: with sparse activation. */
export const framePolicyNames = ['window', 'sink', 'nam', 'nam+sma'] as const;

/** A latent frame, counted from the root of the story (0 = the story's first). */
export const frameIndexSchema = z.int().min(0);

/** A frame that the person wants remembered, under a name they gave it. */
export const pinSchema = z.strictObject({ frame: frameIndexSchema, name: z.string().min(1).max(limits.pinName) });

/**
 * SHA-256 of what a model has a memory by, where that is an adapter. It stands in the recipe and not in the model's digest, so
 * that only chunks made with it depend on it.
 */
export const adapterDigestSchema = z.string().regex(/^[0-9a-f]{64}$/);

/** Share of a sink that stays when frames are fused into it, 0..1; only of memories whose sink moves. */
export const sinkAlphaSchema = z.number().min(0).max(1);

/**
 * Settings of the memories that keep whole frames. All of them stand in every recipe of such a memory, those it does not heed
 * too: that is how keys were made before there were modules, and keys stay.
 */
export const frameMemoryShape = {
  policy: z.enum(framePolicyNames),
  sinkFrames: z.int().min(0),
  windowFrames: z.int().min(0),
  bankFrames: z.int().min(0),
  activatedFrames: z.int().min(1),
  capacity: z.int().min(1),
  recordInterval: z.int().min(1),
  /** `released` only: which published pipeline to follow. The single-prompt one takes its prototype from every chunk. */
  pipeline: z.enum(['interactive', 'single']),
  pins: z.array(pinSchema),
  bans: z.array(frameIndexSchema),
};
const frameMemorySchema = z.strictObject(frameMemoryShape);
export type FrameMemory = z.infer<typeof frameMemorySchema>;
