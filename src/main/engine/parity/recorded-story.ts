import { z } from 'zod';
import { type Transition, transitionSchema } from '../../../shared/story.ts';

/** A recorded story: consecutive chunks under one prompt. */
export const recordedStorySchema = z.array(
  z.object({ prompt: z.string(), transition: transitionSchema, chunks: z.int() }),
);

/** Its chunks one by one: the first under a prompt begins as the story says, the others go on. */
export function chunksOfStory(
  story: z.infer<typeof recordedStorySchema>,
): { readonly prompt: string; readonly transition: Transition }[] {
  return story.flatMap(({ prompt, transition, chunks }) =>
    Array.from({ length: chunks }, (_, i) => ({ prompt, transition: i === 0 ? transition : ('continue' as const) })),
  );
}
