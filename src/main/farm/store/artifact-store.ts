import { ThroughlineError } from '../../../shared/errors.ts';

/** Named files that all machines of a farm see. Knows nothing of what is in them. */
export interface ArtifactStore {
  /** As a person named it, without secrets. */
  readonly place: string;
  has(name: string): Promise<boolean>;
  /**
   * A whole file, or null where there is none.
   * @throws ThroughlineError `bad-artifact` for one that is too large, before it is read; `farm` where the store is out of reach
   */
  get(name: string): Promise<Uint8Array | null>;
  /**
   * Writes a file whole or not at all.
   * @param mayReplace else the one that is there stays
   * @returns whether it was written
   * @throws ThroughlineError `farm`, `disk-full`
   */
  put(name: string, bytes: Uint8Array, mayReplace: boolean): Promise<boolean>;
  /** Looks whether the store can be reached and written to. @throws ThroughlineError `farm` saying what to do */
  check(): Promise<void>;
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
