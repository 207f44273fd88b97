import type { Ancestor } from '../../../shared/api/types.ts';
import type { CutLine, LineChunk } from './line.ts';

/**
 * The cut as it was when a result was made: the chunks that it was made after, whatever stands in their places now.
 * What still stands there is the same; what does not is `former`.
 * @param ancestors what it was made after, as far as that is still stored
 */
export function recordedLine(line: CutLine, chunkIndex: number, ancestors: readonly Ancestor[]): CutLine {
  const before = Array.from({ length: chunkIndex }, (_, i): LineChunk => {
    const now = line.chunks[i];
    const then = ancestors.find((ancestor) => ancestor.chunkIndex === i);
    if (now && then && now.key === then.key) return now;
    return {
      ...nowhere,
      chunkIndex: i,
      shotIndex: now?.shotIndex ?? -1,
      shotName: then?.prompt ?? '',
      fullName: then?.prompt ?? '',
      prompt: then?.prompt ?? '',
      key: then?.key ?? null,
    };
  });
  return { ...line, chunks: [...before, ...line.chunks.slice(chunkIndex)] };
}

/** A chunk that no shot of the cut shows. */
const nowhere = {
  shotId: '',
  indexInShot: 0,
  chunksInShot: 1,
  availability: 'stale',
  former: true,
} as const;
