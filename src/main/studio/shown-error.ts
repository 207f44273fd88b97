import { type ShownError, systemError, ThroughlineError } from '../../shared/errors.ts';

/** Whatever was thrown, as a person should read it. */
export function shownError(error: unknown): ShownError {
  if (error instanceof ThroughlineError) return { code: error.code, message: error.message, hint: error.hint };
  const known = systemError(error);
  if (known) return shownError(known);
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'internal', message: `Something went wrong: ${message}`, hint: 'Please report this.' };
}

export function isCancelled(error: unknown): boolean {
  return error instanceof ThroughlineError && error.code === 'cancelled';
}
