/** Loaded into a host with `--import`: tells whoever started it, when asked, how long its event loop was held up. */
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** Between two looks at the loop, in milliseconds; a delay is counted from there. */
const resolution = 1;

export interface LoopDelay {
  /** Milliseconds, the resolution taken off. */
  readonly maxMs: number;
  readonly p99Ms: number;
}

// A host's own children inherit what it was started with, and have another use for their messages.
if (process.argv[1]?.endsWith('server.ts') && process.send) {
  const delay = monitorEventLoopDelay({ resolution });
  delay.enable();
  process.on('message', (message) => {
    if (message === 'reset') delay.reset();
    if (message !== 'delay') return;
    const milliseconds = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - resolution);
    const answer: LoopDelay = { maxMs: milliseconds(delay.max), p99Ms: milliseconds(delay.percentile(99)) };
    process.send?.(answer);
  });
}
