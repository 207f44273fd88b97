import { rmSync, statSync } from 'node:fs';
import type { CacheUsage, Estimate, Settings } from '../../shared/api/types.ts';
import { ThroughlineError } from '../../shared/errors.ts';
import type { PolicyName } from '../../shared/memory-settings.ts';
import type { ShotId } from '../../shared/project/document.ts';
import { atStorySize } from '../../shared/project/model-of-story.ts';
import { planProject } from '../../shared/project/plan.ts';
import type { ModelInfo } from '../../shared/render.ts';
import type { FreedAssets } from '../persistence/index.ts';
import { shownKeys } from './export/film-plan.ts';
import type { EngineKeeper } from './generation/engine-keeper.ts';
import { missingChunks } from './generation/missing-chunks.ts';
import { storyModel } from './models/story-model.ts';
import { parseDocument } from './project/history/document-history.ts';
import type { OpenProject } from './project/open-project.ts';
import type { Workspace } from './project/projects.ts';

/** So long, in milliseconds, an estimate waits for the model. */
const loadPatienceMs = 4000;

/**
 * What a run would cost. Nothing of it is a promise: time and space as the last chunks took them.
 * @param policies as if every shot remembered in each of these ways, one after another; as the shots say unless given
 */
export async function estimate(
  { project, queue }: Workspace,
  keeper: EngineKeeper,
  shotIds: readonly ShotId[],
  policies: readonly (PolicyName | undefined)[] = [undefined],
): Promise<Estimate> {
  // A model that does not come up must not keep who asks waiting.
  await keeper.readyWithin(loadPatienceMs);
  const model = storyModel(project, keeper);
  if (!model) throw new ThroughlineError('engine-died', 'The model is still being loaded.', 'Ask again in a while.');
  let chunks = 0;
  for (const policy of policies) {
    await project.prepare(model, policy);
    chunks += missingChunks(project, model, shotIds, 'skip', policy).length;
  }
  const stored = await project.store.usage();
  const usage = await keeper.usage();
  const { channels, height, width } = model.latent;
  const latentBytes = model.chunkFrames * channels * height * width * Float32Array.BYTES_PER_ELEMENT;
  const bytesEach = stored.chunks > 0 ? stored.bytes / stored.chunks : latentBytes;
  return {
    chunks,
    seconds: chunks === 0 ? 0 : queue.secondsFor(chunks),
    memoryBytes: usage?.residentBytes ?? null,
    diskBytes: Math.round(chunks * bytesEach),
  };
}

/** Keys that a clean-up must leave: what some shot shows, now or in a named version. */
async function keysInUse(project: OpenProject, model: ModelInfo): Promise<Set<string>> {
  const keys = shownKeys(project, model);
  for (const { starred, keys: kept } of project.takes) if (starred) for (const key of kept) keys.add(key);
  for (const { id } of await project.store.versions()) {
    const data = await project.store.versionDocument(id);
    if (data === null) continue;
    const document = parseDocument(data);
    const named = document.model;
    const base = named === null ? model : project.modelWithDigest(named.digest);
    if (!base) {
      // Its keys cannot be told: all that its model made is kept.
      for (const { key, madeWith } of project.chunks.values()) if (madeWith?.digest === named?.digest) keys.add(key);
      continue;
    }
    const plan = planProject(document, atStorySize(base, document.frameSize));
    for (const shot of document.shots) {
      for (const { key } of plan.chunksOf(shot.id)) keys.add(key);
      for (const key of shot.held ?? []) keys.add(key);
    }
  }
  return keys;
}

/** What a clean-up frees: chunks, files that nothing names any more, and their bytes. */
export interface Unused {
  readonly chunks: number;
  readonly assets: number;
  readonly bytes: number;
}

/** Results that no shot shows, takes that were not picked included, and sounds and pictures that nothing names. */
export async function unusedResults(project: OpenProject, model: ModelInfo): Promise<Unused> {
  const results = await project.store.deleteUnused([...(await keysInUse(project, model))], true);
  return together(results, await project.store.deleteUnusedAssets(true));
}

export async function cleanUp(project: OpenProject, model: ModelInfo): Promise<Unused> {
  const results = await project.made.deleteUnused(await keysInUse(project, model));
  return together(results, await project.deleteUnusedAssets());
}

function together(results: { readonly chunks: number; readonly bytes: number }, files: FreedAssets): Unused {
  return { chunks: results.chunks, assets: files.assets, bytes: results.bytes + files.bytes };
}

/** What the open project's cache of memory states holds; null without one. */
export async function cacheUsage(keeper: EngineKeeper, settings: Settings): Promise<CacheUsage | null> {
  const file = keeper.cacheFile;
  if (file === null) return null;
  const { cacheBudgetBytes: budgetBytes } = settings;
  const cache = (await keeper.usage())?.cache;
  if (cache) return { file, ...cache };
  return { file, bytes: sizeOf(file), states: 0, pages: 0, budgetBytes };
}

/** Deletes the cache file; nothing is lost, memory is rebuilt from the film. The engine must not be running. */
export function deleteCache(file: string): void {
  for (const ending of ['', '-wal', '-shm']) rmSync(`${file}${ending}`, { force: true });
}

function sizeOf(file: string): number {
  try {
    return statSync(file).size;
  } catch {
    return 0;
  }
}
