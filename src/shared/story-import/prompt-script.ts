import { z } from 'zod';
import { type DraftStory, finishScript } from './drafts.ts';
import type { ImportedScript } from './imported.ts';
import { parseJson } from './json.ts';
import { linesOf, ShotCount } from './lines.ts';
import type { Place } from './notes.ts';
import { badStory, type ImportContext, parseWith, titleFromName } from './source.ts';

const scriptSchema = z.looseObject({ prompts: z.array(z.string()).min(1) });

/**
 * MemFlow and LongLive prompt scripts: a story a line, `{"prompts": ["...", "..."]}`. The files do not say how long a
 * prompt lasts (there it is a setting, 40 latent frames as published): `chunksPerPrompt` does.
 */
export function readPromptScripts(text: string, context: ImportContext): ImportedScript {
  const { options } = context;
  const name = titleFromName(options.fileName);
  const count = new ShotCount(options);
  const stories: DraftStory[] = [];
  for (const [line, content] of linesOf(text)) {
    if (content.trim() === '') continue;
    count.addStory({ line });
    stories.push(storyOf(parseJson(content, options, line - 1), { line }, name, count, context));
  }
  if (stories.length === 0) {
    throw badStory(
      options,
      {},
      'there is no story in this file.',
      'Write one story a line: {"prompts": ["...", "..."]}',
    );
  }
  const numbered = stories.map((story, i) => (stories.length > 1 ? { ...story, title: `${name} ${i + 1}` } : story));
  return finishScript({ format: 'prompt-script', title: numbered[0]?.title ?? name, stories: numbered }, context);
}

/** One such story, already parsed as JSON. */
export function readPromptScript(value: unknown, context: ImportContext): ImportedScript {
  const title = titleFromName(context.options.fileName);
  const story = storyOf(value, {}, title, new ShotCount(context.options), context);
  return finishScript({ format: 'prompt-script', title, stories: [story] }, context);
}

function storyOf(value: unknown, at: Place, title: string, count: ShotCount, context: ImportContext): DraftStory {
  const { options, notes } = context;
  const { prompts, ...rest } = parseWith(scriptSchema, value, options, at);
  count.add(at, prompts.length);
  const ignored = Object.keys(rest);
  if (ignored.length > 0) notes.add('left-out', at, `${namesOf(ignored)} ignored.`);
  const shots = prompts.map((prompt, i) => ({
    place: { ...at, path: `prompts[${i}]` },
    prompt: prompt.trim(),
    chunks: options.chunksPerPrompt,
  }));
  return { title, scenes: [{ shots }] };
}

/** Names of fields for a note; a file may have thousands, and long ones. */
export function namesOf(names: readonly string[]): string {
  const most = 8;
  const shown = names.slice(0, most).map((name) => (name.length <= 40 ? name : `${name.slice(0, 39)}…`));
  const more = names.length - shown.length;
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ');
}
