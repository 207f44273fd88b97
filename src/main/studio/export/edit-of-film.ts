import { type EditPlan, planEdit, type ShotRecipe } from '../../../shared/edit/edit-plan.ts';
import { type FilmRange, framesOfShots, type ShotSource, spansOfShots } from '../../../shared/edit/film-frames.ts';
import { memoryFrom } from '../../../shared/edit/memory-from.ts';
import type { ProjectShot } from '../../../shared/project/document.ts';
import type { ModelInfo } from '../../../shared/render.ts';
import { pixelFramesOfChunk, shotPixelFrames } from '../../../shared/timing.ts';
import type { ShotFrames } from '../../../shared/trim.ts';
import type { FilmPlan, FilmShot } from './film-plan.ts';

export interface EditOfFilm {
  /** Those shots of the film that the edit shows something of, where it shows a range; else all. */
  readonly film: FilmPlan;
  readonly plan: EditPlan;
  /** Frames of each shot of the plan, at the model's rate. */
  readonly frames: readonly ShotFrames[];
}

/** What an edit needs to know of a model. */
type Timing = Pick<ModelInfo, 'chunkFrames' | 'video'>;

/**
 * A film as an edit: its shots with their fields, trimmed, laid out at a frame rate.
 * @param fps frames a second; null: the model's own
 * @param range what of it is shown; null: all. What of a shot lies outside becomes its handles
 */
export function editOfFilm(
  whole: FilmPlan,
  title: string,
  model: Timing,
  fps: number | null,
  range: FilmRange | null = null,
): EditOfFilm {
  const { film, frames } = partOfFilm(whole, framesOfShots(sourcesOf(whole, model), range), range !== null);
  const leftOut = (film.shots[0]?.firstChunk ?? 0) * model.chunkFrames;
  const shots = film.shots.map(({ title: name, shot }, i) => ({
    title: name,
    prompt: shot.prompt,
    fields: shot.fields ?? {},
    frameCount: frames[i]?.shown ?? 0,
    headFrames: frames[i]?.head ?? 0,
    tailFrames: frames[i]?.tail ?? 0,
    recipe: recipeOf(shot, leftOut),
  }));
  const modelFps = model.video.fps;
  return {
    film,
    plan: planEdit(shots, {
      title,
      size: model.video,
      modelFps,
      fps: fps ?? modelFps,
      story: {
        seed: 0,
        ...(film.model ? { model: film.model } : {}),
        ...(film.frameSize ? { frameSize: film.frameSize } : {}),
        ...(film.prompts ? { prompts: film.prompts } : {}),
        ...(film.memory ? { memory: memoryFrom(film.memory, leftOut) } : {}),
      },
    }),
    frames,
  };
}

/** @param leftOut latent frames of the story before the edit's first shot */
function recipeOf(
  { chunks, seed, transition, told, memory = {}, trim, firstFrame, footage, parent }: ProjectShot,
  leftOut: number,
): ShotRecipe {
  return {
    ...{ chunks, seed, transition, memory: memoryFrom(memory, leftOut) },
    ...(told ? { told } : {}),
    ...(trim ? { trim } : {}),
    ...(firstFrame && parent === null ? { firstFrame } : {}),
    ...(footage && parent === null ? { footage } : {}),
  };
}

/** Where each shot lies in the film once all of it is made: what in and out points are counted along. */
export function spansOfFilm(film: FilmPlan, model: Pick<Timing, 'chunkFrames'>): FilmRange[] {
  return spansOfShots(sourcesOf(film, model));
}

/**
 * The shots of a film that are not, or not all, made although they would be shown.
 * @param range what of the film is wanted; null: all
 */
export function missingShots(film: FilmPlan, model: Pick<Timing, 'chunkFrames'>, range: FilmRange | null): FilmShot[] {
  const sources = sourcesOf(film, model);
  const there = framesOfShots(sources, range);
  const wanted = framesOfShots(
    sources.map(({ frames, trim }) => ({ frames, trim })),
    range,
  );
  return film.shots.filter(
    ({ shot, keys }, i) => keys.length < shot.chunks && (there[i]?.shown ?? 0) < (wanted[i]?.shown ?? 0),
  );
}

/** From the first shot that something is shown of to the last, where only a part is wanted. */
function partOfFilm(
  film: FilmPlan,
  frames: readonly ShotFrames[],
  isPart: boolean,
): { readonly film: FilmPlan; readonly frames: readonly ShotFrames[] } {
  const from = frames.findIndex(({ shown }) => shown > 0);
  if (!isPart || from < 0) return { film, frames };
  const end = frames.findLastIndex(({ shown }) => shown > 0) + 1;
  const before = [...film.before, ...film.shots.slice(0, from).flatMap(({ keys }) => keys)];
  return { film: { ...film, before, shots: film.shots.slice(from, end) }, frames: frames.slice(from, end) };
}

/** What there is of each shot. Frames are counted as they are decoded: where chunks are missing, those after them close up. */
function sourcesOf(film: FilmPlan, { chunkFrames }: Pick<Timing, 'chunkFrames'>): ShotSource[] {
  let decoded = film.before.length;
  return film.shots.map((shot) => ({
    frames: shotPixelFrames(shot.firstChunk, shot.shot.chunks, chunkFrames),
    trim: shot.shot.trim,
    runs: shot.keys.map((_, i) => runOf(shot, shot.places[i] as number, decoded++, chunkFrames)),
  }));
}

/** The first chunk that is decoded gives fewer frames; where it is not the story's first, those at its beginning are not there. */
function runOf(
  { firstChunk }: FilmShot,
  place: number,
  decoded: number,
  chunkFrames: number,
): { readonly first: number; readonly count: number } {
  const end = shotPixelFrames(firstChunk, place + 1, chunkFrames);
  const count = pixelFramesOfChunk(decoded, chunkFrames);
  return { first: end - count, count };
}
