import { constants } from 'node:os';
import { CancelledError } from '../../shared/errors.ts';

/** What asks the work to stop: Ctrl+C, `kill`, a terminal that was closed. */
export const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
export type StopSignal = (typeof stopSignals)[number];

/** What an interruption needs of a process; tests give an EventEmitter. */
export interface Interruptible {
  on(event: StopSignal, listener: () => void): unknown;
  off(event: StopSignal, listener: () => void): unknown;
}

/** What a process that was stopped by a signal ends with, by custom: 130 for Ctrl+C. */
export function exitCodeOf(signal: StopSignal): number {
  return 128 + constants.signals[signal];
}

/** Work that a signal stopped. */
export class InterruptedError extends CancelledError {
  readonly exitCode: number;

  constructor(what: string, signal: StopSignal) {
    super(what);
    this.exitCode = exitCodeOf(signal);
  }
}

export interface Interruption {
  readonly signal: AbortSignal;
  /** What asked; null while nothing has. */
  readonly by: StopSignal | null;
  /** Gives Ctrl+C back its usual meaning. */
  dispose(): void;
}

/**
 * Signals as an AbortSignal: the first asks the work to stop, the second calls `force`, which should not return.
 */
export function onInterrupt(
  from: Interruptible,
  actions: { stopping: (by: StopSignal) => void; force: (by: StopSignal) => void },
): Interruption {
  const controller = new AbortController();
  let by: StopSignal | null = null;
  const listeners = stopSignals.map((name) => {
    const listener = () => {
      if (by !== null) return actions.force(name);
      by = name;
      actions.stopping(name);
      controller.abort();
    };
    from.on(name, listener);
    return { name, listener };
  });
  return {
    signal: controller.signal,
    get by() {
      return by;
    },
    dispose: () => {
      for (const { name, listener } of listeners) from.off(name, listener);
    },
  };
}
