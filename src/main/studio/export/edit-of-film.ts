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

/**
 * A film as an edit: its shots with their fields, laid out at a frame rate.
 * @param fps frames a second; null: the model's own
 */
export function editOfFilm(film: FilmPlan, title: string, model: ModelInfo, fps: number | null): EditOfFilm {
  let chunks = film.before.length;
  const frames = film.shots.map(({ keys }): ShotFrames => {
    const shown = keys.reduce((sum, _, i) => sum + pixelFramesOfChunk(chunks + i, model.chunkFrames), 0);
    chunks += keys.length;
    return { head: 0, shown, tail: 0 };
  });
  const shots = film.shots.map(({ title: name, shot }, i) => ({
    title: name,
    prompt: shot.prompt,
    fields: shot.fields ?? {},
    frameCount: frames[i]?.shown ?? 0,
  }));
  const modelFps = model.video.fps;
  return { plan: planEdit(shots, { title, size: model.video, modelFps, fps: fps ?? modelFps }), frames };
}
