/** What kind of thing went wrong: stable names that the interface and tests rely on. */
export type ErrorCode =
  | 'cancelled'
  | 'bad-input'
  | 'bad-story'
  | 'model-missing'
  | 'model-truncated'
  | 'model-inconsistent'
  /** The story is made with another model than the one in use. */
  | 'other-model'
  | 'out-of-memory'
  | 'device-lost'
  | 'engine-died'
  | 'story-too-long'
  | 'state-missing'
  | 'database'
  /** Wherever it was noticed: in the engine, in a film, in a project. */
  | 'disk-full'
  /** Changes of the open project are not on the disk yet, and what was asked would lose them. */
  | 'unsaved'
  /** It was meant for a project that is not open any more. */
  | 'other-project'
  /** It was meant for the story as it was before somebody else changed it. */
  | 'stale'
  | 'export-failed'
  /** The queue or the store of a farm is out of reach, or does not do what is needed of it. */
  | 'farm'
  /** What a farm handed over is not what was asked for. */
  | 'bad-artifact'
  | 'internal';

/** An error as a person sees it. */
export interface ShownError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
}

/**
 * Every error a person may see: what was wrong, and what to do about it.
 * `message` is one sentence; `hint` says the next step.
 */
export class ThroughlineError extends Error {
  readonly code: ErrorCode;
  readonly hint: string;

  constructor(code: ErrorCode, message: string, hint = '', options?: ErrorOptions) {
    super(message, options);
    this.name = 'ThroughlineError';
    this.code = code;
    this.hint = hint;
  }
}

/** Thrown by work that was asked to stop. Not a failure. */
export class CancelledError extends ThroughlineError {
  constructor(what: string) {
    super('cancelled', `${what} was cancelled`);
    this.name = 'CancelledError';
  }
}

/** Throws {@link CancelledError} if `signal` is aborted; call it after every await of long work. */
export function throwIfCancelled(signal: AbortSignal | undefined, what: string): void {
  if (signal?.aborted) throw new CancelledError(what);
}

/** How deep a chain of causes is followed. */
const mostCauses = 8;

/**
 * What to tell of an error of the system that no code of ours has put into words: a full disk is told as that, whoever
 * noticed it. Null for everything else.
 */
export function systemError(error: unknown): ThroughlineError | null {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < mostCauses; at = at.cause, depth++) {
    const code = 'code' in at ? String(at.code) : '';
    if (!/^(ENOSPC|EDQUOT|SQLITE_FULL)$/.test(code) && !/\bENOSPC\b|no space left on device/i.test(at.message))
      continue;
    const where = 'path' in at && typeof at.path === 'string' ? ` (${at.path})` : '';
    return new ThroughlineError(
      'disk-full',
      `The disk is full${where}.`,
      'Free some space and try again. What was finished is kept.',
      { cause: error },
    );
  }
  return null;
}
