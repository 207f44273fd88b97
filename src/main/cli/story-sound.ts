import { dirname, relative, sep } from 'node:path';
import { framesOf } from '../../shared/edit/edit-plan.ts';
import { sampleOfFrame } from '../../shared/sound/frame-samples.ts';
import { soundsBetween } from '../../shared/sound/sound-plan.ts';
import type { FilmSound } from '../export/index.ts';
import type { Target } from '../files/index.ts';
import type { SoundMedia } from '../studio/export/film-sound.ts';
import type { ModelTiming } from '../studio/export/model-timing.ts';
import type { SoundFile } from './sound-file.ts';
import type { StoryEdit } from './story-edit.ts';

/** What is heard of a recording under a part of the story's film, counted from the first frame of that part. */
export function soundOfStory({ sound }: SoundFile, edit: StoryEdit, { video }: Pick<ModelTiming, 'video'>): FilmSound {
  const from = sampleOfFrame(edit.firstFrame, video.fps);
  return {
    ...sound,
    sounds: soundsBetween(sound.sounds, from, from + sampleOfFrame(framesOf(edit.plan), edit.plan.fps)),
  };
}

/** The recording as an edit at `target` names it: by the way from one to the other. */
export function mediaBeside(target: Target, { path, lengthSamples }: SoundFile): SoundMedia {
  return { file: relative(dirname(target.path), path).split(sep).join('/'), lengthSamples };
}
