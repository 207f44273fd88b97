import type { ChunkPlace } from './selection.ts';
import { useStory } from './story.ts';
import { type Preview, useStudio } from './studio.ts';

/** The picture of a chunk as it comes out of the noise; undefined unless it is being made and has one. */
export function useLivePreview({ shotId, indexInShot }: ChunkPlace): Preview | undefined {
  const key = useStory(({ statuses }) => {
    const chunk = statuses.get(shotId)?.chunks[indexInShot];
    return chunk?.state === 'generating' ? chunk.key : null;
  });
  return useStudio(({ previews }) => (key === null ? undefined : previews.get(key)));
}
