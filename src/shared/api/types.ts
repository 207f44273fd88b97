import type { Asset } from '../assets/asset.ts';
import type { DeviceChoice } from '../devices.ts';
import type { ShownError } from '../errors.ts';
import type { PolicyName } from '../memory-settings.ts';
import type { ModelJob } from '../models.ts';
import type { ProjectDocument, ShotId, Take } from '../project/document.ts';
import type { ChunkPhase, KvStorage, ModelInfo, Precision } from '../render.ts';

export interface HostInfo {
  readonly host: 'desktop' | 'browser';
  readonly versions: Readonly<Record<string, string>>;
  /** Why the browser host was opened instead of the desktop app; null where it was asked for. */
  readonly fallbackReason: string | null;
  readonly platform: string;
}

export interface RecentProject {
  readonly file: string;
  /** Where it lies, to be read: in the person's own folder it begins with `~`. */
  readonly place: string;
  readonly title: string;
  readonly openedAt: string;
  /** A data URL of its first picture, as it was when it was last closed; null while it has none. */
  readonly picture: string | null;
  /** Digest of the model it was last open with; null where that is not known. */
  readonly model: string | null;
  readonly missing: boolean;
}

/** Names an open project; opened again, it has another. */
export type ProjectId = string;

/** What a change came to: the document's revision with it. */
export interface Changed {
  readonly revision: number;
}

/** What the save indicator may say. `saved` only after the transaction has been committed. */
export type SaveState =
  | { readonly state: 'saved' }
  | { readonly state: 'saving' }
  | { readonly state: 'failed'; readonly error: ShownError };

export interface ProjectState {
  /** Of this project for as long as it is open, under whatever name; what a call is made for is named by it. */
  readonly id: ProjectId;
  readonly file: string;
  readonly document: ProjectDocument;
  /** Rises with every change; a command names the revision it was made on. */
  readonly revision: number;
  /** What undo and redo would do, in words; null where there is nothing. */
  readonly undo: string | null;
  readonly redo: string | null;
  readonly save: SaveState;
  /** Why nothing of it can be changed: a newer Throughline wrote it. Null: it can. */
  readonly readOnly: ShownError | null;
  /** What is known of the model its keys are computed with, also while another one is loaded, or none; null: nothing. */
  readonly model?: ModelInfo | null;
  /** Names of the models that chunks of it were made with, by digest, as far as they are known. */
  readonly modelNames?: Readonly<Record<string, string>>;
}

/** The model that made a chunk, and the size of its frames. */
export interface MadeWith {
  readonly digest: string;
  readonly width: number;
  readonly height: number;
}

/** One generated chunk, without its pictures and numbers. */
export interface ChunkSummary {
  readonly key: string;
  readonly frameCount: number;
  readonly device: string;
  /** Null where what made it cannot be read. */
  readonly madeWith: MadeWith | null;
  readonly createdAt: string;
}

/** A chunk that another one was made after. */
export interface Ancestor {
  readonly key: string;
  /** Chunks before it, from the root. */
  readonly chunkIndex: number;
  readonly prompt: string;
}

export type JobState = 'waiting' | 'running' | 'paused' | 'failed' | 'done' | 'cancelled';

/** A chunk that is being made. */
export interface MakingNow {
  readonly shotId: ShotId;
  readonly chunkKey: string;
  readonly indexInShot: number;
  readonly phase: ChunkPhase;
}

/** Work in the queue: the missing chunks of some shots, in story order. */
export interface Job {
  readonly id: string;
  readonly title: string;
  readonly shotIds: readonly ShotId[];
  /** It makes them as if they remembered in this way; left off: as they say. */
  readonly policy?: PolicyName | undefined;
  readonly state: JobState;
  readonly chunksDone: number;
  readonly chunksTotal: number;
  /** When it was asked for, ISO 8601. */
  readonly queuedAt?: string | undefined;
  /** What is happening now. */
  readonly now: MakingNow | null;
  /** What other workers of a farm make for it meanwhile; left off where there is nothing. */
  readonly besides?: readonly MakingNow[] | undefined;
  readonly secondsLeft: number | null;
  readonly error: ShownError | null;
}

export interface QueueState {
  readonly paused: boolean;
  readonly jobs: readonly Job[];
}

/** What a run would cost, before it is started. */
export interface Estimate {
  readonly chunks: number;
  readonly seconds: number | null;
  readonly memoryBytes: number | null;
  readonly diskBytes: number | null;
}

export type EngineState =
  | { readonly state: 'off' }
  | { readonly state: 'loading'; readonly model: string }
  | { readonly state: 'ready'; readonly info: ModelInfo }
  | { readonly state: 'failed'; readonly error: ShownError };

export interface Settings {
  readonly modelFolder: string | null;
  readonly device: DeviceChoice;
  readonly precision: Precision;
  /** Null: as many as there are. */
  readonly threads: number | null;
  readonly kvStorage: KvStorage;
  readonly cacheBudgetBytes: number;
  /** Who makes chunks: this machine, or the workers of `farm`. */
  readonly renderOn: 'here' | 'farm';
  readonly farm: FarmPlace | null;
  readonly theme: 'dark' | 'light' | 'system';
  readonly reducedMotion: 'system' | 'on';
}

/** Where a farm is. Passwords are never part of it. */
export interface FarmPlace {
  /** As `redis[s]://[user@]host[:port][?prefix=team]`. */
  readonly queue: string;
  /** A folder that all machines see, or `s3://bucket/prefix?endpoint=...`. */
  readonly store: string;
  /** Which workers make films, as they name their devices; null: those like this machine. */
  readonly deviceClass: string | null;
}

/** A worker of a farm, as it was last heard of. */
export interface FarmWorkerState {
  readonly id: string;
  readonly name: string;
  /** What it makes chunks with, one at a time. */
  readonly models: readonly string[];
  readonly deviceClass: string;
  /** `lost`: it showed no sign of life for so long that its work was given to others. */
  readonly state: 'idle' | 'working' | 'silent' | 'lost' | 'left';
  readonly making: { readonly chunkKey: string; readonly chunkIndex: number; readonly phase: ChunkPhase } | null;
  /** Chunks it has made since it was started. */
  readonly made: number;
  /** Median of its last chunks, with this editor's model where it has that; null before its first. */
  readonly secondsAChunk: number | null;
  /** Of the machine, in bytes. */
  readonly memoryBytes: number;
  /** Seconds since its last sign of life. */
  readonly heardSecondsAgo: number;
  /** After so many without one its work is given to others. */
  readonly leaseSeconds: number;
  /** Whether it can make chunks for this editor: it has its model, and its kind of device. */
  readonly suits: boolean;
}

/** What is known of the farm that renders. */
export type FarmState =
  /** This machine renders. */
  | { readonly state: 'off' }
  | { readonly state: 'connecting'; readonly place: string }
  | {
      readonly state: 'open';
      readonly place: string;
      readonly store: string;
      readonly workers: readonly FarmWorkerState[];
    }
  | { readonly state: 'failed'; readonly place: string; readonly error: ShownError };

/** What trying a farm found, each part a sentence. */
export interface FarmTrial {
  readonly findings: readonly { readonly ok: boolean; readonly message: string; readonly hint: string }[];
}

export interface CacheUsage {
  readonly file: string;
  readonly bytes: number;
  readonly states: number;
  readonly pages: number;
  readonly budgetBytes: number;
}

export type ExportTarget =
  | { readonly kind: 'cut'; readonly leaf: ShotId }
  | { readonly kind: 'shot'; readonly id: ShotId }
  | { readonly kind: 'every-cut' };

export interface ExportState {
  readonly id: string;
  readonly state: 'running' | 'done' | 'failed' | 'cancelled';
  readonly fraction: number;
  readonly secondsLeft: number | null;
  readonly files: readonly string[];
  /** The folders that the files are in, of a format that writes folders; empty for others. Each is downloaded as a ZIP. */
  readonly folders: readonly string[];
  /** What a person should be told of what was written, each a sentence. */
  readonly notes: readonly string[];
  readonly error: ShownError | null;
}

/** A way to write a cut. */
export interface ExportFormatInfo {
  readonly id: string;
  readonly label: string;
  /** With its dot; empty where a folder of files is written. */
  readonly ending: string;
  /** `plan`: written without pictures, also of what was not generated yet. */
  readonly needs: 'plan' | 'frames';
  /** Frames a second it is written at unless asked otherwise; null: the model's own. */
  readonly defaultFps: number | null;
}

/** Shots of a cut whose export would not be what their recipe says. */
export interface ExportWarnings {
  readonly missing: readonly ShotId[];
  readonly stale: readonly ShotId[];
  readonly held: readonly ShotId[];
}

/** Everything that may change while a window is open, in one stream; each begins with a full picture. */
export type StudioEvent =
  | { readonly type: 'project'; readonly project: ProjectState | null }
  | { readonly type: 'chunks'; readonly added: readonly ChunkSummary[]; readonly removed: readonly string[] }
  | { readonly type: 'takes'; readonly takes: readonly Take[] }
  /** Files that belong to the project, in the order they came. */
  | { readonly type: 'assets'; readonly assets: readonly Asset[] }
  | { readonly type: 'queue'; readonly queue: QueueState }
  /** A picture of the chunk being made: a data URL of a few frames in a strip. */
  | { readonly type: 'preview'; readonly chunkKey: string; readonly step: number; readonly image: string }
  | { readonly type: 'engine'; readonly engine: EngineState }
  | { readonly type: 'settings'; readonly settings: Settings }
  | { readonly type: 'farm'; readonly farm: FarmState }
  /** Work at models, oldest first. */
  | { readonly type: 'model-jobs'; readonly jobs: readonly ModelJob[] }
  | { readonly type: 'export'; readonly export: ExportState }
  | {
      readonly type: 'notice';
      readonly level: 'info' | 'warning' | 'error';
      readonly message: string;
      readonly hint: string;
    };
