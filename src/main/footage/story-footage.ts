import { createHash } from 'node:crypto';
import { CancelledError, ThroughlineError } from '../../shared/errors.ts';
import { type FootageFacts, stripAt } from '../../shared/footage.ts';
import type { FootageFile } from '../../shared/story-import/index.ts';
import { bytesOf, clause, type PicturePlace } from '../pictures/story-pictures.ts';
import { checkStrips } from './index.ts';
import type { CheckedStrips, Strip } from './protocol.ts';

/** A clip as a project keeps it. */
export interface KeptFootage {
  /** SHA-256 of its bytes, 64 hex digits. */
  readonly asset: string;
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly facts: FootageFacts;
}

const again = 'Export the story again, or take "footage" out of the file.';
/** All pictures of a clip together, in bytes. */
const mostBytes = 256 * 2 ** 20;

/**
 * Reads the footage that a story holds, or names beside it.
 * @param fileName of the story, for sentences
 * @throws ThroughlineError `bad-story` that says what is wrong with which picture
 */
export async function readStoryFootage(
  { name, chunks, strips }: FootageFile,
  { fileName, ...place }: PicturePlace & { readonly fileName: string },
): Promise<KeptFootage> {
  const refused = (at: string, why: string, hint: string, cause?: unknown): ThroughlineError =>
    new ThroughlineError(
      'bad-story',
      `${fileName}, shots[0].footage${at}: the footage "${name}" cannot be had: ${why}.`,
      hint,
      { cause },
    );
  const files: Strip[] = [];
  let sizeBytes = 0;
  for (const [i, { frames, file }] of strips.entries()) {
    try {
      files.push({ png: await bytesOf(file, file.startsWith('data:') ? `chunk ${i + 1}` : file, place), frames });
    } catch (error) {
      if (!(error instanceof ThroughlineError)) throw error;
      throw refused(`.strips[${i}]`, clause(error.message), error.hint, error);
    }
    sizeBytes += files.at(-1)?.png.length ?? 0;
    if (sizeBytes > mostBytes) throw refused('.strips', `its pictures are more than ${mostBytes / 2 ** 20} MB`, again);
  }
  let checked: CheckedStrips;
  try {
    checked = await checkStrips(files, name, place.spawn);
  } catch (error) {
    if (!(error instanceof ThroughlineError) || error instanceof CancelledError) throw error;
    throw refused('.strips', clause(error.message), again, error);
  }
  const other = chunks.findIndex((shows, i) => checked.chunks[i]?.shows !== shows);
  if (other >= 0) throw refused(`.strips[${other}]`, 'it shows something else than the story says', again);
  const bytes = Buffer.concat(checked.chunks.map(({ png }) => png));
  const { width, height } = checked;
  return {
    asset: createHash('sha256').update(bytes).digest('hex'),
    name,
    bytes,
    facts: {
      ...{ width, height, chunks },
      strips: checked.chunks.map(({ png }, i) => ({ bytes: png.length, frames: strips[i]?.frames ?? 0 })),
    },
  };
}

/** What a clip shows in a chunk's place: a PNG with its frames one below the other; null where it is over. */
export function stripOfKept({ facts, bytes }: KeptFootage, chunk: number): Strip | null {
  const place = stripAt(facts, chunk);
  return place && { png: bytes.subarray(place.start, place.end), frames: place.frames };
}
