import { CommanderError } from 'commander';
import { CancelledError, ThroughlineError } from '../../shared/errors.ts';
import { exitCodeOf, InterruptedError } from './interrupt.ts';
import type { Terminal } from './terminal.ts';

/** What a command ends with: 0 done, 1 failed, 2 asked in a way it does not understand; or 128 and the signal that stopped it. */
export const exitCodes = { done: 0, failed: 1, usage: 2 } as const;

/** Tells a person what went wrong and what to do, without a stack trace unless `debug`; returns the exit code. */
export function reportFailure(error: unknown, terminal: Terminal, debug: boolean): number {
  // Commander has already said what it had to say.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  if (error instanceof InterruptedError) return error.exitCode;
  if (error instanceof CancelledError) return exitCodeOf('SIGINT');
  const known = error instanceof ThroughlineError;
  const message = error instanceof Error ? error.message : String(error);
  const hint = known ? error.hint : 'This is a fault of Throughline itself. THROUGHLINE_DEBUG=1 shows where.';
  terminal.err(`${terminal.paintErr('bad', 'Error:')} ${message}\n`);
  if (hint) terminal.err(`  ${hint}\n`);
  if (debug) terminal.err(`${inspectChain(error)}\n`);
  return exitCodes.failed;
}

function inspectChain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? `${error.stack}` : `${error.stack}\ncaused by ${inspectChain(error.cause)}`;
}
