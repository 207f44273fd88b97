import { type EditPlan, planEdit } from '../../../shared/edit/edit-plan.ts';
import type { ModelInfo } from '../../../shared/render.ts';
import { pixelFramesOfChunk } from '../../../shared/timing.ts';
import type { ShotFrames } from '../../export/index.ts';
import type { FilmPlan } from './film-plan.ts';

export interface EditOfFilm {
  readonly plan: EditPlan;
  /** Frames of each shot of the plan, at the model's rate. */
  readonly frames: readonly ShotFrames[];
}

/** A part of a film, in frames at the model's rate. */
export interface FilmRange {
  readonly first: number;
  /** The frame after the last. */
  readonly end: number;
}

/** The shots of a film that a range shows something of, and the range counted from the first of them. */
export function partOfFilm(
  film: FilmPlan,
  range: FilmRange,
  model: ModelInfo,
): { readonly film: FilmPlan; readonly range: FilmRange } {
  const spans = spansOf(film, model);
  const shots = film.shots.filter((_, i) => overlaps(spans[i], range));
  const from = spans.findIndex((span) => overlaps(span, range));
  const start = spans[from]?.first ?? 0;
  const before = [...film.before, ...film.shots.slice(0, Math.max(0, from)).flatMap(({ keys }) => keys)];
  return { film: { ...film, before, shots }, range: { first: range.first - start, end: range.end - start } };
}

/**
 * A film as an edit: its shots with their fields, laid out at a frame rate.
 * @param fps frames a second; null: the model's own
 * @param range what of it is shown, of every shot something; null: all. What of a shot lies outside becomes its handles
 */
export function editOfFilm(
  film: FilmPlan,
  title: string,
  model: ModelInfo,
  fps: number | null,
  range: FilmRange | null = null,
): EditOfFilm {
  const frames = spansOf(film, model).map(
    (span): ShotFrames => (range ? within(span, range) : { head: 0, shown: span.end - span.first, tail: 0 }),
  );
  const shots = film.shots.map(({ title: name, shot }, i) => ({
    title: name,
    prompt: shot.prompt,
    fields: shot.fields ?? {},
    frameCount: frames[i]?.shown ?? 0,
    headFrames: frames[i]?.head ?? 0,
    tailFrames: frames[i]?.tail ?? 0,
  }));
  const modelFps = model.video.fps;
  return { plan: planEdit(shots, { title, size: model.video, modelFps, fps: fps ?? modelFps }), frames };
}

/** Where each shot of a film lies in it, in frames at the model's rate. */
function spansOf(film: FilmPlan, { chunkFrames }: ModelInfo): FilmRange[] {
  let chunks = film.before.length;
  let at = 0;
  return film.shots.map(({ keys }) => {
    const first = at;
    for (const _ of keys) at += pixelFramesOfChunk(chunks++, chunkFrames);
    return { first, end: at };
  });
}

function overlaps(span: FilmRange | undefined, range: FilmRange): boolean {
  return span !== undefined && Math.max(span.first, range.first) < Math.min(span.end, range.end);
}

/** What a range shows of a shot, which it shows something of. */
function within(shot: FilmRange, range: FilmRange): ShotFrames {
  const first = Math.max(shot.first, range.first);
  const end = Math.min(shot.end, range.end);
  return { head: first - shot.first, shown: end - first, tail: shot.end - end };
}
