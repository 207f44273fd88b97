/** What an interruption needs of a process; tests give an EventEmitter. */
export interface Interruptible {
  on(event: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
  off(event: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
}

/**
 * Ctrl+C and SIGTERM as a signal: the first asks the work to stop, the second calls `force`, which should not return.
 * `dispose` gives Ctrl+C back its usual meaning.
 */
export function onInterrupt(
  from: Interruptible,
  actions: { stopping: () => void; force: () => void },
): { readonly signal: AbortSignal; dispose(): void } {
  const controller = new AbortController();
  const listener = () => {
    if (controller.signal.aborted) {
      actions.force();
    } else {
      actions.stopping();
      controller.abort();
    }
  };
  from.on('SIGINT', listener);
  from.on('SIGTERM', listener);
  return {
    signal: controller.signal,
    dispose: () => {
      from.off('SIGINT', listener);
      from.off('SIGTERM', listener);
    },
  };
}
