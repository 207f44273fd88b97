import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { ThroughlineError } from '../../../shared/errors.ts';
import {
  type AdapterFile,
  adapterModes,
  adaptersFolder,
  type MemoryMode,
  memoryKind,
} from '../../../shared/memories/index.ts';
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
  /** Where each part's weights are. */
  readonly files: { readonly dit: string };
  /** What lets the model remember in other ways than it was trained with first, by memory; no part of its digest. */
  readonly adapterFiles: ReadonlyMap<MemoryMode, readonly FoundAdapter[]>;
  /** The files the weights are in, without duplicates. */
  readonly weightFiles: readonly string[];
  /**
   * What looks at a person's pictures, where the model has it: weights of the encoder and of the decoder that it looks through,
   * and the file that is not among {@link weightFiles}, if there is one. An encoder changes no chunk that is made without
   * pictures: its file is not part of the model's digest.
   */
  readonly encoder: { readonly weights: ReadonlyMap<string, TensorEntry>; readonly file: string | null } | null;
}

/** One file of a memory's adapters. */
export interface FoundAdapter {
  readonly path: string;
  readonly of: AdapterFile['of'];
}

/** What wrappers leave in front of, or inside, the published key names (model reference H). */
const wrapperPrefix = /^(model\.)|_fsdp_wrapped_module\.|_checkpoint_wrapped_module\.|_orig_mod\./g;

const encoderFile = 'encoder.safetensors';
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
  const weights = memoryKind(config.memory.mode).needs.weights ?? [];
  const [memoryFile] = weights; // a second DiT is the only kind of weights that a memory brings so far
  const table = (file: string): Map<string, TensorEntry> => readModelWeights(join(path, file));
  const decoder = table(files.decoder);
  return {
    path,
    config,
    tokenizerFile,
    scene: readSceneWords(path, config),
    text: table(files.text),
    dit: table(files.dit),
    memoryDit: memoryFile === undefined ? null : table(memoryFile),
    decoder,
    files: { dit: join(path, files.dit) },
    adapterFiles: adaptersIn(path),
    weightFiles: [...Object.values(files), ...weights].map((file) => join(path, file)),
    encoder: encoderIn(path, config, decoder),
  };
}

/** The weights of a file under their published names. */
export function readModelWeights(file: string): Map<string, TensorEntry> {
  return withoutWrappers(readSafetensors(file));
}

/** Of memories whose adapters are all there. */
function adaptersIn(path: string): ModelFolder['adapterFiles'] {
  const found = adapterModes.map((mode): [MemoryMode, FoundAdapter[]] => [
    mode,
    memoryKind(mode).needs.adapters.map(({ file, of }) => ({ path: join(path, adaptersFolder, file), of })),
  ]);
  return new Map(found.filter(([, files]) => files.every((file) => existsSync(file.path))));
}

/** The Wan VAE's encoder lies with its decoder, ours in a file of its own. */
function encoderIn(
  path: string,
  config: ModelConfig,
  decoder: ReadonlyMap<string, TensorEntry>,
): ModelFolder['encoder'] {
  if (config.decoder.kind === 'wan-vae')
    return decoder.has('encoder.conv1.weight') ? { weights: decoder, file: null } : null;
  const file = join(path, encoderFile);
  if (!existsSync(file)) return null;
  return { weights: new Map([...decoder, ...readModelWeights(file)]), file };
}

const vocabularySchema = z.object({
  words: z.array(
    z.object({ word: z.string(), part: z.string(), group: z.string(), synonyms: z.array(z.string()).default([]) }),
  ),
});

/** A vocabulary only helps: one that is missing or cannot be read is none. */
function readSceneWords(path: string, { text }: ModelConfig): SceneWords | null {
  try {
    const { words } = vocabularySchema.parse(JSON.parse(readFileSync(join(path, 'vocabulary.json'), 'utf8')));
    return sceneWordsOf(words, (text.maxTokens ?? text.textLength) - 1); // the last token ends the prompt
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
