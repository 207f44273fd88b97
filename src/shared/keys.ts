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
 * alike share the keys of what they share. Names that a person gave (of pins) and the frame rate are not in it.
 */
export function chunkKey({ parentKey, model, recipe }: ChunkKeyParts): string {
  const { pins, bans, ...memory } = recipe.memory;
  const identity = {
    format: 'throughline-chunk/1',
    parentKey,
    digest: model.digest,
    numericsVersion: model.numericsVersion,
    width: model.video.width,
    height: model.video.height,
    kvStorage: model.kvStorage,
    chunkIndex: recipe.chunkIndex,
    prompt: recipe.prompt,
    seed: recipe.seed,
    transition: recipe.transition,
    sampler: recipe.sampler,
    memory: { ...memory, pins: frameSet(pins.map((pin) => pin.frame)), bans: frameSet(bans) },
  };
  return bytesToHex(sha256(utf8ToBytes(canonicalJson(identity))));
}

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
