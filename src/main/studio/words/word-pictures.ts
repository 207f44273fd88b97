import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { WordPictures } from '../../../shared/word-help.ts';
import { readJson } from '../json-file.ts';

/** In a model's folder: the sheet, one picture below the other, and which words it shows. Both or neither. */
export const wordPictureFiles = { sheet: 'word-pictures.webp', words: 'word-pictures.json' };

/** `model` is the digest of the weights that made them. */
const schema = z.object({
  model: z.string(),
  width: z.int().min(1).max(512),
  height: z.int().min(1).max(512),
  words: z.array(z.string().max(64)).min(1).max(500),
});
const largestSheet = 4_000_000;

/** What a model's words look like; null where its folder has no pictures, or none that can be read: they only help. */
export function readWordPictures(modelFolder: string): WordPictures | null {
  const parsed = schema.safeParse(readJson(join(modelFolder, wordPictureFiles.words)));
  if (!parsed.success) return null;
  const { width, height, words } = parsed.data;
  try {
    const file = join(modelFolder, wordPictureFiles.sheet);
    const status = statSync(file);
    if (!status.isFile() || status.size > largestSheet) return null;
    return { width, height, words, sheet: `data:image/webp;base64,${readFileSync(file).toString('base64')}` };
  } catch {
    return null;
  }
}
