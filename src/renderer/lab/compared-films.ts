import { documentUnder } from '../../shared/lab/index.ts';
import type { MemoryChoice } from '../../shared/memories/index.ts';
import type { ProjectDocument } from '../../shared/project/document.ts';
import { planProject } from '../../shared/project/plan.ts';
import type { Cut } from '../../shared/project/tree.ts';
import type { ModelInfo } from '../../shared/render.ts';
import { pixelFramesOfChunk } from '../../shared/timing.ts';

/** A chunk of a film, and its length in frames. */
export interface FilmPart {
  readonly key: string;
  readonly frames: number;
  /** It shows footage instead of being generated. */
  readonly given: boolean;
}

/** A cut as one memory makes it. */
export interface PlannedFilm {
  readonly choice: MemoryChoice;
  /** Every chunk, made or not. */
  readonly parts: readonly FilmPart[];
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
    const parts = cut.shots
      .flatMap(({ id }) => plan.chunksOf(id))
      .map(({ key, recipe }, i) => ({
        ...{ key, frames: pixelFramesOfChunk(i, model.chunkFrames) },
        given: recipe.footage !== undefined,
      }));
    return { choice, parts };
  });
}

/** Chunks of a film that are there. */
export function madeOf({ parts }: PlannedFilm, chunks: { has(key: string): boolean }): number {
  return parts.reduce((made, { key }) => made + (chunks.has(key) ? 1 : 0), 0);
}

/** Where frame `frame` of a film lies; null past its end. */
export function partAt<Part extends { readonly frames: number }>(
  { parts }: { readonly parts: readonly Part[] },
  frame: number,
): (Part & { readonly at: number }) | null {
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
