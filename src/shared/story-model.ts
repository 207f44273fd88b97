import { z } from 'zod';

/** The model that a story is made with, as the story names it: what tells it from others, and where it can be got. */
export const storyModelSchema = z.strictObject({
  /** To be shown; two models may have the same. */
  name: z.string().min(1),
  /** SHA-256 over weights, tokenizer and configuration, as the engine says it. */
  digest: z.string().min(1),
  /** It came with a Throughline. */
  builtIn: z.boolean(),
  /** Repositories its files came from; empty where a person gave the files, or it came with Throughline. */
  sources: z.array(z.string()),
});
export type StoryModel = z.infer<typeof storyModelSchema>;
