import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { canonicalJson, type ModelIdentity } from '../../shared/keys.ts';
import type { ChunkRecipe } from '../../shared/render.ts';

/** A chunk of a story's tree, as it is planned. */
export interface TreeChunk {
  readonly key: string;
  /** Null for the first of a story. */
  readonly parentKey: string | null;
  readonly recipe: ChunkRecipe;
}

/** What can make a run: the same identity gives the same bits. */
export interface MakerIdentity {
  readonly model: ModelIdentity;
  /** Devices that give the same bits for the same recipe; see {@link deviceClassOf}. */
  readonly deviceClass: string;
}

/** Chunks of one path that follow each other, made in one go: the unit of work. */
export interface Run {
  /** 64 hex digits, named by content: the same run asked for twice has one name. */
  readonly id: string;
  /** Key of the chunk before the first; null at the beginning of a story. */
  readonly parentKey: string | null;
  /** At least one; each is the parent of the next. */
  readonly chunks: readonly Omit<TreeChunk, 'parentKey'>[];
}

/** A run among others: what must be there before it can begin. */
export interface PlannedRun extends Run {
  /** Id of the run that makes the nearest missing chunk before this one; null where everything before is there. */
  readonly waitsFor: string | null;
}

/** Longest run, in chunks: more makes a job that no worker gives back soon. */
export const longestRun = 64;
/** Length of a run before anything was measured, in chunks. */
const usualRun = 4;

/**
 * How many chunks a run has at most: a power of two, so that runs cut by different measurements end at common points.
 * @param secondsAChunk measured; null before anything was
 * @param secondsARun how long a run should take
 */
export function chunksInRun(secondsAChunk: number | null, secondsARun: number): number {
  if (secondsAChunk === null) return usualRun;
  const fitting = secondsARun / Math.max(secondsAChunk, Number.MIN_VALUE);
  return Math.min(longestRun, 2 ** Math.max(0, Math.floor(Math.log2(fitting))));
}

/** A name for devices whose bits are the same: what the engine calls the device, and the kind of processor. */
export function deviceClassOf(device: string, architecture: string): string {
  return `${device}-${architecture}`.toLowerCase().replace(/[^a-z0-9]+/g, '-');
}

/** The name of a run. Keys hold recipes, model, numerics and what came before; the class of the device is all they lack. */
export function runId({ parentKey, chunks }: Pick<Run, 'parentKey' | 'chunks'>, identity: MakerIdentity): string {
  const { digest, numericsVersion } = identity.model;
  const text = canonicalJson({
    format: 'throughline-run/1',
    parentKey,
    keys: chunks.map(({ key }) => key),
    model: { digest, numericsVersion },
    deviceClass: identity.deviceClass,
  });
  return bytesToHex(sha256(utf8ToBytes(text)));
}

/**
 * Cuts what is missing of a tree into runs: at branch points, at chunks that are there, and wherever `chunksAtMost`
 * divides a chunk's place in its story. Every missing chunk is in exactly one run.
 * @param tree parents before children; a key that comes again counts once, and a parent that is not in it is there
 * @returns runs in the tree's order: whatever a run waits for stands before it
 */
export function planRuns(
  tree: readonly TreeChunk[],
  isThere: (key: string) => boolean,
  { identity, chunksAtMost }: { readonly identity: MakerIdentity; readonly chunksAtMost: number },
): PlannedRun[] {
  const byKey = new Map<string, TreeChunk>();
  const childCount = new Map<string, number>();
  for (const chunk of tree) {
    if (byKey.has(chunk.key)) continue;
    if (childCount.has(chunk.key)) throw new Error(`chunk ${chunk.key} stands after its child`);
    byKey.set(chunk.key, chunk);
    if (chunk.parentKey !== null) childCount.set(chunk.parentKey, (childCount.get(chunk.parentKey) ?? 0) + 1);
  }
  const drafts: TreeChunk[][] = [];
  /** By key: which draft makes the chunk, or else the nearest missing one before it; null where nothing is missing. */
  const draftAt = new Map<string, number | null>();
  for (const chunk of byKey.values()) {
    const { key, parentKey, recipe } = chunk;
    const before = parentKey === null ? null : (draftAt.get(parentKey) ?? null);
    if (isThere(key)) {
      draftAt.set(key, before);
      continue;
    }
    const draft = before === null ? undefined : drafts[before];
    const goesOn =
      draft !== undefined &&
      draft.at(-1)?.key === parentKey &&
      parentKey !== null &&
      childCount.get(parentKey) === 1 &&
      recipe.chunkIndex % chunksAtMost !== 0;
    if (goesOn) {
      draft.push(chunk);
      draftAt.set(key, before);
    } else {
      draftAt.set(key, drafts.push([chunk]) - 1);
    }
  }
  const named = drafts.map((chunks): Run => {
    const run = {
      parentKey: chunks[0]?.parentKey ?? null,
      chunks: chunks.map(({ key, recipe }) => ({ key, recipe })),
    };
    return { id: runId(run, identity), ...run };
  });
  return named.map((run): PlannedRun => {
    const before = run.parentKey === null ? null : (draftAt.get(run.parentKey) ?? null);
    return { ...run, waitsFor: before === null ? null : (named[before]?.id ?? null) };
  });
}

/** The chunks of a story, which is one path, as a tree. */
export function pathAsTree(chunks: readonly Omit<TreeChunk, 'parentKey'>[]): TreeChunk[] {
  return chunks.map(({ key, recipe }, i) => ({ key, recipe, parentKey: chunks[i - 1]?.key ?? null }));
}
