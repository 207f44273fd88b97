/** Work in runs of chunks: what may be made when, and by whom. */
export { EngineWorker, lent } from './engine-worker.ts';
export { makeRuns } from './make-runs.ts';
export { looksOf, mostFootage } from './run-pictures.ts';
export type { ChunkMaker, LendEngine, MadeChunk, RunCall, RunWorker } from './run-worker.ts';
export {
  chunksInRun,
  deviceClassOf,
  type MakerIdentity,
  type PlannedRun,
  pathAsTree,
  planRuns,
  type Run,
  type TreeChunk,
} from './runs.ts';

import type { QueueAddress } from './queue/address.ts';
import type { FarmQueue, FarmQueueOptions } from './queue/farm-queue.ts';
import type { FarmWatch } from './queue/farm-watch.ts';
import type { FarmWorker, FarmWorkerOptions } from './queue/farm-worker.ts';

export { parseQueueAddress, type QueueAddress } from './queue/address.ts';
export { storedArtifact } from './queue/chunk-cache.ts';
export type { FarmAdvice, FarmQueue, FarmQueueOptions } from './queue/farm-queue.ts';
export type { FarmWatch } from './queue/farm-watch.ts';
export type { FarmWorker, FarmWorkerOptions } from './queue/farm-worker.ts';
export type { PictureOf, PicturesHere } from './queue/given-pictures.ts';
export { queueNameOf } from './queue/job-data.ts';
export type { WorkerEvent, WorkerModel } from './queue/model-worker.ts';
export { mostModels, type SeenWorker } from './queue/presence.ts';
export { WorkerPictures } from './queue/worker-pictures.ts';
export type { ArtifactStore } from './store/artifact-store.ts';
export { Artifacts } from './store/artifacts.ts';
export { type Amount, cleanStore, sweepLeftovers } from './store/clean.ts';
export { openArtifactStore } from './store/open-store.ts';
export type { BucketKeys } from './store/s3-store.ts';
export { StoredPictures } from './store/stored-pictures.ts';

/** What speaks to a queue is loaded only where there is one. */
export const openFarm = async (options: FarmQueueOptions): Promise<FarmQueue> =>
  (await import('./queue/farm-queue.ts')).FarmQueue.open(options);
export const startFarmWorker = async (options: FarmWorkerOptions): Promise<FarmWorker> =>
  (await import('./queue/farm-worker.ts')).FarmWorker.start(options);
export const watchFarm = async (address: QueueAddress): Promise<FarmWatch> =>
  (await import('./queue/farm-watch.ts')).FarmWatch.open(address);
