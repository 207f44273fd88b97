/** What kind of thing went wrong: stable names that the interface and tests rely on. */
export type ErrorCode =
  | 'cancelled'
  | 'bad-input'
  | 'bad-story'
  | 'model-missing'
  | 'model-truncated'
  | 'model-inconsistent'
  | 'out-of-memory'
  | 'device-lost'
  | 'engine-died'
  | 'story-too-long'
  | 'state-missing'
  | 'database'
  | 'export-failed'
  | 'internal';

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
