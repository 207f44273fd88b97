import { ThroughlineError } from '../../shared/errors.ts';
import { type FrameSize, frameSizeText, isSameSize } from '../../shared/frame-size.ts';
import type { ModelInfo } from '../../shared/render.ts';
import type { PromptTelling, Story } from '../../shared/story.ts';
import { importStories } from '../../shared/story-import/index.ts';
import { type KeptFootage, readStoryFootage } from '../footage/story-footage.ts';
import { readStoryPictures, type StoryPictureFiles } from '../pictures/story-pictures.ts';
import { readScriptFile, type ScriptFile } from '../studio/project/scripts/script-file.ts';

/** What story files are read with before the model has said what it is: enough to find every mistake in them. */
export const assumedModel = { chunkFrames: 3, video: { fps: 8 } };

/** A story file, and the pictures and footage that it names. */
export interface StoryFile extends ScriptFile {
  /** Left off: nobody looked for them yet. */
  readonly pictures?: StoryPictureFiles;
  readonly footage?: KeptFootage;
}

/**
 * Reads a story file, and the pictures and footage that it names.
 * @throws ThroughlineError `bad-story` as {@link readScriptFile}, for too many pictures, and for footage that cannot be had
 */
export async function readStoryFile(path: string): Promise<StoryFile> {
  const file = readScriptFile(path);
  if (!file.text.includes('throughline-story')) return file; // no other format has any
  const options = { fileName: file.name, chunksPerPrompt: 1, fps: assumedModel.video.fps, chunkFrames: 3 };
  const { pictureFiles, footageFile } = importStories(file.text, options, file.encoding);
  const pictures = await readStoryPictures(pictureFiles, { storyFile: path });
  if (!footageFile) return { ...file, pictures };
  return { ...file, pictures, footage: await readStoryFootage(footageFile, { storyFile: path, fileName: file.name }) };
}

/** Of the options that say how a story's file is read. */
export interface StoryFlags {
  /** Counted from 1. */
  readonly story?: number;
  readonly chunksPerPrompt: number;
  readonly prompts?: PromptTelling;
}

export interface ChosenStory {
  readonly story: Story;
  /** One sentence each. */
  readonly warnings: readonly string[];
}

/**
 * Picks the story that is wanted (the first by default, with a word if there are others); `prompts` is what the model is told
 * of them, over what the file says.
 * Times in seconds are turned into chunks of `model`. Throws `bad-story`, for a picture that is not there too, or `bad-input` for a number out of range.
 */
export function chooseStory(
  file: StoryFile,
  { story: wanted, chunksPerPrompt, prompts }: StoryFlags,
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
    ...(file.footage ? { footage: { asset: file.footage.asset } } : {}),
    ...(file.pictures ? { pictures: file.pictures, requirePictures: true, hasPicture: () => false } : {}),
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
  return {
    story: prompts === undefined ? story : { ...story, prompts },
    warnings: [...warnings, ...others, ...another, ...resized],
  };
}
