import { z } from 'zod';
import { frameIndexSchema, pinSchema } from './memories/frame-memory.ts';
import { policyNameSchema } from './memories/index.ts';
import { pictureSchema } from './pictures.ts';
import { limits } from './project/limits.ts';

export { frameIndexSchema, pinSchema } from './memories/frame-memory.ts';
export {
  type MemorySettings,
  memorySettingsSchema,
  type PolicyName,
  policyNameSchema,
  policyNames,
} from './memories/index.ts';

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
  /** Pictures that are remembered from here on. */
  pictures: z.array(pictureSchema).max(limits.pictures).optional(),
});
export type MemoryOverrides = z.infer<typeof memoryOverridesSchema>;
