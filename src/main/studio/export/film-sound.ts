import type { EditPlan, EditSound } from '../../../shared/edit/edit-plan.ts';
import { framesOf } from '../../../shared/edit/edit-plan.ts';
import type { FilmRange } from '../../../shared/edit/film-frames.ts';
import type { ModelInfo } from '../../../shared/render.ts';
import { rationalRate, sampleOfFrame } from '../../../shared/sound/frame-samples.ts';
import { fromPcm, pcmBytes } from '../../../shared/sound/pcm.ts';
import { soundRate } from '../../../shared/sound/sound-clip.ts';
import { type PlannedSound, planSounds, soundsBetween } from '../../../shared/sound/sound-plan.ts';
import { shotPixelFrames } from '../../../shared/timing.ts';
import { shownPart } from '../../../shared/trim.ts';
import type { FilmSound } from '../../export/index.ts';
import type { OpenProject } from '../project/open-project.ts';
import { editOfFilm, spansOfFilm } from './edit-of-film.ts';
import type { FilmPlan } from './film-plan.ts';

/**
 * What is heard under a film, counted from its first shown frame. A sound keeps its place beside its shot's pictures, so
 * those of earlier shots are heard where they reach into the film.
 * @param film all of it, whatever part of it is written
 * @param range the part that is written, in frames at the model's rate; null: all
 */
export function soundOfFilm(
  film: FilmPlan,
  project: OpenProject,
  model: ModelInfo,
  range: FilmRange | null = null,
): FilmSound {
  const { fps } = model.video;
  const earlier = film.earlier ?? [];
  const all: FilmPlan = { name: '', before: [], shots: [...earlier, ...film.shots] };
  const places = range ? wholePlaces(all, model) : shownPlaces(all, model);
  const begins = (places[earlier.length]?.shown ?? 0) + (range?.first ?? 0);
  const lengths = new Map(project.assets.map(({ id, sound }) => [id, sound?.lengthSamples ?? null]));
  const sounds = planSounds(
    all.shots.map(({ shot }, i) => ({ firstFrame: (places[i]?.first ?? 0) - begins, sounds: shot.sounds })),
    fps,
    (asset) => lengths.get(asset) ?? null,
  );
  const filmEnd = (places.at(-1)?.end ?? 0) - (places[earlier.length]?.shown ?? 0);
  const end = sampleOfFrame((range?.end ?? filmEnd) - (range?.first ?? 0), fps);
  return { sounds: soundsBetween(sounds, 0, end), read: readerOf(project) };
}

/** Where a shot is in the film, in frames at the model's rate. */
interface ShotPlace {
  /** Its very first frame, which may be trimmed off. */
  readonly first: number;
  /** The first one that is shown, and the one after the last. */
  readonly shown: number;
  readonly end: number;
}

/** As the film is shown: where chunks are missing, those after them close up. */
function shownPlaces(film: FilmPlan, model: ModelInfo): ShotPlace[] {
  return editOfFilm(film, '', model, null).plan.shots.map(({ startFrame, headFrames, frameCount }) => ({
    ...{ first: startFrame - headFrames, shown: startFrame, end: startFrame + frameCount },
  }));
}

/** As it is once all of it is made: what in and out points are counted along. */
function wholePlaces(film: FilmPlan, model: ModelInfo): ShotPlace[] {
  const spans = spansOfFilm(film, model);
  return film.shots.map(({ shot, firstChunk }, i) => {
    const { first: shown, end } = spans[i] ?? { first: 0, end: 0 };
    const { head } = shownPart(shot.trim, shotPixelFrames(firstChunk, shot.chunks, model.chunkFrames));
    return { first: shown - head, shown, end };
  });
}

/** A recording as an edit names it. */
export interface SoundMedia {
  /** Beside the edit, `/` between folders. */
  readonly file: string;
  readonly lengthSamples: number;
}

/** The recordings of a project, by the names that they came with. */
export function soundMediaOf({ assets }: Pick<OpenProject, 'assets'>): (asset: string) => SoundMedia | null {
  const byId = new Map(assets.map((asset) => [asset.id, asset]));
  return (id) => {
    const asset = byId.get(id);
    return asset?.sound ? { file: asset.name, lengthSamples: asset.sound.lengthSamples } : null;
  };
}

/**
 * The same for programs that cut: frames at the plan's rate, cut off where the film begins and ends.
 * @param mediaOf a recording by its asset; null where it is not there
 */
export function withSounds(
  plan: EditPlan,
  sounds: readonly PlannedSound[],
  mediaOf: (asset: string) => SoundMedia | null,
): EditPlan {
  const frameAt = (sample: number): number => {
    const { frames, seconds } = rationalRate(plan.fps);
    return Math.round((sample * frames) / (soundRate * seconds));
  };
  const filmEnd = framesOf(plan);
  return {
    ...plan,
    sounds: sounds.flatMap(({ clip, startSample, lengthSamples }): EditSound[] => {
      const media = mediaOf(clip.asset);
      const startFrame = Math.max(0, frameAt(startSample));
      const frameCount = Math.min(filmEnd, frameAt(startSample + lengthSamples)) - startFrame;
      if (!media || frameCount <= 0) return [];
      return [
        {
          ...{ name: clip.name, file: media.file, startFrame, frameCount },
          sourceStartFrame: frameAt(clip.inSamples + Math.max(0, -startSample)),
          sourceFrames: frameAt(media.lengthSamples),
          gainDb: clip.gainDb,
        },
      ];
    }),
  };
}

/** What a person must know of an edit that names sound files. */
export function soundFilesNote({ sounds }: EditPlan): string[] {
  const files = new Set(sounds.map(({ file }) => file));
  if (files.size === 0) return [];
  const which = files.size === 1 ? `the sound file ${[...files][0]}` : `${files.size} sound files`;
  return [`The edit names ${which}: put ${files.size === 1 ? 'it' : 'them'} beside it before you open it.`];
}

function readerOf(project: OpenProject): FilmSound['read'] {
  const channelsOf = new Map(project.assets.map(({ id, sound }) => [id, sound?.channels ?? 1]));
  return async (asset, start, end) => {
    const channels = channelsOf.get(asset) ?? 1;
    const frameBytes = channels * pcmBytes;
    const bytes = await project.store.readAsset(asset, 'sound-48k', start * frameBytes, end * frameBytes);
    return fromPcm(bytes ?? new Uint8Array(), channels);
  };
}
