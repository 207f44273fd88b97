import type { Story } from '../story.ts';
import { encodingNote, type TextEncoding } from './decode.ts';
import { readFinalDraft } from './final-draft.ts';
import type { FootageFile } from './footage-file.ts';
import { readFountain } from './fountain.ts';
import { type ImportedScript, type ImportedStory, noteSentence, shotsOfStory } from './imported.ts';
import { parseJson } from './json.ts';
import { NoteList } from './notes.ts';
import { withPlainLineEnds } from './odd-characters.ts';
import { readOwnJson } from './own-json.ts';
import { readPlainText } from './plain-text.ts';
import { readPromptLines } from './prompt-lines.ts';
import { readPromptScript, readPromptScripts } from './prompt-script.ts';
import { recognise, strangerIn, strangerNamed } from './recognise.ts';
import { readScopeTimeline, readScopeWorkflow } from './scope-timeline.ts';
import { badStory, type ImportContext, type ImportOptions, maxScriptSize } from './source.ts';
import { looksLikeStoryMem, readStoryMem } from './storymem.ts';

export { type DecodedText, decodeText, type TextEncoding, textEncodings } from './decode.ts';
export type { FootageFile } from './footage-file.ts';
export * from './imported.ts';
export { scriptEndings } from './recognise.ts';
export { defaultChunksPerPrompt, type ImportOptions, maxScriptSize, type PictureFound } from './source.ts';

/** Most lines of a script. */
const maxScriptLines = 500_000;

/** The formats in one sentence, for hints. */
const readable =
  'Give a story: plain text, Fountain (.fountain), Final Draft (.fdx), or a .json or .jsonl of those in docs/imports.md.';

/**
 * Reads a script in any of the formats of docs/imports.md. Linear in the text's length, whatever it holds.
 *
 * @param encoding how the text's bytes were read (`decodeText`), for a note
 * @throws ThroughlineError `bad-story` naming file, place and remedy
 */
export function readScript(text: string, options: ImportOptions, encoding: TextEncoding = 'utf-8'): ImportedScript {
  if (text.length > maxScriptSize) {
    throw badStory(
      options,
      {},
      `the file has ${Math.ceil(text.length / 1e6)} million characters; a script has at most ${maxScriptSize / 1e6}.`,
      'Split it into several files.',
    );
  }
  const stranger = strangerIn(text);
  if (stranger) throw badStory(options, {}, `this is ${stranger}, not a script.`, readable);
  if (text.includes('\0')) throw badStory(options, {}, 'this is not a text file.', readable);
  const named = strangerNamed(options.fileName);
  if (named) throw badStory(options, {}, `it is named as ${named}, not as a script.`, readable);
  const clean = withPlainLineEnds(text);
  if (clean.trim() === '') {
    throw badStory(options, {}, 'the file is empty.', 'Write a paragraph for each shot.');
  }
  if (moreLinesThan(clean, maxScriptLines)) {
    const what = `the file has more than ${maxScriptLines} lines, which is the most that is read.`;
    throw badStory(options, {}, what, 'Split it into several files.');
  }
  const context: ImportContext = { options, notes: new NoteList() };
  const note = encodingNote(encoding);
  if (note) context.notes.add('changed', {}, note);
  const { kind, headingLine } = recognise(options.fileName, clean);
  switch (kind) {
    case 'prompt-script':
      return readPromptScripts(clean, context);
    case 'json':
      return readJson(parseJson(clean, options), context);
    case 'final-draft':
      return readFinalDraft(clean, context);
    case 'fountain':
      if (headingLine !== null) {
        const why = 'a scene heading stands here, so the text is read as a Fountain screenplay.';
        context.notes.add('changed', { line: headingLine }, why);
      }
      return readFountain(clean, context);
    case 'prompt-lines':
      return readPromptLines(clean, context);
    case 'plain-text':
      return readPlainText(clean, context);
  }
}

function moreLinesThan(text: string, most: number): boolean {
  let count = 1;
  for (let at = text.indexOf('\n'); at >= 0 && count <= most; at = text.indexOf('\n', at + 1)) count += 1;
  return count > most;
}

function readJson(value: unknown, context: ImportContext): ImportedScript {
  const { options } = context;
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
    const format = 'format' in value ? value.format : undefined;
    if (format === 'throughline-story') return readOwnJson(value, context);
    if (format === 'scope-workflow') return readScopeWorkflow(value, context);
    if (format === 'throughline-report') {
      throw badStory(options, {}, 'this is a report of a render, not a story.', 'Read it with: throughline inspect');
    }
    if (looksLikeStoryMem(value)) return readStoryMem(value, context);
    if ('prompts' in value && Array.isArray(value.prompts)) {
      return typeof value.prompts[0] === 'string'
        ? readPromptScript(value, context)
        : readScopeTimeline(value, context);
    }
  }
  throw badStory(
    options,
    {},
    'this JSON is no story that Throughline knows.',
    'It reads its own stories ("format": "throughline-story"), prompt scripts ({"prompts": ["..."]}), Scope workflows and timelines, and StoryMem stories.',
  );
}

/** What the command line and other callers without scenes make of a file. */
export interface ImportedStories {
  /** At least one, in the file's order. */
  readonly stories: readonly Story[];
  /** What the file says that we do not do, one sentence each, without a line break. */
  readonly warnings: readonly string[];
  /** As `ImportedScript.pictureFiles`. */
  readonly pictureFiles: readonly string[];
  /** As `ImportedScript.footageFile`; null: none. */
  readonly footageFile: FootageFile | null;
}

/** {@link readScript}, as stories: scenes are left out, fields stay with their shots. */
export function importStories(text: string, options: ImportOptions, encoding: TextEncoding = 'utf-8'): ImportedStories {
  const script = readScript(text, options, encoding);
  return {
    stories: script.stories.map(storyOfImport),
    warnings: script.notes.map((note) => noteSentence(options.fileName, note)),
    pictureFiles: script.pictureFiles ?? [],
    footageFile: script.footageFile ?? null,
  };
}

/** A story as the command line renders it. */
export function storyOfImport(story: ImportedStory): Story {
  return {
    format: 'throughline-story',
    version: 1,
    title: story.title,
    seed: story.seed,
    ...(story.model ? { model: story.model } : {}),
    ...(story.frameSize ? { frameSize: story.frameSize } : {}),
    ...(story.prompts ? { prompts: story.prompts } : {}),
    ...(story.memory ? { memory: story.memory } : {}),
    shots: shotsOfStory(story).map(
      ({ prompt, chunks, seed, transition, told, memory, fields, trim, firstFrame, footage }) => ({
        prompt,
        chunks,
        transition: transition ?? defaultTransition,
        ...(seed === undefined ? {} : { seed }),
        ...(told === undefined ? {} : { told }),
        ...(memory === undefined ? {} : { memory }),
        ...(Object.keys(fields).length === 0 ? {} : { fields }),
        ...(trim === undefined ? {} : { trim }),
        ...(firstFrame === undefined ? {} : { firstFrame }),
        ...(footage === undefined ? {} : { footage }),
      }),
    ),
  };
}

/** What a shot has that says nothing of its transition. */
export const defaultTransition = 'automatic';
