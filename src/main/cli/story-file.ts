import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { ThroughlineError } from '../../shared/errors.ts';
import type { ModelInfo } from '../../shared/render.ts';
import type { Story } from '../../shared/story.ts';
import { importStories } from '../../shared/story-import/index.ts';

/** A file of stories, read once. */
export interface StoryFile {
  /** Name without folders. */
  readonly name: string;
  readonly text: string;
}

export interface ChosenStory {
  readonly story: Story;
  /** One sentence each. */
  readonly warnings: readonly string[];
}

/** Throws `bad-story` if the file cannot be read. */
export async function openStoryFile(path: string): Promise<StoryFile> {
  try {
    return { name: basename(path), text: await readFile(path, 'utf8') };
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : '';
    const what = code === 'ENOENT' ? 'There is no file' : code === 'EISDIR' ? 'This is a folder:' : 'Cannot read';
    throw new ThroughlineError('bad-story', `${what} ${path}`, 'Give a story: .json, .jsonl or plain text.', { cause });
  }
}

/**
 * Picks story `wanted` (counted from 1; undefined: the first, with a word if there are others).
 * Times in seconds are turned into chunks of `model`. Throws `bad-story`, or `bad-input` for a number out of range.
 */
export function chooseStory(
  file: StoryFile,
  wanted: number | undefined,
  chunksPerPrompt: number,
  model: Pick<ModelInfo, 'chunkFrames'> & { readonly video: Pick<ModelInfo['video'], 'fps'> },
): ChosenStory {
  const { stories, warnings } = importStories(file.text, {
    fileName: file.name,
    chunksPerPrompt,
    fps: model.video.fps,
    chunkFrames: model.chunkFrames,
  });
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
  return { story, warnings: [...warnings, ...others] };
}
