import { z } from 'zod';
import { ThroughlineError } from '../errors.ts';
import { type NoteList, type Place, placeInWords } from './notes.ts';

/** What came of looking for a picture that a story names: what it is called in a project, or why it is not there. */
export type PictureFound =
  | { readonly asset: string }
  /** `why`: a clause such as `there is no such file`; `hint`: what to do. */
  | { readonly why: string; readonly hint: string };

export interface ImportOptions {
  /** Name of the file, for titles and messages; its ending says what kind of file it is. */
  readonly fileName: string;
  /** Length of a shot where the file gives none, in chunks. */
  readonly chunksPerPrompt: number;
  /** Frames a second that a film will have: some formats give seconds. */
  readonly fps: number;
  /** Latent frames a chunk. */
  readonly chunkFrames: number;
  /** What came of looking for the pictures that a story names, by how it names them; left off: nobody looked. */
  readonly pictures?: ReadonlyMap<string, PictureFound> | undefined;
  /** Whether a picture that a story names by its digest is there; left off: all are. */
  readonly hasPicture?: ((asset: string) => boolean) | undefined;
  /** What the footage that a story begins with is called in a project; left off: nobody looked for it. */
  readonly footage?: { readonly asset: string } | undefined;
  /** A story whose pictures are not all there is refused; else it is read without them. */
  readonly requirePictures?: boolean | undefined;
}

/** Longest script that is read, in bytes and in characters. Files are measured before they are read. */
export const maxScriptSize = 20_000_000;

/** Four chunks are about six seconds at the built-in model's 8 frames a second: time enough for one action. */
export const defaultChunksPerPrompt = 4;

/** What every reader is given: where lengths and messages come from, and where notes go. */
export interface ImportContext {
  readonly options: ImportOptions;
  readonly notes: NoteList;
}

/** An error of the file: where (`line 3`, `shots[1].prompt`), what, and what to do. */
export function badStory(options: ImportOptions, place: Place, what: string, hint: string): ThroughlineError {
  const where = placeInWords(place);
  return new ThroughlineError('bad-story', `${[options.fileName, where].filter(Boolean).join(', ')}: ${what}`, hint);
}

/** Checks `value` against `schema`; throws `bad-story` naming the first thing that does not fit. */
export function parseWith<T>(schema: z.ZodType<T>, value: unknown, options: ImportOptions, place: Place = {}): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const path = z.core.toDotPath(issue?.path ?? []);
  const rest = result.error.issues.length - 1;
  throw badStory(
    options,
    { ...place, ...(path ? { path: [place.path, path].filter(Boolean).join('.') } : {}) },
    `${issue?.message ?? 'unexpected content'}${rest > 0 ? ` (and ${rest} more)` : ''}.`,
    'Correct it there, or see docs/imports.md.',
  );
}

/** The file's name without folders and ending: a title where the file gives none. */
export function titleFromName(fileName: string): string {
  const name = fileName.split(/[\\/]/).at(-1) ?? '';
  return name.replace(/\.[^.]+$/, '').slice(0, 180) || 'Untitled';
}
