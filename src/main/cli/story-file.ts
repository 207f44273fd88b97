import { ThroughlineError } from '../../shared/errors.ts';
import { type FrameSize, frameSizeText, isSameSize } from '../../shared/frame-size.ts';
import type { ModelInfo } from '../../shared/render.ts';
import type { Story } from '../../shared/story.ts';
import { importStories } from '../../shared/story-import/index.ts';
import type { ScriptFile } from '../studio/project/script-file.ts';

/** What story files are read with before the model has said what it is: enough to find every mistake in them. */
export const assumedModel = { chunkFrames: 3, video: { fps: 8 } };

export interface ChosenStory {
  readonly story: Story;
  /** One sentence each. */
  readonly warnings: readonly string[];
}

/**
 * Picks story `wanted` (counted from 1; undefined: the first, with a word if there are others).
 * Times in seconds are turned into chunks of `model`. Throws `bad-story`, or `bad-input` for a number out of range.
 */
export function chooseStory(
  file: ScriptFile,
  wanted: number | undefined,
  chunksPerPrompt: number,
  model: Pick<ModelInfo, 'chunkFrames'> &
    Partial<Pick<ModelInfo, 'name' | 'digest'>> & {
      readonly video: Pick<ModelInfo['video'], 'fps'> & Partial<FrameSize>;
    },
): ChosenStory {
  const options = {
    fileName: file.name,
    chunksPerPrompt,
    fps: model.video.fps,
    chunkFrames: model.chunkFrames,
  };
  const { stories, warnings } = importStories(file.text, options, file.encoding);
  const story = stories[(wanted ?? 1) - 1];
  if (!story) {
    throw new ThroughlineError(
      'bad-input',
      `${file.name} holds ${stories.length === 1 ? 'one story' : `${stories.length} stories`}; there is no story ${wanted}.`,
      `Give --story a number from 1 to ${stories.length}.`,
    );
  }
  const others =
    wanted === undefined && stories.length > 1
      ? [`${file.name} holds ${stories.length} stories; this is the first. --story 2 is the next.`]
      : [];
  const { model: named } = story;
  const another =
    named && model.digest !== undefined && named.digest !== model.digest
      ? [`${file.name} was made with ${named.name}; here ${model.name} makes it, so it becomes another film.`]
      : [];
  const { frameSize: size } = story;
  const { width, height } = model.video;
  const resized =
    size && model.digest !== undefined && width && height && !isSameSize(size, { width, height })
      ? [`${file.name} has frames of ${frameSizeText(size)}; here they are ${frameSizeText({ width, height })}.`]
      : [];
  return { story, warnings: [...warnings, ...others, ...another, ...resized] };
}
