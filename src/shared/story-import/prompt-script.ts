import { z } from 'zod';
import type { Story } from '../story.ts';
import {
  badStory,
  type ImportedStories,
  type ImportOptions,
  parseJson,
  parseWith,
  titleFromName,
  toStory,
} from './source.ts';

const scriptSchema = z.looseObject({ prompts: z.array(z.string()).min(1) });

/**
 * MemFlow and LongLive prompt scripts: a story a line, `{"prompts": ["...", "..."]}`. The files do not say how long a
 * prompt lasts (there it is a setting, 40 latent frames as published): `chunksPerPrompt` does.
 */
export function readPromptScripts(text: string, options: ImportOptions): ImportedStories {
  const lines = text.split('\n').flatMap((line, index) => (line.trim() === '' ? [] : [{ line, number: index + 1 }]));
  const warnings: string[] = [];
  const stories: Story[] = [];
  for (const { line, number } of lines) {
    const value = parseJson(line, options, number - 1);
    const title = lines.length > 1 ? `${titleFromName(options.fileName)} ${stories.length + 1}` : undefined;
    const read = readPromptScript(value, options, `line ${number}`, title);
    stories.push(...read.stories);
    warnings.push(...read.warnings);
  }
  if (stories.length === 0) {
    throw badStory(
      options,
      '',
      'there is no story in this file.',
      'Write one story a line: {"prompts": ["...", "..."]}',
    );
  }
  return { stories, warnings };
}

/** One such story, already parsed as JSON. */
export function readPromptScript(
  value: unknown,
  options: ImportOptions,
  where = '',
  title = titleFromName(options.fileName),
): ImportedStories {
  const { prompts, ...rest } = parseWith(scriptSchema, value, options, where);
  const blank = prompts.findIndex((prompt) => prompt.trim() === '');
  if (blank >= 0) {
    const place = [where, `prompts[${blank}]`].filter(Boolean).join(', ');
    throw badStory(options, place, 'this prompt is empty.', 'Say what is to be seen, or take it out.');
  }
  const shots = prompts.map((prompt) => ({ prompt: prompt.trim(), chunks: options.chunksPerPrompt }));
  const ignored = Object.keys(rest);
  return {
    stories: [toStory({ title, shots }, options, where)],
    warnings:
      ignored.length > 0
        ? [`${[options.fileName, where].filter(Boolean).join(', ')}: ${ignored.join(', ')} ignored.`]
        : [],
  };
}
