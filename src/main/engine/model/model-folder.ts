import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { ThroughlineError } from '../../../shared/errors.ts';
import { memoryKind } from '../../../shared/memories/index.ts';
import { type SceneWords, sceneWordsOf } from '../../../shared/scene/index.ts';
import { type ModelConfig, parseModelConfig } from './config.ts';
import { readSafetensors, type TensorEntry } from './safetensors.ts';

/** A model as it lies on disk: configuration and where every weight is. Nothing is loaded yet. */
export interface ModelFolder {
  readonly path: string;
  readonly config: ModelConfig;
  readonly tokenizerFile: string;
  /** Of its vocabulary, the places and times; null where it lists no words. */
  readonly scene: SceneWords | null;
  readonly text: ReadonlyMap<string, TensorEntry>;
  readonly dit: ReadonlyMap<string, TensorEntry>;
  /** The second DiT, of the same sizes, that looks at finished chunks; null for most models. */
  readonly memoryDit: ReadonlyMap<string, TensorEntry> | null;
  readonly decoder: ReadonlyMap<string, TensorEntry>;
  /** The files the weights are in, without duplicates. */
  readonly weightFiles: readonly string[];
}

/** What wrappers leave in front of, or inside, the published key names (model reference H). */
const wrapperPrefix = /^(model\.)|_fsdp_wrapped_module\.|_checkpoint_wrapped_module\.|_orig_mod\./g;

const files = { text: 'text_encoder.safetensors', dit: 'dit.safetensors', decoder: 'decoder.safetensors' } as const;

/** @throws ThroughlineError `model-missing`, `model-truncated` or `model-inconsistent` */
export function openModelFolder(path: string): ModelFolder {
  const configFile = join(path, 'config.json');
  const tokenizerFile = join(path, 'tokenizer.json');
  if (!existsSync(path)) {
    throw new ThroughlineError(
      'model-missing',
      `The model at ${path} is not there.`,
      'Get it again or use another one: Models… in the menu, or throughline models list.',
    );
  }
  for (const file of [configFile, tokenizerFile]) {
    if (!existsSync(file)) {
      throw new ThroughlineError(
        'model-missing',
        `There is no ${basename(file)} in ${path}.`,
        'Choose a folder that holds config.json, tokenizer.json and the weights.',
      );
    }
  }
  const config = parseModelConfig(readFileSync(configFile, 'utf8'), configFile);
  const { weights } = memoryKind(config.memory.mode).needs;
  const [memoryFile] = weights; // a second DiT is the only kind of weights that a memory brings so far
  const table = (file: string): Map<string, TensorEntry> => withoutWrappers(readSafetensors(join(path, file)));
  return {
    path,
    config,
    tokenizerFile,
    scene: readSceneWords(path),
    text: table(files.text),
    dit: table(files.dit),
    memoryDit: memoryFile === undefined ? null : table(memoryFile),
    decoder: table(files.decoder),
    weightFiles: [...Object.values(files), ...weights].map((file) => join(path, file)),
  };
}

const vocabularySchema = z.object({
  words: z.array(
    z.object({ word: z.string(), part: z.string(), group: z.string(), synonyms: z.array(z.string()).default([]) }),
  ),
});

/** A vocabulary only helps: one that is missing or cannot be read is none. */
function readSceneWords(path: string): SceneWords | null {
  try {
    return sceneWordsOf(vocabularySchema.parse(JSON.parse(readFileSync(join(path, 'vocabulary.json'), 'utf8'))).words);
  } catch {
    return null;
  }
}

/** Renames wrapped keys to the published ones. */
export function withoutWrappers(entries: ReadonlyMap<string, TensorEntry>): Map<string, TensorEntry> {
  return new Map([...entries].map(([name, entry]) => [name.replaceAll(wrapperPrefix, ''), entry]));
}

/** SHA-256 over configuration, tokenizer and weights, 64 hex digits. */
export async function digestOf(folder: ModelFolder): Promise<string> {
  const hash = createHash('sha256');
  for (const file of [join(folder.path, 'config.json'), folder.tokenizerFile, ...folder.weightFiles]) {
    hash.update(`${basename(file)}:${statSync(file).size}\n`);
    for await (const block of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(block as Buffer);
  }
  return hash.digest('hex');
}
