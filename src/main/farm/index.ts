/** Work in runs of chunks: what may be made when, and by whom. */
export { EngineWorker } from './engine-worker.ts';
export { makeRuns } from './make-runs.ts';
export type { ChunkMaker, MadeChunk, RunCall, RunWorker } from './run-worker.ts';
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
