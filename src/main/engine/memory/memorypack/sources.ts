import { z } from 'zod';
import { toldFrames } from '../../../../shared/memories/memorypack.ts';

/** Where a part of the long memory comes from: a token of the first prompt, the given picture, a latent frame; `rest` is all that is forgotten one by one. */
const sourceSchema = z.union([
  z.strictObject({ token: z.int().min(0) }),
  z.strictObject({ frame: z.int().min(0) }),
  z.strictObject({ other: z.enum(['picture', 'rest']) }),
]);
export type Source = z.infer<typeof sourceSchema>;

/**
 * What each part of the long memory is made of. Parts are what Squeeze's attention is told by: the tokens of the memory that a story
 * begins with, and later the frames of the last chunk.
 */
export const sourcesSchema = z.strictObject({
  sources: z.array(sourceSchema),
  /** [parts][sources], rows sum to 1. */
  shares: z.array(z.array(z.number())),
});
export type Sources = z.infer<typeof sourcesSchema>;

/** Before the first chunk every part is its own source: real tokens of the prompt, and a picture that was given. */
export function firstSources(tokens: number, picture: boolean): Sources {
  const sources: Source[] = Array.from({ length: tokens }, (_, token) => ({ token }));
  if (picture) sources.push({ other: 'picture' });
  return { sources, shares: sources.map((_, i) => sources.map((_, j) => (i === j ? 1 : 0))) };
}

/**
 * After a chunk: a frame's part is what was memorized of it and, for the rest, what its attention brought over from the parts of the
 * old memory, in the ratio of their lengths (attention rollout, Abnar and Zuidema 2020). However long the story, as many sources
 * are kept: the frames with the least share become `rest`.
 * @param attention [frames][old parts], rows sum to 1
 * @param kept per frame, the share that came from the old memory
 * @param firstFrame of the chunk
 */
export function sourcesAfter(
  { sources, shares }: Sources,
  attention: readonly (readonly number[])[],
  kept: readonly number[],
  firstFrame: number,
): Sources {
  const fresh: Source[] = attention.map((_, i) => ({ frame: firstFrame + i }));
  const rows = attention.map((row, i) => {
    const brought = sources.map((_, source) =>
      row.reduce((sum, weight, part) => sum + weight * (shares[part]?.[source] ?? 0), 0),
    );
    const share = kept[i] ?? 0;
    return [...brought.map((value) => share * value), ...fresh.map((_, j) => (i === j ? 1 - share : 0))];
  });
  return bounded({ sources: [...sources, ...fresh], shares: rows });
}

/** Of all parts together, [sources]; sums to 1. */
export function overall({ sources, shares }: Sources): number[] {
  return sources.map((_, i) => shares.reduce((sum, row) => sum + (row[i] ?? 0), 0) / shares.length);
}

function bounded(all: Sources): Sources {
  const means = overall(all);
  const frames = all.sources.flatMap((source, i) => ('frame' in source ? [i] : []));
  const least = frames.sort((a, b) => (means[b] as number) - (means[a] as number) || b - a).slice(toldFrames);
  const rest = all.sources.findIndex((source) => 'other' in source && source.other === 'rest');
  if (least.length === 0) return all;
  const gone = new Set(rest < 0 ? least : [...least, rest]);
  const stays = <T>(values: readonly T[]): T[] => values.filter((_, i) => !gone.has(i));
  return {
    sources: [...stays(all.sources), { other: 'rest' }],
    shares: all.shares.map((row) => [...stays(row), [...gone].reduce((sum, i) => sum + (row[i] as number), 0)]),
  };
}
