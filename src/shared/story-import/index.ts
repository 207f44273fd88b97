import { readOwnJson } from './own-json.ts';
import { readPlainText } from './plain-text.ts';
import { readPromptScript, readPromptScripts } from './prompt-script.ts';
import { readScopeTimeline } from './scope-timeline.ts';
import { badStory, type ImportedStories, type ImportOptions, parseJson } from './source.ts';

export { defaultChunksPerPrompt, type ImportedStories, type ImportOptions } from './source.ts';

/**
 * Reads the stories of a file: our own JSON, MemFlow/LongLive prompt scripts, Scope timelines or plain text. The
 * file's ending decides (`.jsonl`, `.json`); of other files, those that begin with `{` are taken for JSON.
 *
 * Throws ThroughlineError `bad-story` naming file, place and remedy.
 */
export function importStories(text: string, options: ImportOptions): ImportedStories {
  const clean = text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
  if (clean.trim() === '') {
    throw badStory(options, '', 'the file is empty.', 'Write a paragraph for each shot.');
  }
  if (clean.includes('\0')) {
    throw badStory(options, '', 'this is not a text file.', 'Give a story: .json, .jsonl or plain text (UTF-8).');
  }
  const name = options.fileName.toLowerCase();
  if (name.endsWith('.jsonl')) return readPromptScripts(clean, options);
  if (name.endsWith('.json') || clean.trimStart().startsWith('{')) return readJson(parseJson(clean, options), options);
  return readPlainText(clean, options);
}

function readJson(value: unknown, options: ImportOptions): ImportedStories {
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
    if ('format' in value && value.format === 'throughline-story') return readOwnJson(value, options);
    if ('format' in value && value.format === 'throughline-report') {
      throw badStory(options, '', 'this is a report of a render, not a story.', 'Read it with: throughline inspect');
    }
    if ('prompts' in value && Array.isArray(value.prompts)) {
      return typeof value.prompts[0] === 'string'
        ? readPromptScript(value, options)
        : readScopeTimeline(value, options);
    }
  }
  throw badStory(
    options,
    '',
    'this JSON is no story that Throughline knows.',
    'It reads its own stories ("format": "throughline-story"), prompt scripts ({"prompts": ["..."]}) and Scope timelines.',
  );
}
