import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, resolve, sep } from 'node:path';
import { pictureLimits } from '../../shared/assets/asset.ts';
import { ThroughlineError } from '../../shared/errors.ts';
import { limits } from '../../shared/project/limits.ts';
import type { PictureFound } from '../../shared/story-import/index.ts';
import { type PictureSpawn, pictureTooLarge, readPicture } from './index.ts';

/** A picture as a project keeps it. */
export interface KeptPicture {
  /** SHA-256 of its bytes, 64 hex digits. */
  readonly asset: string;
  /** Of its file. */
  readonly name: string;
  readonly png: Uint8Array;
}

/** What came of looking for the pictures of a story, by how it names them. */
export type StoryPictureFiles = ReadonlyMap<string, KeptPicture | Extract<PictureFound, { why: string }>>;

/** Pictures of one story, and its first frame. */
const mostFiles = limits.pictures + 1;

/** Where a story's pictures are looked for. */
export interface PicturePlace {
  /** The story's own file; null where nobody said where it lies. */
  readonly storyFile: string | null;
  /** Lets a file in, or throws a ThroughlineError that says why not; anything is let in by default. */
  readonly admit?: (file: string) => Promise<string>;
  readonly spawn?: PictureSpawn | undefined;
}

/**
 * Reads the pictures that a story names: files in its folder or below, and `data:` addresses. Never throws for one of them.
 * @throws ThroughlineError `bad-story` for more than a story can have
 */
export async function readStoryPictures(files: readonly string[], place: PicturePlace): Promise<StoryPictureFiles> {
  if (files.length > mostFiles)
    throw new ThroughlineError(
      'bad-story',
      `The story names ${files.length} pictures; it may name ${mostFiles}.`,
      'Leave some out.',
    );
  const found = new Map<string, KeptPicture | Extract<PictureFound, { why: string }>>();
  for (const file of files) {
    try {
      const name = file.startsWith('data:') ? 'Picture' : basename(file);
      const { png } = await readPicture(await bytesOf(file, name, place), name, place.spawn);
      found.set(file, { asset: createHash('sha256').update(png).digest('hex'), name, png });
    } catch (error) {
      if (!(error instanceof ThroughlineError)) throw error;
      found.set(file, { why: clause(error.message), hint: error.hint });
    }
  }
  return found;
}

/** A picture that a story names. @throws ThroughlineError whose message is a clause: why it is not there */
export async function bytesOf(file: string, name: string, place: PicturePlace): Promise<Uint8Array> {
  if (file.startsWith('data:')) {
    const [, text] = /^data:image\/(?:png|jpeg|webp);base64,([A-Za-z0-9+/=]+)$/.exec(file) ?? [];
    if (text === undefined) throw bad('its data: address holds no PNG, JPEG or WebP in base64', 'Name a file instead.');
    return Buffer.from(text, 'base64');
  }
  if (place.storyFile === null)
    throw bad(
      'a browser does not say in which folder the story lies',
      'Open the story by its path (Menu, Open…), or add the picture to the shot.',
    );
  const folder = resolve(dirname(place.storyFile));
  const path = resolve(folder, file);
  if (isAbsolute(file) || !path.startsWith(folder.endsWith(sep) ? folder : folder + sep))
    throw bad('a story names pictures in its own folder or below', 'Put it there.');
  const admitted = await (place.admit?.(path) ?? path);
  const status = await stat(admitted).catch(() => null);
  if (!status?.isFile()) throw bad(`there is no file ${path}`, 'Put it there, or take it out of the story.');
  if (status.size > pictureLimits.sizeBytes) throw pictureTooLarge(name);
  return readFile(admitted);
}

function bad(message: string, hint: string): ThroughlineError {
  return new ThroughlineError('bad-input', message, hint);
}

/** A sentence as what follows a colon. */
export function clause(sentence: string): string {
  const plain = sentence.replace(/\.$/, '');
  return /^[A-Z][a-z]* /.test(plain) ? plain[0]?.toLowerCase() + plain.slice(1) : plain;
}
