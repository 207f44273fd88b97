import { z } from 'zod';
import { footageSchema } from './footage.ts';
import { frameSizeRule, frameSizeSchema, isFrameSize } from './frame-size.ts';
import { memoryOverridesSchema } from './memory-settings.ts';
import { firstFrameSchema } from './pictures.ts';
import { limits } from './project/limits.ts';
import { shotFieldsSchema } from './shot-fields.ts';
import { storyModelSchema } from './story-model.ts';
import { trimSchema } from './trim.ts';

/** `continue`: window and memory carry on. `cut`: the window starts empty, memory stays. */
export const transitionSchema = z.enum(['continue', 'cut']);
export type Transition = z.infer<typeof transitionSchema>;

/** What a shot asks for. `automatic`: a cut where its prompt names another place, time or shot size; see `beginShot`. */
export const transitionChoiceSchema = z.enum(['automatic', 'continue', 'cut']);
export type TransitionChoice = z.infer<typeof transitionChoiceSchema>;

/**
 * What the model is told of a story's prompts. `as-written`: each as it is. `completed`: with what it leaves to the prompts before
 * it (who, in which colour, where); see `completePrompt`. Left off: as written.
 */
export const promptTellingSchema = z.enum(['as-written', 'completed']);
export type PromptTelling = z.infer<typeof promptTellingSchema>;

/** What the model is told of one prompt: as the story has it, or in any case as it is. Left off: automatic. */
export const shotTellingSchema = z.enum(['automatic', 'as-written']);
export type ShotTelling = z.infer<typeof shotTellingSchema>;

export const seedSchema = z.int().min(0).max(limits.seed);

export const shotSchema = z.strictObject({
  prompt: z.string().min(1).max(limits.prompt),
  /** Length in chunks (a chunk is the model's own step, 3 latent frames). */
  chunks: z.int().min(1).max(limits.shotChunks),
  /** Falls back to the story's seed. */
  seed: seedSchema.optional(),
  transition: transitionChoiceSchema.default('automatic'),
  /** Left off: automatic. */
  told: shotTellingSchema.optional(),
  memory: memoryOverridesSchema.optional(),
  /** What is not part of the recipe: scene, number, action, dialogue, notes, camera. */
  fields: shotFieldsSchema.optional(),
  /** Frames at either end that are made but not shown. Not part of the recipe either. */
  trim: trimSchema.optional(),
  /** The picture that the film begins with; of a story's first shot only. */
  firstFrame: firstFrameSchema.optional(),
  /** A clip that comparisons, or the film itself, begin with; of a story's first shot only. */
  footage: footageSchema.optional(),
});
export type Shot = z.infer<typeof shotSchema>;

/** A story as one line of shots: what the command line renders, and what one cut of a project is. */
export const storySchema = z
  .strictObject({
    format: z.literal('throughline-story'),
    version: z.literal(1),
    title: z.string().max(limits.title).default('Untitled'),
    seed: seedSchema.default(0),
    /** What it was made with. Who renders it with another makes another film. */
    model: storyModelSchema.optional(),
    /** Of its frames, where that is not its model's own. */
    frameSize: frameSizeSchema.refine((size) => isFrameSize(size), { message: frameSizeRule() }).optional(),
    /** Left off: as written. */
    prompts: promptTellingSchema.optional(),
    memory: memoryOverridesSchema.optional(),
    shots: z.array(shotSchema).min(1).max(limits.storyShots),
  })
  .refine(({ shots }) => shots.reduce((sum, { chunks }) => sum + chunks, 0) <= limits.storyChunks, {
    path: ['shots'],
    message: `the shots have more than ${limits.storyChunks} chunks in all`,
  });
export type Story = z.infer<typeof storySchema>;
