import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { ChunkRecipe, ModelInfo } from './render.ts';

/** What of a model goes into a key. */
export type ModelIdentity = Pick<ModelInfo, 'digest' | 'numericsVersion' | 'video' | 'kvStorage'>;

export interface ChunkKeyParts {
  /** Key of the chunk just before; null for the first of a story. */
  readonly parentKey: string | null;
  readonly model: ModelIdentity;
  readonly recipe: ChunkRecipe;
}

/**
 * The name of a chunk: SHA-256 of everything that decides its latents, as 64 hex digits. Two stories that begin
 * alike share the keys of what they share. Names that a person gave (of pins and pictures) and the frame rate are not in it.
 *
 * Hashed is the canonical JSON of one object. It is put together from the canonical JSON of its parts, since most of
 * them are the same objects for thousands of chunks.
 */
export function chunkKey({ parentKey, model, recipe }: ChunkKeyParts): string {
  const { digest, height, kvStorage, numericsVersion, width } = modelText(model);
  const text =
    `{"chunkIndex":${canonicalJson(recipe.chunkIndex)},"digest":${digest},${firstFrameText(recipe)}${footageText(recipe)}` +
    `"format":"throughline-chunk/1",` +
    `"height":${height},"kvStorage":${kvStorage},"memory":${memoryText(recipe.memory)},` +
    `"numericsVersion":${numericsVersion},"parentKey":${canonicalJson(parentKey)},` +
    picturesText(recipe) +
    `"prompt":${canonicalJson(recipe.prompt)},"sampler":${samplerText(recipe.sampler)},` +
    `"seed":${canonicalJson(recipe.seed)},"transition":${canonicalJson(recipe.transition)},"width":${width}}`;
  return bytesToHex(sha256(utf8ToBytes(text)));
}

/** Remembers what `make` made of an object for as long as the object is there; it must not change. */
function once<From extends object, To>(make: (from: From) => To): (from: From) => To {
  const made = new WeakMap<From, To>();
  return (from) => {
    const known = made.get(from);
    if (known !== undefined) return known;
    const fresh = make(from);
    made.set(from, fresh);
    return fresh;
  };
}

const modelText = once((model: ModelIdentity) => ({
  digest: canonicalJson(model.digest),
  height: canonicalJson(model.video.height),
  kvStorage: canonicalJson(model.kvStorage),
  numericsVersion: canonicalJson(model.numericsVersion),
  width: canonicalJson(model.video.width),
}));

const memoryText = once(({ pins, bans, ...memory }: ChunkRecipe['memory']) =>
  canonicalJson({ ...memory, pins: frameSet(pins.map((pin) => pin.frame)), bans: frameSet(bans) }),
);

/** Recipes without pictures say nothing of them, so that their keys are what they were before there were any. */
function firstFrameText({ firstFrame }: ChunkRecipe): string {
  return firstFrame ? `"firstFrame":${canonicalJson(firstFrame)},` : '';
}

function footageText({ footage }: ChunkRecipe): string {
  return footage ? `"footage":${canonicalJson(footage)},` : '';
}

function picturesText({ pictures }: ChunkRecipe): string {
  return pictures && pictures.length > 0 ? `"pictures":${namelessText(pictures)},` : '';
}

const namelessText = once((pictures: NonNullable<ChunkRecipe['pictures']>) =>
  canonicalJson(pictures.map(({ name: _, ...picture }) => picture)),
);

const samplerText = once((sampler: ChunkRecipe['sampler']) => canonicalJson(sampler));

function frameSet(frames: readonly number[]): number[] {
  return [...new Set(frames)].sort((a, b) => a - b);
}

/**
 * JSON with object keys in code-unit order and no white space, so that equal values give equal text.
 * Properties that are undefined are left out. Throws a TypeError on what JSON cannot carry (NaN, functions).
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`);
    return `{${entries.join(',')}}`;
  }
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError(`JSON cannot carry ${value}`);
  const text = JSON.stringify(value);
  if (text === undefined) throw new TypeError(`JSON cannot carry ${typeof value}`);
  return text;
}
