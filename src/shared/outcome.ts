import { CancelledError, type ErrorCode, systemError, ThroughlineError } from './errors.ts';

/** An error as it crosses to another process or thread. */
export interface WireError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
  readonly stack?: string;
}
export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: WireError };

/** Does `work` and says how it went, in words that survive the way to another process. @param who `The engine` */
export async function outcomeOf<T>(who: string, work: () => Promise<T> | T): Promise<Outcome<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    const known =
      error instanceof ThroughlineError
        ? error
        : (systemError(error) ??
          new ThroughlineError(
            'internal',
            `${who} failed: ${error instanceof Error ? error.message : String(error)}.`,
            'Please report this.',
            { cause: error },
          ));
    const cause = known.cause instanceof Error ? `\ncaused by ${known.cause.stack ?? known.cause.message}` : '';
    return {
      ok: false,
      error: { code: known.code, message: known.message, hint: known.hint, stack: `${known.stack ?? ''}${cause}` },
    };
  }
}

/** The value of an outcome, or its error thrown as what it was. @param where `in the engine process` */
export function openOutcome<T>(outcome: Outcome<T>, where: string): T {
  if (outcome.ok) return outcome.value;
  const { code, message, hint, stack } = outcome.error;
  if (code === 'cancelled') throw new CancelledError(message.replace(/ was cancelled$/, ''));
  throw new ThroughlineError(code, message, hint, { cause: new Error(`${where}: ${stack ?? message}`) });
}
