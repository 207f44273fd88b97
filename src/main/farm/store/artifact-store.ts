import { ThroughlineError } from '../../../shared/errors.ts';

/** That something was asked for is noted once in so long, in milliseconds. */
export const noteUseAfterMs = 24 * 3_600_000;

/** Where what is kept lies in a store. */
export const keptFolders: readonly string[] = ['chunks', 'pictures'];

/** How large a file may be that is read. */
export interface ReadLimit {
  readonly mostBytes: number;
  /** What is thrown for a larger one. */
  readonly tooLarge: (sizeBytes: number) => ThroughlineError;
}

/** What lies in a store, whoever put it there. */
export interface StoredFile {
  readonly name: string;
  readonly bytes: number;
  /** When it was last written or asked for, by the store's clock, in milliseconds; see {@link noteUseAfterMs}. */
  readonly usedMs: number;
  /** Of a file that was begun to be sent in parts, and is none yet. */
  readonly upload?: string;
}

/** Named files that all machines of a farm see. Knows nothing of what is in them. */
export interface ArtifactStore {
  /** As a person named it, without secrets. */
  readonly place: string;
  /** Whether there is one. Counts as asking for it. */
  has(name: string): Promise<boolean>;
  /**
   * A whole file, or null where there is none. Counts as asking for it.
   * @throws ThroughlineError `bad-artifact` for one that is too large, before it is read; `farm` where the store is out of reach
   */
  get(name: string, limit?: ReadLimit): Promise<Uint8Array | null>;
  /**
   * Writes a file whole or not at all.
   * @param mayReplace else the one that is there stays
   * @returns whether it was written
   * @throws ThroughlineError `farm`, `disk-full`
   */
  put(name: string, bytes: Uint8Array, mayReplace: boolean): Promise<boolean>;
  /** Looks whether the store can be reached and written to. @throws ThroughlineError `farm` saying what to do */
  check(): Promise<void>;
  /** The store's own clock, in milliseconds. It writes there. @throws ThroughlineError `farm` */
  now(): Promise<number>;
  /** Everything that lies where chunks and pictures do, in no order; or what may be half written alone. @throws ThroughlineError `farm` */
  list(what: 'everything' | 'leftovers'): AsyncIterable<StoredFile>;
  /** Takes a file away, unless it was written or asked for since it was listed. @returns whether it was taken away */
  remove(file: StoredFile): Promise<boolean>;
}

/** @param what such as "folder /shared/farm" */
export function storeFull(what: string, cause: unknown): ThroughlineError {
  return new ThroughlineError(
    'disk-full',
    `The farm's ${what} is full.`,
    'Free some space there and ask for the film again. What was finished is kept.',
    { cause },
  );
}
