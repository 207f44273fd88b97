import type { ChunkArtifact } from '../../src/main/persistence/index.ts';
import { type PlannedChunk, planStory } from '../../src/shared/recipes.ts';
import type { ModelInfo } from '../../src/shared/render.ts';
import { storySchema } from '../../src/shared/story.ts';
import { fakeInfo, fakeRecord, greyOf } from './fake-engine.ts';

/** The chunks of a story with one shot. */
export function plannedChunks(chunks: number, prompt = 'a cat', model: ModelInfo = fakeInfo): PlannedChunk[] {
  const story = { format: 'throughline-story', version: 1, shots: [{ prompt, chunks }] };
  return planStory(storySchema.parse(story), model);
}

/** A chunk as the fake engine makes it. */
export function artifactOf({ key, recipe }: PlannedChunk, parentKey: string | null = null): ChunkArtifact {
  const { digest, numericsVersion, video, kvStorage, device } = fakeInfo;
  return {
    key,
    parentKey,
    parentLatentsDigest: null,
    model: { digest, numericsVersion, video, kvStorage },
    recipe,
    record: fakeRecord({ recipe }),
    device,
    elapsedMs: 5,
    latents: new Float32Array(12).fill(greyOf(key)),
  };
}
