import { documentUnder } from '../../shared/lab/index.ts';
import type { MemoryChoice } from '../../shared/memories/index.ts';
import type { ProjectDocument } from '../../shared/project/document.ts';
import { planProject } from '../../shared/project/plan.ts';
import type { Cut } from '../../shared/project/tree.ts';
import type { ModelInfo } from '../../shared/render.ts';
import { pixelFramesOfChunk } from '../../shared/timing.ts';

/** A cut as one memory makes it. */
export interface PlannedFilm {
  readonly choice: MemoryChoice;
  /** Every chunk, made or not, and its length in frames. */
  readonly parts: readonly { readonly key: string; readonly frames: number }[];
}

/** The cut under each memory; only the cut is planned, whatever else the project holds. */
export function planFilms(
  document: ProjectDocument,
  cut: Cut,
  choices: readonly MemoryChoice[],
  model: ModelInfo,
): PlannedFilm[] {
  const alone: ProjectDocument = { ...document, shots: [...cut.shots] };
  return choices.map((choice) => {
    const plan = planProject(documentUnder(alone, choice.policy), model);
    const keys = cut.shots.flatMap(({ id }) => plan.chunksOf(id).map(({ key }) => key));
    return { choice, parts: keys.map((key, i) => ({ key, frames: pixelFramesOfChunk(i, model.chunkFrames) })) };
  });
}

/** Chunks of a film that are there. */
export function madeOf({ parts }: PlannedFilm, chunks: { has(key: string): boolean }): number {
  return parts.reduce((made, { key }) => made + (chunks.has(key) ? 1 : 0), 0);
}

/** Where frame `frame` of a film lies; null past its end. */
export function partAt({ parts }: PlannedFilm, frame: number): { key: string; frames: number; at: number } | null {
  let at = frame;
  for (const part of parts) {
    if (at < part.frames) return { ...part, at };
    at -= part.frames;
  }
  return null;
}

export function framesOf({ parts }: PlannedFilm): number {
  return parts.reduce((sum, { frames }) => sum + frames, 0);
}
