import type { ProjectShot } from '../../../shared/project/document.ts';
import type { ChunkStatus, ShotStatus } from '../../../shared/project/status.ts';
import { shotTitle } from '../../../shared/project/tree.ts';
import type { ChunkAvailability, CutLine, LineChunk } from './line.ts';

/** Length and rate of chunks where no model has said its own yet: those of the built-in one. */
const builtIn = { chunkFrames: 3, fps: 8 };

/** The part of a model that turns chunks into time. */
export interface FilmScale {
  readonly chunkFrames: number;
  readonly video: { readonly fps: number };
}

/** A cut as a row of chunks, each with what there is to show of it. */
export function cutLine(
  shots: readonly ProjectShot[],
  statuses: ReadonlyMap<string, ShotStatus>,
  model: FilmScale | null,
): CutLine {
  const chunks = shots.flatMap((shot, shotIndex): Omit<LineChunk, 'chunkIndex'>[] => {
    const status = statuses.get(shot.id);
    return Array.from({ length: shot.chunks }, (_, indexInShot) => {
      const chunk = status?.chunks[indexInShot];
      return {
        shotId: shot.id,
        shotIndex,
        shotName: shotTitle(shot),
        prompt: shot.prompt,
        indexInShot,
        chunksInShot: shot.chunks,
        key: chunk?.shown ?? null,
        availability: availabilityOf(chunk, status),
      };
    });
  });
  return {
    chunks: chunks.map((chunk, chunkIndex) => ({ ...chunk, chunkIndex })),
    chunkFrames: model?.chunkFrames ?? builtIn.chunkFrames,
    fps: model?.video.fps ?? builtIn.fps,
  };
}

function availabilityOf(chunk: ChunkStatus | undefined, status: ShotStatus | undefined): ChunkAvailability {
  if (chunk?.shown && chunk.state !== 'missing' && chunk.state !== 'generating') return chunk.state;
  const atWork = status?.job?.state === 'running' || status?.job?.state === 'waiting';
  return chunk?.state === 'generating' || atWork ? 'coming' : 'missing';
}
