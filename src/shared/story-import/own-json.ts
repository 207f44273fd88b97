import { storySchema } from '../story.ts';
import { badStory, type ImportedStories, type ImportOptions, parseWith } from './source.ts';

/** Our own format: `{"format": "throughline-story", "version": 1, "shots": [...]}`, already parsed as JSON. */
export function readOwnJson(value: object, options: ImportOptions): ImportedStories {
  if ('version' in value && typeof value.version === 'number' && value.version > 1) {
    throw badStory(
      options,
      'version',
      `this story is of version ${value.version}; this Throughline reads 1.`,
      'Update Throughline.',
    );
  }
  return { stories: [parseWith(storySchema, value, options, '')], warnings: [] };
}
