import { z } from 'zod';
import { footageSchema } from '../footage.ts';
import { pictureSchema } from '../pictures.ts';
import { assetIdSchema, soundClipSchema, soundIdSchema } from '../sound/sound-clip.ts';
import { chunkKeySchema, projectDocumentSchema, projectShotSchema, shotIdSchema } from './document.ts';
import { limits } from './limits.ts';

const shotPatchSchema = projectShotSchema
  .pick({
    name: true,
    prompt: true,
    chunks: true,
    seed: true,
    seedLocked: true,
    transition: true,
    told: true,
    memory: true,
    fields: true,
    trim: true,
    origin: true,
  })
  .partial();

/**
 * Every change a person can make to a document. Applied by `applyCommand`, which also says where something would be too
 * large; undone as one step each.
 */
export const commandSchema = z.discriminatedUnion('type', [
  /** A new shot after `parent` (null: a new root). `shot.parent` is ignored. */
  z.strictObject({ type: z.literal('add-shot'), parent: shotIdSchema.nullable(), shot: projectShotSchema }),
  /** A new shot between `before` and what came before it. */
  z.strictObject({ type: z.literal('insert-shot'), before: shotIdSchema, shot: projectShotSchema }),
  z.strictObject({ type: z.literal('edit-shot'), id: shotIdSchema, patch: shotPatchSchema }),
  /** The first `at` chunks stay; the rest becomes a shot of its own, with the same recipe and so the same keys. */
  z.strictObject({ type: z.literal('split-shot'), id: shotIdSchema, at: z.int().min(1), restId: shotIdSchema }),
  /** Branches after the first `at` chunks (the shot's length: after all of it). Splits the shot first where needed. */
  z.strictObject({
    type: z.literal('branch'),
    id: shotIdSchema,
    at: z.int().min(1),
    restId: shotIdSchema,
    shot: projectShotSchema,
  }),
  /** `heal`: what followed moves up to what came before. `subtree`: what followed goes too. */
  z.strictObject({
    type: z.literal('delete-shots'),
    ids: z.array(shotIdSchema).min(1),
    mode: z.enum(['heal', 'subtree']),
  }),
  /** The shot, with everything after it, follows `parent` from now on, after what follows that already. */
  z.strictObject({ type: z.literal('reconnect'), id: shotIdSchema, parent: shotIdSchema }),
  /**
   * Copied shots, in story order: ids are already new; parents outside the list become `after`. `before`, a child of
   * `after`, follows the end of the first line of them from then on; null or left off: nothing does.
   */
  z.strictObject({
    type: z.literal('paste-shots'),
    after: shotIdSchema.nullable(),
    before: shotIdSchema.nullable().optional(),
    shots: z.array(projectShotSchema).min(1),
  }),
  /** The shot alone goes to another place: what followed it moves up. Then as `insert-shot` or `add-shot`. */
  z.strictObject({
    type: z.literal('move-shot'),
    id: shotIdSchema,
    to: z.union([z.strictObject({ before: shotIdSchema }), z.strictObject({ after: shotIdSchema.nullable() })]),
  }),
  z.strictObject({ type: z.literal('hold-results'), id: shotIdSchema, keys: z.array(chunkKeySchema).nullable() }),
  z.strictObject({ type: z.literal('pick-take'), id: shotIdSchema, prompt: z.string(), seed: z.int().min(0) }),
  z.strictObject({
    type: z.literal('pin-frame'),
    shotId: shotIdSchema,
    frame: z.int().min(0),
    name: z.string().min(1).max(limits.pinName),
  }),
  z.strictObject({ type: z.literal('unpin-frame'), shotId: shotIdSchema, frame: z.int().min(0) }),
  z.strictObject({ type: z.literal('ban-frame'), shotId: shotIdSchema, frame: z.int().min(0) }),
  z.strictObject({ type: z.literal('unban-frame'), shotId: shotIdSchema, frame: z.int().min(0) }),
  /** Hangs a sound on a shot: a new one, or in place of the one of its id there. `from`: the shot it leaves. */
  z.strictObject({
    type: z.literal('put-sound'),
    shotId: shotIdSchema,
    clip: soundClipSchema,
    from: shotIdSchema.optional(),
  }),
  z.strictObject({ type: z.literal('remove-sound'), shotId: shotIdSchema, soundId: soundIdSchema }),
  /** Puts a picture into memory, from a shot on or (null) in the whole story: a new one, or in place of the one of its asset. */
  z.strictObject({ type: z.literal('put-picture'), shotId: shotIdSchema.nullable(), picture: pictureSchema }),
  z.strictObject({ type: z.literal('remove-picture'), shotId: shotIdSchema.nullable(), asset: assetIdSchema }),
  /** The picture that a film begins with which begins with this shot; null: none. */
  z.strictObject({ type: z.literal('set-first-frame'), shotId: shotIdSchema, asset: assetIdSchema.nullable() }),
  /** The footage that a comparison, or the film, begins with which begins with this shot; null: none. */
  z.strictObject({ type: z.literal('set-footage'), shotId: shotIdSchema, footage: footageSchema.nullable() }),
  z.strictObject({ type: z.literal('name-cut'), leaf: shotIdSchema, name: z.string() }),
  z.strictObject({
    type: z.literal('edit-project'),
    title: z.string().optional(),
    /** Another model than before: its frames are of its own size, unless a size is given with it. */
    model: projectDocumentSchema.shape.model.optional(),
    frameSize: projectDocumentSchema.shape.frameSize.optional(),
    prompts: projectDocumentSchema.shape.prompts.optional(),
    memory: projectDocumentSchema.shape.memory.optional(),
    defaults: projectDocumentSchema.shape.defaults.optional(),
  }),
]);
export type Command = z.infer<typeof commandSchema>;
/** Commands of one type. */
export type CommandOf<Type extends Command['type']> = Extract<Command, { type: Type }>;

/** Typing and dragging: commands of one gesture carry the same name and become one undo step. */
export const gestureSchema = z.string().max(100).nullable();
