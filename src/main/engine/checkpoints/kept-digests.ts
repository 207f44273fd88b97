import { readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { writeSmallFile } from '../../files/index.ts';
import { digestOf, type ModelFolder } from '../model/model-folder.ts';
import { importedDigest } from './model-digest.ts';

/** More models than a person goes back and forth between. */
const keptDigests = 32;

const entrySchema = z.object({
  folder: z.string(),
  /** Name, size and time of every file, resolved. */
  files: z.string(),
  digest: z.string().regex(/^[0-9a-f]{64}$/),
});
const fileSchema = z.object({ version: z.literal(1), models: z.array(entrySchema) });

/**
 * The digest of a model, without reading its weights where that was done before: written down at its import, or kept in
 * `keptIn` with the sizes and times of its files. Files that were touched since are read again.
 * @param keptIn a small file that may be deleted at any time
 */
export async function digestWithoutReading(model: ModelFolder, keptIn: string): Promise<string> {
  const imported = importedDigest(model.path);
  if (imported !== null) return imported;
  const known = keptDigest(model, keptIn);
  if (known !== null) return known;
  const folder = realpathSync(model.path);
  const files = stamp(model);
  const digest = await digestOf(model);
  // What changed while it was read must not be taken for what was read.
  if (stamp(model) === files) {
    const others = read(keptIn).filter((entry) => entry.folder !== folder);
    write(keptIn, [{ folder, files, digest }, ...others].slice(0, keptDigests));
  }
  return digest;
}

/** The digest that was kept when a model was read whole; null where it never was, or its files were touched since. */
export function keptDigest(model: ModelFolder, keptIn: string): string | null {
  const folder = realpathSync(model.path);
  const files = stamp(model);
  return read(keptIn).find((entry) => entry.folder === folder && entry.files === files)?.digest ?? null;
}

function stamp(model: ModelFolder): string {
  return [join(model.path, 'config.json'), model.tokenizerFile, ...model.weightFiles]
    .map((file) => {
      // Not the time its entry changed: linking it beside the graphs changes that.
      const { size, mtimeMs, ino } = statSync(file);
      return `${basename(file)} ${size} ${mtimeMs} ${ino}`;
    })
    .join('\n');
}

function read(file: string): z.infer<typeof fileSchema>['models'] {
  try {
    return fileSchema.parse(JSON.parse(readFileSync(file, 'utf8'))).models;
  } catch {
    return [];
  }
}

/** Not being able to write costs reading the weights at the next start, no more. */
function write(file: string, models: z.infer<typeof fileSchema>['models']): void {
  try {
    writeSmallFile(file, `${JSON.stringify({ version: 1, models })}\n`);
  } catch {}
}
