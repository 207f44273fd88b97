export { assetPieceBytes } from './assets/asset-schema.ts';
export type { AssetPart, FreedAssets, NewAsset } from './assets/asset-store.ts';
export {
  type ChunkArtifact,
  chunkArtifactSchema,
  digestSchema,
  modelSchema,
  recipeSchema,
  type StoredChunk,
} from './chunk-schema.ts';
export { ChunkStore, type ChunkStoreUsage, latentsDigest } from './chunk-store.ts';
export { KvCache, type KvCacheOptions, type KvCacheUsage, type NewKvState, type StoredKvState } from './kv/kv-cache.ts';
export type { KvCacheIdentity } from './kv/kv-cache-file.ts';
export { decodeKv, encodeKv, kvBytes, roundToStorage } from './kv/kv-codec.ts';
export type { PageBytes, PageRef } from './kv/kv-pages.ts';
export { openFileLike } from './open-files.ts';
export { openProjectFile, type ProjectStore } from './project-file-client.ts';
export type {
  ChunkMedia,
  DocumentChange,
  GoodDocument,
  NamedVersion,
  ProjectContents,
  ProjectUsage,
  PutChunk,
  SkippedRows,
  StoredJob,
  StoredRevision,
} from './project-file-types.ts';
