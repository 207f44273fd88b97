import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { readJson } from '../json-file.ts';

export const sampleProjectName = 'there-and-back.throughline';
/** Says which model the sample project was made with. */
export const madeWithName = 'made-with.json';

const madeWithSchema = z.object({ model: z.string() });

/** Looks at pictures and makes none: no part of what a film is made with (decision 138). */
const encoderFile = 'encoder.safetensors';

/** SHA-256 over what a model makes films with: files by name, in order. */
export async function modelFolderDigest(folder: string): Promise<string> {
  const hash = createHash('sha256');
  const names = (await readdir(folder)).filter(
    (name) => (name.endsWith('.safetensors') && name !== encoderFile) || /^(config|tokenizer)\.json$/.test(name),
  );
  for (const name of names.sort()) {
    hash.update(`${name}\n`);
    await pipeline(createReadStream(join(folder, name)), hash, { end: false });
  }
  return hash.digest('hex');
}

/** The project file in a sample's folder; null where there is none, or where it was made with another model. */
export async function readySample(sampleFolder: string, modelFolder: string): Promise<string | null> {
  const file = join(sampleFolder, sampleProjectName);
  const madeWith = madeWithSchema.safeParse(readJson(join(sampleFolder, madeWithName)));
  if (!existsSync(file) || !madeWith.success) return null;
  const digest = await modelFolderDigest(modelFolder).catch(() => null); // no model: it says so when it is loaded
  return digest === null || digest === madeWith.data.model ? file : null;
}
