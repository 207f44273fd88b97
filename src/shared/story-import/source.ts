import { z } from 'zod';
import { ThroughlineError } from '../errors.ts';
import { type Story, storySchema } from '../story.ts';

/** What came out of a file. */
export interface ImportedStories {
  /** At least one, in the file's order. */
  readonly stories: readonly Story[];
  /** What the file says that we do not do, one sentence each, without a line break. */
  readonly warnings: readonly string[];
}

export interface ImportOptions {
  /** Name of the file, for titles and messages; its ending says what kind of file it is. */
  readonly fileName: string;
  /** Length of a shot where the file gives none, in chunks. */
  readonly chunksPerPrompt: number;
  /** Frames a second that a film will have: Scope timelines give seconds. */
  readonly fps: number;
  /** Latent frames a chunk. */
  readonly chunkFrames: number;
}

/** Four chunks are about six seconds at the built-in model's 8 frames a second: time enough for one action. */
export const defaultChunksPerPrompt = 4;

/** An error of the file: where (`line 3`, `shots[1].prompt`), what, and what to do. */
export function badStory(options: ImportOptions, where: string, what: string, hint: string): ThroughlineError {
  return new ThroughlineError('bad-story', `${[options.fileName, where].filter(Boolean).join(', ')}: ${what}`, hint);
}

/** Parses JSON; `lineOffset` is added to line numbers (0 for a whole file). Throws `bad-story` with line and column. */
export function parseJson(text: string, options: ImportOptions, lineOffset = 0): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    const { line, column } = positionOf(text, message);
    // V8 quotes a stretch of the text; its position is enough.
    const what = message.replace(/,? ?\.{0,3}"[\s\S]*" is not valid JSON| in JSON at position[\s\S]*$/, '');
    throw new ThroughlineError(
      'bad-story',
      `${options.fileName}, line ${line + lineOffset}, column ${column}: this is not valid JSON (${what}).`,
      'Look for a missing comma, quote or bracket just before that place.',
      { cause },
    );
  }
}

function positionOf(text: string, message: string): { line: number; column: number } {
  const before = text.slice(0, statedOffset(message) ?? searchOffset(text)).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

function statedOffset(message: string): number | null {
  const match = /at position (\d+)/.exec(message);
  return match ? Number(match[1]) : null;
}

/**
 * Where the text stops being the beginning of some JSON: V8 does not say so of an unexpected token in a short text.
 * Prefixes that merely end too soon come before that place, all others after it.
 */
function searchOffset(text: string): number {
  let good = 0;
  let bad = text.length + 1;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (endsTooSoon(text.slice(0, middle))) good = middle;
    else bad = middle;
  }
  return good;
}

function endsTooSoon(prefix: string): boolean {
  try {
    JSON.parse(prefix);
    return true;
  } catch (error) {
    const message = String(error);
    return /end of JSON|Unterminated/.test(message) || statedOffset(message) === prefix.length;
  }
}

/** Checks `value` against `schema`; throws `bad-story` naming the first thing that does not fit. */
export function parseWith<T>(schema: z.ZodType<T>, value: unknown, options: ImportOptions, where: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const path = z.core.toDotPath(issue?.path ?? []);
  const rest = result.error.issues.length - 1;
  throw badStory(
    options,
    [where, path].filter(Boolean).join(', '),
    `${issue?.message ?? 'unexpected content'}${rest > 0 ? ` (and ${rest} more)` : ''}.`,
    'Correct it there, or see "Story files" in the README.',
  );
}

/** Builds a story from parts that are already of the right types, and checks lengths and ranges. */
export function toStory(
  parts: Omit<z.input<typeof storySchema>, 'format' | 'version'>,
  options: ImportOptions,
  where = '',
): Story {
  return parseWith(storySchema, { format: 'throughline-story', version: 1, ...parts }, options, where);
}

/** The file's name without folders and ending: a title where the file gives none. */
export function titleFromName(fileName: string): string {
  const name = fileName.split(/[\\/]/).at(-1) ?? '';
  return name.replace(/\.[^.]+$/, '').slice(0, 180) || 'Untitled';
}
