import { z } from 'zod';
import { limits } from './project/limits.ts';

/** `window`: recent frames only. `sink`: and the first frames (LongLive). `nam`: and the retrieved bank (MemFlow). `nam+sma`: with sparse activation. */
export const policyNames = ['window', 'sink', 'nam', 'nam+sma'] as const;
export const policyNameSchema = z.enum(policyNames);
export type PolicyName = z.infer<typeof policyNameSchema>;

/** A latent frame, counted from the root of the story (0 = the story's first). */
export const frameIndexSchema = z.int().min(0);

/** A frame that the person wants remembered, under a name they gave it. */
export const pinSchema = z.strictObject({ frame: frameIndexSchema, name: z.string().min(1).max(limits.pinName) });

/** What a shot or story may override of the model's memory defaults. Part of the recipe. */
export const memoryOverridesSchema = z.strictObject({
  policy: policyNameSchema.optional(),
  /** b: bank frames attended, per layer. */
  bankFrames: z.int().min(0).max(limits.bankFrames).optional(),
  /** k: bank frames activated per head (SMA). */
  activatedFrames: z.int().min(1).max(limits.activatedFrames).optional(),
  /** Prototypes that stay retrievable. */
  capacity: z.int().min(1).max(limits.capacity).optional(),
  /** Frames that always sit in the bank from here on. */
  pins: z.array(pinSchema).max(limits.pins).optional(),
  /** Frames never to be used from here on. */
  bans: z.array(frameIndexSchema).max(limits.bans).optional(),
});
export type MemoryOverrides = z.infer<typeof memoryOverridesSchema>;

/** The settings a chunk was made with, nothing left open. */
export const memorySettingsSchema = z.strictObject({
  /** `paper`: the papers' memories made precise. `released`: MemFlow's published code. `mag`: a second model compresses every chunk. */
  mode: z.enum(['paper', 'released', 'mag']),
  policy: policyNameSchema,
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
});
export type MemorySettings = z.infer<typeof memorySettingsSchema>;
