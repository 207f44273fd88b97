import { z } from 'zod';
import { footageSchema } from '../footage.ts';
import { frameSizeSchema } from '../frame-size.ts';
import { frameIndexSchema, memoryOverridesSchema, pinSchema } from '../memory-settings.ts';
import { firstFrameSchema, pictureSchema } from '../pictures.ts';
import { scriptOriginSchema } from '../script-origin.ts';
import { shotFieldsSchema } from '../shot-fields.ts';
import { soundClipSchema } from '../sound/sound-clip.ts';
import { promptTellingSchema, shotTellingSchema, transitionChoiceSchema } from '../story.ts';
import { storyModelSchema } from '../story-model.ts';
import { trimSchema } from '../trim.ts';
import { documentVersion } from './document-steps.ts';

/** Made by nanoid in whoever issues the command, so that a command replayed makes the same document. */
export const shotIdSchema = z.string().regex(/^[\w-]{6,40}$/);
export type ShotId = z.infer<typeof shotIdSchema>;

/** SHA-256 of a recipe, 64 hex digits. */
export const chunkKeySchema = z.string().regex(/^[0-9a-f]{64}$/);

/** As {@link memoryOverridesSchema}, without the limits on lists; see {@link projectShotSchema}. */
const storedMemorySchema = memoryOverridesSchema.extend({
  pins: z.array(pinSchema).optional(),
  bans: z.array(frameIndexSchema).optional(),
  pictures: z.array(pictureSchema).optional(),
});

/**
 * What a person edits. Shots form a tree: `parent` is what comes just before.
 *
 * Says what a shot is, not how large it may be: what was once saved must open. Sizes are checked where a command is
 * applied (`applyCommand`), by the numbers in `limits`.
 */
export const projectShotSchema = z.strictObject({
  id: shotIdSchema,
  parent: shotIdSchema.nullable(),
  /** Shown instead of the prompt's beginning; may be empty. */
  name: z.string(),
  /** May be empty while it is being written; an empty shot cannot be generated. */
  prompt: z.string(),
  /** Length in chunks. */
  chunks: z.int().min(1),
  seed: z.int().min(0),
  /** A locked seed is kept when a new take is made. */
  seedLocked: z.boolean(),
  transition: transitionChoiceSchema,
  /** What the model is told of the prompt; left off: as the story has it. */
  told: shotTellingSchema.optional(),
  memory: storedMemorySchema,
  /**
   * Pinned results: the chunks that this shot goes on showing and exporting although its recipe, or something before
   * it, changed. One key a chunk. Null: it shows what its recipe says.
   */
  held: z.array(chunkKeySchema).nullable(),
  /** What boards, edits and subtitles say of it. Not part of the recipe: a change makes nothing stale. */
  fields: shotFieldsSchema.optional(),
  /** Frames that are made but not shown. Not part of the recipe either; absent: all are shown. */
  trim: trimSchema.optional(),
  /** Where in a script it comes from; null where the script has let go of it. Not part of the recipe either. */
  origin: scriptOriginSchema.nullable().optional(),
  /** What is heard from here on; left off: nothing. Not part of the recipe either. */
  sounds: z.array(soundClipSchema).optional(),
  /** The picture that a film begins with whose first shot this is; of other shots it is kept and does nothing. */
  firstFrame: firstFrameSchema.optional(),
  /** Footage that a comparison begins with, or the film itself, whose first shot this is; of other shots it does nothing. */
  footage: footageSchema.optional(),
});
export type ProjectShot = z.infer<typeof projectShotSchema>;

/**
 * Everything that is true of a project and can be undone. Generated chunks are outside: they are stored under their
 * keys and never change. A cut is a root-to-leaf path and is known by its leaf.
 */
export const projectDocumentSchema = z.strictObject({
  format: z.literal('throughline-project'),
  version: z.literal(documentVersion),
  title: z.string(),
  /** What it is made with; null until its first chunk is made. Its digest is part of every key. */
  model: storyModelSchema.nullable(),
  /** Of its frames, part of every key. Null, and where its model cannot draw it: the model's own. */
  frameSize: frameSizeSchema.nullable(),
  /** What the model is told of the prompts. */
  prompts: promptTellingSchema,
  /** Overrides of the model's memory for every shot. */
  memory: storedMemorySchema,
  /** What new shots begin with. */
  defaults: z.strictObject({
    chunks: z.int().min(1),
    /** Null: the seed of the shot before, or a new one. */
    seed: z.int().min(0).nullable(),
    transition: transitionChoiceSchema,
  }),
  /** In the order of creation; siblings keep this order as lanes. */
  shots: z.array(projectShotSchema),
  /** Names of cuts, by leaf. A leaf without a name is called after its first shot of its own. */
  cutNames: z.record(shotIdSchema, z.string().min(1)),
});
export type ProjectDocument = z.infer<typeof projectDocumentSchema>;
export type ShotDefaults = ProjectDocument['defaults'];

/** A result that one shot once had: what it was made from, and its chunks. Kept outside undo until cleaned up. */
export interface Take {
  readonly id: string;
  readonly shotId: ShotId;
  readonly prompt: string;
  readonly seed: number;
  readonly keys: readonly string[];
  readonly createdAt: string;
  /** Its shot showed it last, although another was made later. Of a shot's takes one at most. */
  readonly lastShown?: boolean;
  /** What a person called it. */
  readonly name?: string;
  /** Marked as good: it is never cleaned up. */
  readonly starred?: boolean;
}
