import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ThroughlineError } from '../../../shared/errors.ts';
import { openCheckpoint } from './containers/index.ts';
import { type Family, familyOf } from './families.ts';
import { chooseRoot } from './names.ts';

/** A file that a person pointed at, and what it is. */
export interface SurveyedFile {
  readonly path: string;
  readonly sizeBytes: number;
  /** The person gave this file itself, and not a folder that it lies in. */
  readonly named: boolean;
  readonly content:
    | { readonly kind: 'weights'; readonly family: Family; readonly root: string; readonly others: readonly string[] }
    | { readonly kind: 'tokenizer' }
    /** With the sentence that says why. */
    | { readonly kind: 'unusable'; readonly why: ThroughlineError };
}

export interface SurveyOptions {
  /** Averaged weights where a file has both; yes unless said. */
  readonly ema?: boolean;
  /** For models that are not of the published head width. */
  readonly heads?: number;
}

/** Folders are looked through so deep; a Hugging Face cache needs five levels. */
const deepest = 6;
const mostFiles = 5_000;
const mayBeWeights = /\.(safetensors|pt|pth|bin|ckpt|index\.json)$/i;
const largestIndexBytes = 16 * 1024 ** 2;
const largestTokenizerBytes = 128 * 1024 ** 2;

/**
 * Says what every file is; folders are looked through. Shards that an index names are told once, by the index.
 * @throws ThroughlineError `model-missing` where a path leads nowhere, `bad-input` where a folder holds too many files
 */
export function survey(paths: readonly string[], options: SurveyOptions = {}): SurveyedFile[] {
  const files = new Map<string, { path: string; named: boolean }>();
  for (const path of paths) {
    for (const found of listed(path, 0)) {
      // The same file under several names is one.
      const real = realpathSync(found.path);
      if (found.named || !files.has(real)) files.set(real, found);
      if (files.size > mostFiles) {
        throw new ThroughlineError(
          'bad-input',
          `${path} holds more than ${mostFiles} files.`,
          'Choose the folder of one model.',
        );
      }
    }
  }
  const all = [...files.values()];
  const shards = new Set(all.flatMap(({ path }) => (path.endsWith('.index.json') ? shardsOf(path) : [])));
  return all
    .filter(({ path }) => !shards.has(path))
    .map(({ path, named }) => ({ ...identified(path, options), named }));
}

function listed(path: string, depth: number): { path: string; named: boolean }[] {
  let stat: ReturnType<typeof statSync>;
  try {
    stat = statSync(path);
  } catch (cause) {
    if (depth > 0) return []; // a link in the folder that leads nowhere
    throw new ThroughlineError('model-missing', `There is nothing at ${path}.`, 'Check the path.', { cause });
  }
  if (stat.isFile()) {
    const wanted = depth === 0 || mayBeWeights.test(path) || basename(path) === 'tokenizer.json';
    return wanted ? [{ path, named: depth === 0 }] : [];
  }
  if (!stat.isDirectory() || depth >= deepest) return [];
  // A Hugging Face cache has every file twice: by its digest, and by its name.
  const names = readdirSync(path).filter((name) => !(name === 'blobs' && /^models--/.test(basename(path))));
  return names.flatMap((name) => listed(join(path, name), depth + 1));
}

function shardsOf(index: string): string[] {
  if (statSync(index).size > largestIndexBytes) return []; // told when it is opened
  try {
    const { weight_map: map } = JSON.parse(readFileSync(index, 'utf8')) as { weight_map: Record<string, string> };
    return [...new Set(Object.values(map))].map((name) => join(dirname(index), String(name)));
  } catch {
    return []; // told when it is opened
  }
}

function identified(path: string, options: SurveyOptions): Omit<SurveyedFile, 'named'> {
  const sizeBytes = statSync(path).size;
  if (isTokenizer(path, sizeBytes)) return { path, sizeBytes, content: { kind: 'tokenizer' } };
  try {
    const checkpoint = openCheckpoint(path);
    try {
      const { root, others, tensors } = chooseRoot(checkpoint.name, checkpoint.entries, options.ema ?? true);
      const heads = options.heads ?? headsBeside(path);
      const family = familyOf(checkpoint.name, tensors, heads === undefined ? {} : { heads });
      const allBytes = checkpoint.files.reduce((sum, file) => sum + statSync(file).size, 0);
      return { path, sizeBytes: allBytes, content: { kind: 'weights', family, root, others } };
    } finally {
      checkpoint.dispose();
    }
  } catch (why) {
    if (!(why instanceof ThroughlineError)) throw why;
    return { path, sizeBytes, content: { kind: 'unusable', why } };
  }
}

function isTokenizer(path: string, sizeBytes: number): boolean {
  if (!path.endsWith('.json') || path.endsWith('.index.json') || sizeBytes > largestTokenizerBytes) return false;
  try {
    const json: unknown = JSON.parse(readFileSync(path, 'utf8'));
    const model = (json as { model?: { type?: unknown } } | null)?.model;
    return typeof model?.type === 'string';
  } catch {
    return false;
  }
}

/** Attention heads by the `config.json` that Wan's and diffusers' generators are published with; it need not be there. */
function headsBeside(path: string): number | undefined {
  const config = join(dirname(path), 'config.json');
  try {
    if (statSync(config).size > largestIndexBytes) return undefined;
    const said = JSON.parse(readFileSync(config, 'utf8')) as Record<string, unknown> | null;
    const heads = said?.num_heads ?? said?.num_attention_heads;
    const isGenerator = /^(Causal)?Wan/i.test(String(said?._class_name ?? ''));
    return isGenerator && Number.isInteger(heads) && Number(heads) > 0 ? Number(heads) : undefined;
  } catch {
    return undefined;
  }
}
