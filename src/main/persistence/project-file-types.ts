import type { ChunkSummary } from '../../shared/api/types.ts';
import type { Asset } from '../../shared/assets/asset.ts';
import type { Take } from '../../shared/project/document.ts';

/** One undo step. The file does not look inside `delta`. */
export interface StoredRevision {
  readonly id: number;
  /** What it did, in words. */
  readonly label: string;
  /** Later changes with the same name belong to the same step. */
  readonly gesture: string | null;
  /** JSON. */
  readonly delta: string;
}

export interface StoredJob {
  readonly id: string;
  /** JSON. */
  readonly data: string;
}

export interface NamedVersion {
  readonly id: number;
  readonly name: string;
  readonly createdAt: string;
}

/** Pictures of a chunk: every frame one below the other, and the middle one, both WebP. */
export interface ChunkMedia {
  readonly kind: 'strip.webp' | 'thumb.webp';
  readonly data: Uint8Array;
}

/** What changes in the file with the document. */
export interface DocumentChange {
  /** The whole document, JSON. */
  readonly data: string;
  /** Rises with every change, undo included. */
  readonly number: number;
  /** The revision the document is now the result of; 0: none. */
  readonly at: number;
  /** Revisions after this one are gone; null: none are. Happens before `put`. */
  readonly dropAfter: number | null;
  readonly put: readonly StoredRevision[];
  /** Older revisions are forgotten. */
  readonly keepFrom: number;
}

/** A storyboard that could be read, and where it stood in the history. */
export interface GoodDocument {
  readonly number: number;
  readonly at: number;
  /** JSON. */
  readonly data: string;
}

/** What committing a chunk changed besides it. */
export interface PutChunk {
  /** Other bits were stored under this key before. */
  readonly replaced: boolean;
  /** Chunks that were made after the bits that were replaced, and what was made after them. */
  readonly dependants: readonly string[];
}

/** Damaged rows that were left out. */
export interface SkippedRows {
  readonly chunks: number;
  readonly takes: number;
  readonly jobs: number;
}

export interface ProjectContents {
  /** JSON. */
  readonly data: string;
  readonly number: number;
  readonly at: number;
  /** Oldest first. */
  readonly revisions: readonly StoredRevision[];
  /** Oldest first. */
  readonly chunks: readonly ChunkSummary[];
  readonly takes: readonly Take[];
  readonly assets: readonly Asset[];
  readonly jobs: readonly StoredJob[];
  readonly facts: Readonly<Record<string, string>>;
  /** Whether whoever had it open before was ended without closing it. */
  readonly crashed: boolean;
  /** It was moved or copied while it was open, without its log: what was changed last may be missing. */
  readonly withoutLog: boolean;
  readonly skipped: SkippedRows;
  /** The copy made because an older file had to be brought up to date. */
  readonly backup: string | null;
}

export interface ProjectUsage {
  readonly chunks: number;
  /** Latents, records and pictures. */
  readonly bytes: number;
  readonly fileBytes: number;
  /** How long the newest chunks took, newest first. */
  readonly recentElapsedMs: readonly number[];
}
